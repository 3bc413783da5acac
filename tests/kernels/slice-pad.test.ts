// Slice and Pad against the reference: parts of channels, rows and columns, and values put around them.
import { product } from "./cases.ts";
import { grid } from "./check.ts";

const images = [
  [1, 1, 1, 1],
  [1, 5, 1, 7],
  [2, 8, 6, 5],
  [1, 13, 4, 4],
  [3, 6, 7, 3],
] as const;

/** Part of an axis: its start and end as fractions, and a step. */
const ranges = [
  [0, 1, 1],
  [0.3, 1, 1],
  [0, 0.7, 1],
  [0, 1, 2],
  [0.3, 0.9, 3],
] as const;

grid(
  "Slice",
  product({ dims: images, channel: ranges, row: ranges, column: ranges }),
  (builder, { dims, channel, row, column }) => {
    const starts = dims.map((dim, axis) => (axis === 0 ? 0 : Math.floor(dim * [channel, row, column][axis - 1][0])));
    const ends = dims.map((dim, axis) =>
      axis === 0 ? dim : Math.max(starts[axis] + 1, Math.floor(dim * [channel, row, column][axis - 1][1])),
    );
    const steps = [1, channel[2], row[2], column[2]];
    return builder.node("Slice", "slice", [builder.input("input", dims)], { starts, ends, steps });
  },
);

grid(
  "Slice of matrices and sequences",
  product({
    slice: [
      { dims: [2, 9], starts: [0, 1], ends: [2, 8], steps: [1, 1] },
      { dims: [2, 9], starts: [0, 4], ends: [2, 9], steps: [1, 2] },
      { dims: [9], starts: [3], ends: [9], steps: [2] },
      { dims: [2, 5, 7], starts: [0, 1, 2], ends: [2, 4, 7], steps: [1, 2, 1] },
      { dims: [1, 8, 7], starts: [0, 0, 1], ends: [1, 8, 6], steps: [1, 1, 3] },
    ],
  }),
  (builder, { slice: { dims, ...attributes } }) => builder.node("Slice", "slice", [builder.input("input", dims)], attributes),
);

/** Elements before and after on the three axes behind the batch; negative ones take some away. */
const pads = [
  [
    [0, 0, 0],
    [0, 0, 0],
  ],
  [
    [0, 1, 1],
    [0, 1, 1],
  ],
  [
    [0, 2, 0],
    [0, 0, 3],
  ],
  [
    [4, 0, 0],
    [4, 0, 0],
  ],
  [
    [1, 0, 0],
    [2, 0, 0],
  ],
  [
    [3, 1, 2],
    [5, 3, 1],
  ],
  [
    [0, -1, 0],
    [0, 2, 0],
  ],
  [
    [-2, 0, 1],
    [1, 0, -2],
  ],
  [
    [0, 20, 0],
    [0, 0, 20],
  ],
] as const;

grid(
  "Pad",
  product({ dims: images, pad: pads, value: [0, -1.5] }).filter(({ dims, pad: [before, after] }) =>
    before.every((count, i) => count + Math.min(after[i], 0) + dims[i + 1] > 0 && dims[i + 1] + after[i] + count > 0),
  ),
  (builder, { dims, pad: [before, after], value }) =>
    builder.node("Pad", "pad", [builder.input("input", dims)], { before: [0, ...before], after: [0, ...after], value }),
);

grid(
  "Pad of matrices and sequences",
  product({
    pad: [
      { dims: [2, 5], before: [0, 1], after: [0, 3] },
      { dims: [5], before: [2], after: [0] },
      { dims: [2, 5, 3], before: [0, 0, 2], after: [0, 0, 1] },
      { dims: [2, 5, 3], before: [0, 3, 0], after: [0, 2, 1] },
    ],
    value: [0, 7],
  }),
  (builder, { pad: { dims, before, after }, value }) =>
    builder.node("Pad", "pad", [builder.input("input", dims)], { before, after, value }),
);

// ResNet's shortcut without weights: every second pixel, and channels of zeros around.
grid(
  "a strided slice, padded channels, and an Add",
  product({
    batch: [1, 2],
    channels: [3, 4, 16],
    size: [
      [6, 6],
      [5, 7],
    ] as const,
  }),
  (builder, { batch, channels, size }) => {
    const x = builder.input("input", [batch, channels, ...size]);
    const main = builder.conv("conv", x, { outChannels: 2 * channels, kernel: 3, stride: 2, pad: 1 });
    const half = builder.node("Slice", "slice", [x], { starts: [0, 0, 0, 0], ends: [...x.dims], steps: [1, 1, 2, 2] });
    const front = channels >> 1;
    const wide = builder.node("Pad", "pad", [half], {
      before: [0, front, 0, 0],
      after: [0, channels - front, 0, 0],
      value: 0,
    });
    return builder.relu("relu", builder.add("add", main, wide));
  },
);
