// The layers that the kernels are timed on: those that cost most in the networks the bench runs, and sizes that leave
// something over: pixels that are no multiple of a tile, channels that are no multiple of four.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";

export interface Layer {
  readonly group: string;
  /** As people write it: 56²×64 → 128. */
  readonly name: string;
  /** A graph of one node. */
  readonly graph: Graph;
}

/** A layer of one node, which computes `y` of an input of those dims. */
export function layerOf(
  group: string,
  name: string,
  dims: readonly number[],
  node: (b: GraphBuilder, x: ValueInfo) => ValueInfo,
): Layer {
  const builder = new GraphBuilder(`${group} ${name}`);
  return { group, name, graph: builder.build({ y: node(builder, builder.input("x", dims)) }) };
}

interface Window {
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
}

/** [side, input channels, output channels] */
type Size = readonly [side: number, from: number, to: number];

const convolutions = (group: string, { kernel, stride = 1, pad = (kernel - 1) >> 1 }: Window, ...sizes: Size[]): Layer[] =>
  sizes.map(([side, from, to]) =>
    layerOf(group, `${side}²×${from} → ${to}`, [1, from, side, side], (b, x) =>
      b.conv("conv", x, { outChannels: to, kernel, stride, pad }),
    ),
  );

const depthwise = (
  group: string,
  { kernel, stride = 1 }: Window,
  ...sizes: (readonly [side: number, channels: number])[]
): Layer[] =>
  sizes.map(([side, channels]) =>
    layerOf(group, `${side}²×${channels}`, [1, channels, side, side], (b, x) =>
      b.conv("conv", x, { outChannels: channels, kernel, stride, pad: kernel >> 1, group: channels }),
    ),
  );

const dense = (...sizes: (readonly [from: number, to: number])[]): Layer[] =>
  sizes.map(([from, to]) => layerOf("fully connected", `${from} → ${to}`, [1, from], (b, x) => b.linear("linear", x, to)));

const pools = (
  group: string,
  op: "maxPool" | "averagePool",
  { kernel, stride = 1, pad = 0 }: Window,
  ...sizes: (readonly [number, number])[]
) =>
  sizes.map(([side, channels]) =>
    layerOf(group, `${side}²×${channels}`, [1, channels, side, side], (b, x) => b[op]("pool", x, { kernel, stride, pad })),
  );

const globalPools = (...sizes: (readonly [side: number, channels: number])[]): Layer[] =>
  sizes.map(([side, channels]) =>
    layerOf("global average pool", `${side}²×${channels}`, [1, channels, side, side], (b, x) => b.globalAveragePool("pool", x)),
  );

/** Square images whose number of pixels is odd, and channels that are no multiple of four. */
const sides = [7, 13, 14, 27, 55];
const channels = [3, 10, 17, 1000, 1001];

export const layers: readonly Layer[] = [
  ...convolutions("1×1", { kernel: 1 }, [112, 32, 64], [56, 128, 128], [28, 256, 256], [14, 512, 512], [7, 1024, 1024]),
  ...convolutions("1×1", { kernel: 1 }, [55, 128, 16], [55, 16, 64], [27, 256, 32], [13, 64, 256], [13, 512, 1000]),
  ...convolutions(
    "1×1",
    { kernel: 1 },
    [56, 64, 256],
    [56, 256, 64],
    [28, 512, 128],
    [14, 1024, 256],
    [56, 24, 144],
    [14, 96, 576],
    [7, 320, 1280],
  ),
  ...convolutions("1×1, sides", { kernel: 1 }, ...sides.map((side): Size => [side, 64, 64])),
  ...convolutions("1×1, channels in", { kernel: 1 }, ...channels.map((from): Size => [14, from, 64])),
  ...convolutions("1×1, channels out", { kernel: 1 }, ...channels.map((to): Size => [14, 64, to])),
  ...convolutions(
    "3×3",
    { kernel: 3 },
    [224, 64, 64],
    [112, 128, 128],
    [56, 64, 64],
    [28, 128, 128],
    [14, 256, 256],
    [7, 512, 512],
  ),
  ...convolutions("3×3", { kernel: 3 }, [55, 16, 64], [27, 32, 128], [13, 64, 256], [28, 128, 32], [56, 64, 192]),
  ...convolutions("3×3, sides", { kernel: 3 }, ...sides.map((side): Size => [side, 64, 64])),
  ...convolutions("3×3, channels in", { kernel: 3 }, ...channels.map((from): Size => [14, from, 64])),
  ...convolutions("3×3, channels out", { kernel: 3 }, ...channels.map((to): Size => [14, 64, to])),
  ...convolutions("3×3 stride 2", { kernel: 3, stride: 2 }, [56, 64, 128], [28, 128, 256], [14, 256, 512]),
  ...convolutions("3×3 stride 2, stem", { kernel: 3, stride: 2 }, [224, 3, 32], [224, 3, 64]),
  ...convolutions("5×5", { kernel: 5 }, [28, 32, 96], [27, 64, 192]),
  ...convolutions("7×7 stride 2, stem", { kernel: 7, stride: 2 }, [224, 3, 64], [224, 3, 96]),
  ...convolutions("11×11 stride 4, stem", { kernel: 11, stride: 4, pad: 2 }, [224, 3, 64]),
  ...depthwise("depthwise 3×3", { kernel: 3 }, [112, 32], [56, 128], [28, 256], [14, 512], [7, 1024], [13, 17], [27, 10]),
  ...depthwise("depthwise 3×3 stride 2", { kernel: 3, stride: 2 }, [112, 64], [56, 128], [28, 256], [14, 512]),
  ...depthwise("depthwise 5×5", { kernel: 5 }, [28, 240], [14, 480], [7, 1152]),
  ...depthwise("depthwise 5×5 stride 2", { kernel: 5, stride: 2 }, [56, 144], [14, 672]),
  ...dense([1024, 1000], [1024, 1001], [2048, 1000], [512, 10], [64, 17], [4096, 4096], [9216, 4096]),
  ...pools("max pool 3×3 stride 2", "maxPool", { kernel: 3, stride: 2 }, [111, 64], [55, 128], [27, 256]),
  ...pools("max pool 2×2 stride 2", "maxPool", { kernel: 2, stride: 2 }, [224, 64], [28, 512]),
  ...pools("max pool 3×3", "maxPool", { kernel: 3, pad: 1 }, [28, 256]),
  ...pools("max pool 5×5", "maxPool", { kernel: 5, pad: 2 }, [20, 256]),
  ...pools("average pool 3×3", "averagePool", { kernel: 3, pad: 1 }, [28, 256]),
  ...pools("average pool 2×2 stride 2", "averagePool", { kernel: 2, stride: 2 }, [56, 128], [14, 512]),
  ...globalPools([13, 1000], [7, 1024], [7, 1001]),
];
