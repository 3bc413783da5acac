// Concatenation of channels against the reference: as slices of one tensor where channels are whole blocks of four, by
// copying where they are not, and where values have other uses beside.
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import { product } from "./cases.ts";
import { grid } from "./check.ts";

const parts = [
  [4, 4],
  [8, 4, 16],
  [3, 5],
  [1, 1, 1],
  [4, 3],
  [3, 4],
  [5, 8, 3],
  [7, 13, 17, 2],
  [12, 1, 4, 1, 8],
  [2, 2, 4, 3, 1],
] as const;

const sizes = [
  [1, 1],
  [1, 3],
  [3, 3],
  [5, 4],
] as const;

grid("Concat of inputs", product({ batch: [1, 3], parts, size: sizes }), (builder, { batch, parts, size }) =>
  builder.concat(
    "concat",
    parts.map((channels, i) => builder.input(`input${i}`, [batch, channels, ...size])),
  ),
);

grid(
  "Concat of matrices and sequences",
  product({ batch: [1, 3], parts, rest: [[], [5]] as const }),
  (builder, { batch, parts, rest }) =>
    builder.concat(
      "concat",
      parts.map((channels, i) => builder.input(`input${i}`, [batch, channels, ...rest])),
    ),
);

/** A value of so many channels, computed by one of several kernels. */
function branch(builder: GraphBuilder, name: string, x: ValueInfo, outChannels: number, kind: number): ValueInfo {
  const reduced = builder.conv(`${name}.reduce`, x, { outChannels, kernel: 1 });
  switch (kind % 4) {
    case 0:
      return reduced;
    case 1:
      return builder.relu(`${name}.relu`, builder.conv(`${name}.conv`, reduced, { outChannels, kernel: 3, pad: 1 }));
    case 2:
      return builder.maxPool(`${name}.pool`, reduced, { kernel: 3, pad: 1 });
    default:
      return builder.activation(`${name}.sigmoid`, reduced, { op: "Sigmoid" });
  }
}

grid(
  "Concat of computed values, read by a convolution",
  product({ batch: [1, 3], parts, size: sizes }),
  (builder, { batch, parts, size }) => {
    const x = builder.input("input", [batch, 6, ...size]);
    const joined = builder.concat(
      "concat",
      parts.map((channels, i) => branch(builder, `branch${i}`, x, channels, i)),
    );
    return builder.conv("conv", joined, { outChannels: 5, kernel: 3, pad: 1 });
  },
);

grid(
  "a value joined twice, in two tensors, and read after that",
  product({
    batch: [1, 2],
    channels: [
      [4, 8],
      [3, 5],
      [4, 3],
      [8, 1],
    ] as const,
    size: sizes,
  }),
  (builder, { batch, channels, size }) => {
    const x = builder.input("input", [batch, 5, ...size]);
    const [a, b] = channels.map((count, i) => branch(builder, `branch${i}`, x, count, i));
    return {
      twice: builder.concat("aba", [a, b, a]),
      reversed: builder.concat("ba", [b, a]),
      nested: builder.concat("abaa", [builder.concat("ab", [a, b]), builder.concat("aa", [a, a])]),
      after: builder.activation("after", a, { op: "HardSwish" }),
      whole: b,
    };
  },
);

grid(
  "a dense block, each layer reading all before it",
  product({
    batch: [1, 2],
    stem: [4, 6, 8],
    growth: [1, 3, 4, 12],
    size: [
      [1, 1],
      [4, 5],
    ] as const,
  }),
  (builder, { batch, stem, growth, size }) => {
    const features = [builder.input("input", [batch, stem, ...size])];
    for (let i = 0; i < 4; ++i) {
      const joined = i === 0 ? features[0] : builder.concat(`concat${i}`, features);
      const normed = builder.relu(`relu${i}`, builder.batchNorm(`norm${i}`, joined));
      features.push(builder.conv(`conv${i}`, normed, { outChannels: growth, kernel: 3, pad: 1 }));
    }
    return builder.concat("last", features);
  },
);
