// Experiments on the ideas that families stand for: each compares ways to build the same thing, measured in turn so that a
// shared machine treats them alike. An idea is a row of this table: a family that lands later adds its own.
import { architecture, presets } from "../../models/index.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph, Node, ValueInfo } from "../graph/graph.ts";

/** One way to build it. */
export interface Variant {
  readonly label: string;
  readonly graph: () => Graph;
  /** Published top-1 accuracy, in per cent, where the paper trained exactly this. */
  readonly top1?: number;
}

/** Ways to build one thing; the first is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly variants: readonly Variant[];
}

export interface Idea {
  readonly name: string;
  /** The question, as a heading. */
  readonly title: string;
  /** Where published accuracies come from. */
  readonly source?: string;
  readonly comparisons: readonly Comparison[];
}

/** A graph around a block: [1,channels,side,side] → what the block makes of it. */
function block(channels: number, side: number, build: (b: GraphBuilder, x: ValueInfo) => ValueInfo): () => Graph {
  return () => {
    const b = new GraphBuilder("block");
    return b.build({ output: build(b, b.input("input", [1, channels, side, side])) });
  };
}

const named = (label: string, name: string, top1?: number): Variant => ({ label, graph: () => architecture(name), top1 });

const full3x3 = (b: GraphBuilder, x: ValueInfo, outChannels: number) =>
  b.relu("relu", b.conv("full", x, { outChannels, kernel: 3, pad: 1 }));

function separable3x3(b: GraphBuilder, x: ValueInfo, outChannels: number): ValueInfo {
  const y = b.relu("relu0", b.conv("depthwise", x, { outChannels: x.dims[1], kernel: 3, pad: 1, group: x.dims[1] }));
  return b.relu("relu1", b.conv("pointwise", y, { outChannels, kernel: 1 }));
}

/** A fire module: squeeze to an eighth, expand half with 1×1 and half with 3×3. */
function fire(b: GraphBuilder, x: ValueInfo, outChannels: number): ValueInfo {
  const squeezed = b.relu("relu0", b.conv("squeeze", x, { outChannels: outChannels / 8, kernel: 1 }));
  const expand = (kernel: number) =>
    b.relu(`relu${kernel}`, b.conv(`expand${kernel}`, squeezed, { outChannels: outChannels / 2, kernel, pad: kernel >> 1 }));
  return b.concat("concat", [expand(1), expand(3)]);
}

/** A bottleneck of `cardinality` paths, each `width` channels wide, as the grouped convolution that they are equal to. */
function cardinal(b: GraphBuilder, x: ValueInfo, cardinality: number, width: number): ValueInfo {
  const inner = cardinality * width;
  let y = b.relu("relu1", b.conv("conv1", x, { outChannels: inner, kernel: 1 }));
  y = b.relu("relu2", b.conv("conv2", y, { outChannels: inner, kernel: 3, pad: 1, group: cardinality }));
  return b.relu("relu3", b.add("add", b.conv("conv3", y, { outChannels: x.dims[1], kernel: 1 }), x));
}

/**
 * The network with the channels of every Concat in another order: the newest stand in second place, so that no dense layer's
 * input is a part of the next one's, and each has to be put together anew.
 */
function scatterConcats(graph: Graph): Graph {
  const parts = new Map<string, readonly string[]>();
  const nodes = graph.nodes.map((node) => {
    if (node.op !== "Concat") return node;
    const [first, ...rest] = parts.get(node.inputs[0]) ?? [node.inputs[0]];
    const inputs = [first, ...node.inputs.slice(1), ...rest];
    parts.set(node.output, inputs);
    return { ...node, inputs };
  });
  return { ...graph, nodes };
}

/** The network without its residual additions: each block's result is that of its last convolution. */
function withoutShortcuts(graph: Graph): Graph {
  const carried = new Map<string, string>();
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const inputs = node.inputs.map((input) => carried.get(input) ?? input);
    if (node.op !== "Add") return [{ ...node, inputs }];
    carried.set(node.output, inputs[0]);
    return [];
  });
  // What only shortcuts read, such as their convolutions, goes with them.
  const read = new Set(graph.outputs.map(({ name }) => name));
  const live: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!read.has(node.output)) continue;
    for (const input of node.inputs) read.add(input);
    live.unshift(node);
  }
  return { ...graph, nodes: live, parameters: new Map([...graph.parameters].filter(([name]) => read.has(name))) };
}

