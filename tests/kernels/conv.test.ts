// Convolutions against the reference: one pixel, pointwise, and general ones of any window and group count.
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { Activation, Pads, Pair } from "../../src/graph/operators.ts";
import { isStrassen } from "../../src/plan/strassen.ts";
import { oddChannels, product, sample } from "./cases.ts";
import { grid } from "./check.ts";

interface Case {
  readonly batch: number;
  readonly channels: number;
  readonly outChannels: number;
  readonly size: Pair;
  readonly kernel?: Pair;
  readonly stride?: Pair;
  readonly pad?: Pads;
  readonly dilation?: Pair;
  readonly group?: number;
  readonly bias?: boolean;
}

function conv(builder: GraphBuilder, { batch, channels, size, kernel = [1, 1], ...options }: Case): ValueInfo {
  return builder.conv("conv", builder.input("input", [batch, channels, ...size]), { kernel, ...options });
}

/** Whether at least one window fits into the padded image. */
function fits({ size, kernel, pad, dilation }: Required<Pick<Case, "size" | "kernel" | "pad" | "dilation">>): boolean {
  return [0, 1].every((axis) => size[axis] + pad[axis] + pad[axis + 2] >= dilation[axis] * (kernel[axis] - 1) + 1);
}

const sizes: readonly Pair[] = [
  [1, 1],
  [1, 5],
  [3, 3],
  [4, 8],
];

const kernels: readonly Pair[] = [...[1, 2, 3, 4, 5, 6, 7].map((n) => [n, n] as const), [1, 3], [3, 1], [1, 7], [7, 1], [2, 5]];

const strides: readonly Pair[] = [
  [1, 1],
  [2, 2],
  [3, 3],
  [1, 2],
  [2, 1],
  [5, 4],
];

/** The last two are larger than most of the images, so that whole windows hold nothing but padding. */
const pads: readonly Pads[] = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [2, 2, 3, 3],
  [0, 1, 2, 3],
  [0, 0, 1, 1],
  [3, 0, 0, 0],
  [9, 8, 7, 10],
  [0, 12, 0, 0],
];

const dilations: readonly Pair[] = [
  [1, 1],
  [1, 1],
  [2, 2],
  [3, 1],
  [1, 2],
];

grid("pointwise", product({ batch: [1, 3], channels: oddChannels, outChannels: oddChannels, size: sizes, bias: [true] }), conv);

grid(
  "pointwise without bias",
  product({ batch: [1, 3], channels: [3, 8], outChannels: [5, 12], size: sizes, bias: [false] }),
  conv,
);

grid(
  "pointwise with stride and pads",
  product({
    batch: [1, 3],
    channels: [4, 7],
    outChannels: [3, 8],
    size: [...sizes, [9, 7]] as const,
    stride: strides.slice(0, 4),
    pad: pads.slice(0, 4),
  }),
  conv,
);

grid(
  "windows of every size, stride, pad and dilation",
  sample(
    1500,
    1,
    {
      batch: [1, 1, 3],
      channels: oddChannels,
      outChannels: oddChannels,
      size: [...sizes, [6, 5], [9, 10], [1, 11], [8, 1]] as const,
      kernel: kernels,
      stride: strides,
      pad: pads,
      dilation: dilations,
      bias: [true, true, false],
    },
    fits,
  ),
  conv,
);

// Images of more pixels than are gathered at a time.
grid(
  "windows on larger images",
  sample(
    24,
    2,
    {
      batch: [1, 2],
      channels: [3, 8, 17],
      outChannels: [5, 8],
      size: [
        [20, 19],
        [31, 16],
        [1, 300],
      ] as const,
      kernel: [
        [3, 3],
        [7, 7],
        [1, 7],
        [5, 5],
      ] as const,
      stride: strides.slice(0, 3),
      pad: pads.slice(0, 4),
      dilation: dilations,
    },
    fits,
  ),
  conv,
);

/** With the channels of all groups for those of one. */
function ofGroups<C extends { group: number; inputs: number; outputs: number }>({ inputs, outputs, ...rest }: C) {
  return { ...rest, channels: inputs * rest.group, outChannels: outputs * rest.group };
}

/** Of 1×1 and 3×3 windows, so that the image stays as large. */
const samePads = ({ kernel }: { kernel: Pair }): Pads => (kernel[0] === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0]);

// Group sizes that fill blocks of four, that fill them only several groups together, and that never do.
grid(
  "groups",
  product({
    batch: [1, 3],
    group: [2, 3, 4, 5, 6, 8],
    inputs: [1, 2, 3, 4, 8],
    outputs: [1, 2, 4, 5],
    size: [
      [1, 1],
      [5, 3],
    ] as const,
    kernel: [
      [1, 1],
      [3, 3],
    ] as const,
  })
    .filter(({ inputs, outputs }) => inputs > 1 || outputs > 1)
    .map((one) => ({ ...ofGroups(one), pad: samePads(one) })),
  conv,
);

// Groups wide enough for matrices of their own, which overlap at the planes that two groups share.
grid(
  "wide groups across planes",
  product({
    batch: [1, 2],
    group: [2, 3, 4],
    inputs: [10, 16, 17, 25],
    outputs: [5, 17, 20, 26],
    size: [
      [1, 1],
      [5, 3],
      [11, 8],
    ] as const,
    kernel: [
      [1, 1],
      [3, 3],
    ] as const,
  }).map((one) => ({ ...ofGroups(one), pad: samePads(one) })),
  conv,
);

