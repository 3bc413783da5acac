// Pooling against the reference: maxima and means of windows that overlap, stick out, or lie partly in the padding.
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { Pads, Pair } from "../../src/graph/operators.ts";
import { oddChannels, product, sample } from "./cases.ts";
import { grid } from "./check.ts";

interface Case {
  readonly op: "MaxPool" | "AveragePool";
  readonly batch: number;
  readonly channels: number;
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pads;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
}

function pool(builder: GraphBuilder, one: Case): ValueInfo {
  const { op, batch, channels, size, kernel, stride, pad, dilation, ceilMode, countIncludePad } = one;
  const x = builder.input("input", [batch, channels, ...size]);
  const attributes = { kernelShape: kernel, strides: stride, pads: pad, dilations: dilation, ceilMode };
  return op === "MaxPool"
    ? builder.node("MaxPool", "pool", [x], attributes)
    : builder.node("AveragePool", "pool", [x], { ...attributes, countIncludePad });
}

/** Windows fit, and pads are smaller than they are: what shape inference asks for. */
function fits({ size, kernel, pad, dilation }: Case): boolean {
  return [0, 1].every((axis) => {
    const extent = dilation[axis] * (kernel[axis] - 1) + 1;
    return pad[axis] < extent && pad[axis + 2] < extent && size[axis] + pad[axis] + pad[axis + 2] >= extent;
  });
}

/** With dilation, a window can jump over a small image, and hold none of its pixels. */
const holdsPixels = (one: Case) => one.dilation.every((dilation, axis) => dilation === 1 || one.size[axis] >= 8);

for (const op of ["MaxPool", "AveragePool"] as const) {
  grid(
    op,
    sample<{ [Key in keyof Case]: readonly Case[Key][] }>(
      900,
      op.length,
      {
        op: [op],
        batch: [1, 1, 3],
        channels: oddChannels,
        size: [
          [1, 1],
          [1, 6],
          [7, 1],
          [3, 3],
          [5, 4],
          [8, 9],
          [13, 13],
        ],
        kernel: [
          [1, 1],
          [2, 2],
          [3, 3],
          [5, 5],
          [7, 7],
          [1, 4],
          [3, 1],
          [2, 3],
        ],
        stride: [
          [1, 1],
          [2, 2],
          [3, 3],
          [1, 2],
          [5, 1],
        ],
        pad: [
          [0, 0, 0, 0],
          [1, 1, 1, 1],
          [0, 0, 1, 1],
          [1, 0, 0, 2],
          [0, 2, 1, 0],
          [2, 2, 2, 2],
          [6, 6, 6, 6],
        ],
        dilation: [
          [1, 1],
          [1, 1],
          [2, 2],
          [1, 2],
        ],
        ceilMode: [false, true],
        countIncludePad: [false, true],
      },
      (one) => fits(one) && holdsPixels(one),
    ),
    pool,
  );
}

// Infinities must not come from the padding: every value is below what a pool might start with.
grid(
  "MaxPool of negative numbers",
  product({ channels: [1, 4, 6], ceilMode: [false, true], pad: [0, 1] }),
  (builder, { channels, ceilMode, pad }) =>
    builder.maxPool("pool", builder.input("input", [1, channels, 6, 7]), { kernel: 3, stride: 2, pad, ceilMode }),
  { range: () => [-1e6, -1e5] },
);

grid(
  "GlobalAveragePool",
  product({
    batch: [1, 3],
    channels: oddChannels,
    size: [
      [1, 1],
      [1, 2],
      [1, 7],
      [5, 1],
      [3, 3],
      [2, 8],
      [13, 13],
      [31, 17],
    ] as const,
  }),
  (builder, { batch, channels, size }) => builder.globalAveragePool("pool", builder.input("input", [batch, channels, ...size])),
);