export const ideas: readonly Idea[] = [
  {
    name: "separable",
    title: "Depthwise separation: what a 3×3 → depthwise separable swap saves",
    source: "arXiv:1704.04861, table 4",
    comparisons: [
      ...(
        [
          [112, 64],
          [56, 128],
          [28, 256],
          [14, 512],
          [7, 1024],
        ] as const
      ).map(([side, channels]) => ({
        title: `${side}²×${channels}`,
        variants: [
          { label: "3×3", graph: block(channels, side, (b, x) => full3x3(b, x, channels)) },
          { label: "depthwise 3×3, then 1×1", graph: block(channels, side, (b, x) => separable3x3(b, x, channels)) },
        ],
      })),
      {
        title: "MobileNet v1",
        variants: [
          named("all 3×3 full", "mobilenet_v1?separable=false", 71.7),
          named("depthwise separable", "mobilenet_v1", 70.6),
        ],
      },
    ],
  },
  {
    name: "squeeze",
    title: "Squeeze and expand: what fire modules save, and what their ratio costs",
    comparisons: [
      ...(
        [
          [55, 128],
          [27, 256],
          [13, 512],
        ] as const
      ).map(([side, channels]) => ({
        title: `${side}²×${channels}`,
        variants: [
          { label: "3×3", graph: block(channels, side, (b, x) => full3x3(b, x, channels)) },
          { label: "fire: squeeze 1/8, expand", graph: block(channels, side, (b, x) => fire(b, x, channels)) },
        ],
      })),
      {
        title: "squeeze ratio of SqueezeNet 1.1",
        variants: [0.125, 0.25, 0.5, 0.75, 1].map((ratio) => named(String(ratio), `squeezenet1_1?squeezeRatio=${ratio}`)),
      },
      {
        title: "part of 3×3 in its expand layers",
        variants: [0.5, 0.01, 0.25, 0.75, 0.99].map((part) => named(String(part), `squeezenet1_1?proportion3x3=${part}`)),
      },
    ],
  },
  {
    name: "concat",
    title: "Dense reuse: what concatenation costs when it is free, and when it is not",
    comparisons: ["densenet_bc_100_12_cifar", "densenet121"].map((name) => ({
      title: name,
      variants: [
        named("new channels last: placed", name),
        { label: "new channels in second place: every Concat copies", graph: () => scatterConcats(architecture(name)) },
      ],
    })),
  },
  {
    name: "multipliers",
    title: "Width and resolution: what α and ρ buy",
    source: "TensorFlow's mobilenet_v1.md",
    comparisons: [
      {
        title: "α, at 224²",
        variants: [
          named("1", "mobilenet_v1", 70.9),
          named("0.75", "mobilenet_v1_0.75_224", 68.4),
          named("0.5", "mobilenet_v1_0.5_224", 63.3),
          named("0.25", "mobilenet_v1_0.25_224", 49.8),
        ],
      },
      {
        title: "ρ, at α = 1",
        variants: [
          named("224²", "mobilenet_v1", 70.9),
          named("192²", "mobilenet_v1_1.0_192", 70),
          named("160²", "mobilenet_v1_1.0_160", 68),
          named("128²", "mobilenet_v1_1.0_128", 65.2),
        ],
      },
    ],
  },
  {
    name: "bypass",
    title: "Residual and bypass: what shortcuts cost",
    source: "SqueezeNet: arXiv:1602.07360, table 3; ResNet: arXiv:1512.03385, tables 2 and 3 (10 crops)",
    comparisons: [
      {
        title: "SqueezeNet 1.0",
        variants: [
          named("none", "squeezenet1_0", 57.5),
          named("simple bypass", "squeezenet1_0?bypass=simple", 60.4),
          named("complex bypass", "squeezenet1_0?bypass=complex", 58.8),
        ],
      },
      {
        title: "ResNet-34",
        variants: [
          { label: "plain", graph: () => withoutShortcuts(architecture("resnet34")), top1: 71.46 },
          named("shortcuts, B where channels change", "resnet34", 75.48),
          named("shortcuts, A where channels change", "resnet34?shortcut=A", 74.97),
        ],
      },
      {
        title: "depth in bottlenecks",
        variants: [named("ResNet-34, basic blocks", "resnet34"), named("ResNet-50, bottlenecks", "resnet50")],
      },
    ],
  },
  {
    name: "cardinality",
    title: "Cardinality: what many narrow paths cost at equal multiply-adds",
    source: "arXiv:1611.05431, table 3",
    comparisons: [
      ...[56, 14].map((side, i) => ({
        title: `bottleneck, ${side}²×${256 << (2 * i)}`,
        variants: (
          [
            [1, 64],
            [2, 40],
            [4, 24],
            [8, 14],
            [32, 4],
          ] as const
        ).map(([cardinality, width]) => ({
          label: `${cardinality} × ${width << (2 * i)}d`,
          graph: block(256 << (2 * i), side, (b, x) => cardinal(b, x, cardinality, width << (2 * i))),
        })),
      })),
      {
        title: "whole networks",
        variants: [
          named("ResNet-50 (1 × 64d)", "resnet50", 76.1),
          ...(Object.hasOwn(presets, "resnext50_32x4d") ? [named("ResNeXt-50 (32 × 4d)", "resnext50_32x4d", 77.8)] : []),
        ],
      },
    ],
  },
  {
    name: "scaling",
    title: "Compound scaling: depth, width and resolution, one at a time and together",
    source: "arXiv:1905.11946, tables 2 and 7",
    comparisons: [
      {
        title: "from B0 to four or five times the multiply-adds",
        variants: [
          named("B0", "efficientnet_b0", 77.3),
          named("depth × 4", "efficientnet_b0?depth=4", 79),
          named("width × 2", "efficientnet_b0?width=2", 78.9),
          named("resolution × 2", "efficientnet_b0?resolution=448", 79.1),
          named("depth × 1.4, width × 1.2, resolution × 1.3", "efficientnet_b0?depth=1.4&width=1.2&resolution=291", 81.1),
        ],
      },
    ],
  },
];