grid(
  "groups with windows of every size, stride, pad and dilation",
  sample(
    300,
    3,
    {
      batch: [1, 2],
      group: [2, 3, 4, 7, 16],
      inputs: [1, 2, 3, 4],
      outputs: [1, 2, 4, 5],
      size: [...sizes, [6, 5]] as const,
      kernel: kernels,
      stride: strides,
      pad: pads,
      dilation: dilations,
    },
    (one) => fits(one) && one.inputs * one.outputs > 1,
  ).map(ofGroups),
  conv,
);

// Images and channel counts large enough for Winograd's convolution, in all its forms.
grid(
  "windows of Winograd's convolution",
  sample(
    600,
    4,
    {
      batch: [1, 2],
      channels: [1, 3, 4, 7, 8, 16, 20],
      outChannels: [8, 13, 20, 32],
      size: [
        [4, 4],
        [12, 13],
        [10, 20],
        [25, 16],
      ] as const,
      kernel: [
        [2, 2],
        [3, 3],
        [3, 4],
        [4, 4],
        [5, 5],
        [6, 6],
        [7, 7],
        [7, 8],
        [11, 11],
      ] as const,
      stride: [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ] as const,
      pad: pads.slice(0, 4),
      dilation: [[1, 1]] as const,
      bias: [true, false],
    },
    ({ kernel: [height, width], stride: [stride], ...rest }) => {
      const taps = Math.ceil(height / stride);
      return fits({ kernel: [height, width], ...rest }) && taps >= 2 && taps <= 5 && Math.ceil(width / stride) === taps;
    },
  ),
  conv,
);

// Those whose weights a run transforms itself: whole panels and others, grouped, in one strip of tiles and in several.
grid(
  "windows of Winograd's convolution with little memory",
  sample(
    240,
    6,
    {
      batch: [1, 2],
      group: [1, 1, 2, 3],
      inputs: [1, 3, 4, 7, 8, 17],
      outputs: [4, 5, 8, 13, 20, 32],
      size: [
        [7, 7],
        [12, 13],
        [10, 20],
        [29, 30],
      ] as const,
      kernel: [[3, 3]] as const,
      pad: pads.slice(0, 4),
      dilation: [[1, 1]] as const,
      bias: [true, false],
    },
    fits,
  ).map(ofGroups),
  conv,
  { memory: "small" },
);

// What transforming one layer's weights leaves behind must not get into the next one's.
grid(
  "Winograd's convolutions of different windows behind one another",
  product({
    kernels: [
      [5, 3],
      [5, 4, 3],
      [3, 4, 5],
    ],
  }),
  (builder, { kernels }) =>
    kernels.reduce(
      (x, kernel, i) => builder.conv(`conv${i}`, x, { outChannels: 16, kernel, pad: kernel >> 1 }),
      builder.input("input", [1, 16, 10, 9]),
    ),
);

// Images and channel counts large enough for Strassen's algorithm, strided and with halves of a strip that differ.
grid(
  "pointwise convolutions by Strassen's algorithm",
  sample(
    40,
    5,
    {
      batch: [1, 2],
      channels: [168, 256],
      outChannels: [160, 168, 171, 200],
      size: [
        [10, 10],
        [13, 15],
        [1, 107],
        [27, 25],
      ] as const,
      stride: [
        [1, 1],
        [1, 2],
      ] as const,
      bias: [true, false],
    },
    ({ channels, outChannels, size: [height, width], stride: [, across] }) =>
      isStrassen(channels, outChannels, height * Math.ceil(width / across)),
  ),
  conv,
);

// The same for windows of more than a pixel, dilated or not as high as wide, for which there is no Winograd's.
grid(
  "windows by Strassen's algorithm",
  sample(
    40,
    6,
    {
      batch: [1, 2],
      channels: [32, 44],
      outChannels: [128, 139],
      size: [
        [24, 33],
        [29, 30],
      ] as const,
      kernel: [
        [3, 3],
        [2, 4],
        [5, 3],
      ] as const,
      stride: [
        [1, 1],
        [2, 2],
      ] as const,
      dilation: [
        [1, 1],
        [2, 3],
      ] as const,
      pad: [
        [0, 0, 0, 0],
        [1, 2, 0, 1],
      ] as const,
      bias: [true, false],
    },
    ({ channels, outChannels, size, kernel, stride, dilation, pad }) => {
      const reach = [0, 1].map((axis) => size[axis] + pad[axis] + pad[axis + 2] - dilation[axis] * (kernel[axis] - 1) - 1);
      const pixels = reach.map((length, axis) => Math.floor(length / stride[axis]) + 1).reduce((a, b) => a * b);
      const isWinograd = kernel[0] === kernel[1] && dilation[0] === 1;
      return !isWinograd && isStrassen(kernel[0] * kernel[1] * channels, outChannels, pixels);
    },
  ),
  conv,
);

// Windows that see so much that their sums are computed a part at a time for all output channels, and weights so large that strips are
// long.
grid(
  "long sums by parts",
  product({
    outChannels: [152, 155, 159],
    size: [
      [8, 9],
      [12, 13],
    ] as const,
    residual: [false, true],
    activation: [{ op: "Clip", min: 0, max: 6 }, { op: "Swish" }] as const satisfies readonly Activation[],
  }),
  (builder, { outChannels, size, residual, activation }) => {
    const x = builder.input("input", [1, 152, ...size]);
    const y = builder.conv("conv", x, { outChannels, kernel: [3, 4], pad: [1, 1, 1, 2] });
    const sum = residual ? builder.add("sum", y, builder.input("other", y.dims)) : y;
    return builder.activation("activation", sum, activation);
  },
);
