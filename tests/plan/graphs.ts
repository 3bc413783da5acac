// Small graphs for tests of the plan: random ones from a seed, and one that uses every kernel.
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, Parameter, ValueInfo } from "../../src/graph/graph.ts";
import type { Activation } from "../../src/graph/operators.ts";
import { random, randomTensor } from "../random.ts";

/** The graph with random data in every parameter: in [0.5, 1.5) where a normalisation divides by it, else in [-0.5, 0.5). */
export function withData(graph: Graph, seed = 1): Graph {
  const positive = new Set(graph.nodes.flatMap((node) => (node.op === "BatchNormalization" ? [node.inputs[4]] : [])));
  const filled = [...graph.parameters].map(([name, parameter], i): [string, Parameter] => {
    const low = positive.has(name) ? 0.5 : -0.5;
    return [name, { ...parameter, data: parameter.data ?? randomTensor(parameter.dims, seed * 1000 + i, low, low + 1).data }];
  });
  return { ...graph, parameters: new Map(filled) };
}

const activations: readonly Activation[] = [
  { op: "Relu" },
  { op: "Clip", min: -0.25, max: 0.75 },
  { op: "LeakyRelu", alpha: 0.1 },
  { op: "Elu", alpha: 0.5 },
  { op: "Sigmoid" },
  { op: "HardSigmoid", alpha: 0.2, beta: 0.5 },
  { op: "HardSwish" },
  { op: "Swish" },
];

/**
 * A network of about a dozen random nodes: branches, shortcuts, concatenations of any channel counts, values used twice,
 * several outputs. The same seed gives the same graph.
 */
export function randomGraph(seed: number): Graph {
  const next = random(seed);
  const upTo = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)];
  const builder = new GraphBuilder(`random ${seed}`);
  const channels = () => pick([1, 2, 3, 4, 5, 6, 8, 8, 12]);
  const batch = pick([1, 1, 2]);
  const values = [builder.input("x", [batch, channels(), 3 + upTo(6), 3 + upTo(6)])];
  if (next() < 0.2) values.push(builder.input("x2", [batch, channels(), ...values[0].dims.slice(2)]));
  const sameSize = (a: ValueInfo) => values.filter((b) => b.dims[2] === a.dims[2] && b.dims[3] === a.dims[3]);
  const sameDims = (a: ValueInfo) => sameSize(a).filter((b) => b.dims[1] === a.dims[1]);

  const makers: ((name: string, x: ValueInfo) => ValueInfo)[] = [
    (name, x) => builder.conv(name, x, { outChannels: channels(), kernel: 1 }),
    (name, x) => builder.conv(name, x, { outChannels: channels(), kernel: 3, pad: 1, bias: next() < 0.5 }),
    (name, x) => builder.conv(name, x, { outChannels: x.dims[1], kernel: 3, pad: 1 }),
    (name, x) => builder.conv(name, x, { outChannels: channels(), kernel: [2, 3], stride: 2, pad: [1, 1, 0, 2] }),
    (name, x) => {
      const outChannels = x.dims[1] * (x.dims[1] > 8 ? 1 : pick([1, 1, 2]));
      return builder.conv(name, x, { outChannels, kernel: 3, pad: 1, group: x.dims[1] });
    },
    (name, x) => builder.conv(name, x, { outChannels: 8, kernel: 3, pad: 2, dilation: 2, group: x.dims[1] % 2 === 0 ? 2 : 1 }),
    (name, x) => builder.maxPool(name, x, { kernel: 3, stride: 2, pad: 1, ceilMode: next() < 0.5 }),
    (name, x) => builder.batchNorm(name, x),
    (name, x) => builder.activation(name, x, pick(activations)),
    (name, x) => builder.activation(name, x, pick(activations)),
    (name, x) => builder.add(name, x, pick(sameDims(x))),
    (name, x) => builder.add(name, x, builder.conv(`${name}/branch`, x, { outChannels: x.dims[1], kernel: 3, pad: 1 })),
    (name, x) => builder.node("Mul", name, [x, builder.globalAveragePool(`${name}/gate`, x)], {}),
    (name, x) => builder.node("Mul", name, [x, builder.parameter(`${name}.scale`, [1, x.dims[1], 1, 1])], {}),
    (name, x) =>
      builder.concat(
        name,
        Array.from({ length: 2 + upTo(2) }, () => pick(sameSize(x))),
      ),
    (name, x) => builder.concat(name, [x, pick(sameSize(x))]),
    (name, x) => builder.node("Softmax", name, [x], { axis: 1 + upTo(3) }),
    (name, x) => builder.node("Pad", name, [x], { before: [0, upTo(3), 0, 1], after: [0, upTo(2), 1, 0], value: pick([0, 0.5]) }),
    (name, x) => builder.channelShuffle(name, x, pick([1, 2, 3, 4].filter((group) => x.dims[1] % group === 0))),
    (name, x) => builder.sliceChannels(name, x, x.dims[1] > 4 ? pick([0, 1, 4]) : 0, x.dims[1]),
    (name, x) => {
      const shuffled = builder.channelShuffle(`${name}/shuffle`, x, x.dims[1] % 2 === 0 ? 2 : 1);
      const half = Math.ceil(x.dims[1] / 2);
      const front = builder.sliceChannels(`${name}/front`, shuffled, 0, half);
      return builder.concat(name, [builder.relu(`${name}/relu`, front), front]);
    },
    (name, x) =>
      builder.node("Slice", name, [x], {
        starts: [0, x.dims[1] > 2 ? 1 : 0, 0, 0],
        ends: [...x.dims],
        steps: [1, 1, pick([1, 2]), 1],
      }),
  ];
  for (let i = 0; i < 12; ++i) {
    // Mostly the latest values, so that the network gets deep and early ones die.
    const x = next() < 0.7 ? values[values.length - 1] : pick(values);
    if (x.dims[1] > 32) values.push(builder.conv(`n${i}`, x, { outChannels: 4, kernel: 1 }));
    else values.push(pick(makers)(`n${i}`, x));
  }
  const last = values[values.length - 1];
  const outputs: Record<string, ValueInfo> = { y: last };
  if (next() < 0.3) outputs.early = pick(values);
  if (next() < 0.5) outputs.classes = builder.linear("fc", builder.flatten("flat", last), 5);
  return withData(builder.build(outputs), seed);
}

/** A network of one step for each kernel that "nchw" ports reach, with a batch of two. */
export function everyKernel(): Graph {
  const builder = new GraphBuilder("every kernel");
  const x = builder.input("x", [2, 6, 7, 6]);
  const stem = builder.conv("stem", x, { outChannels: 8, kernel: 3, pad: 1, bias: true });
  const depthwise = builder.conv("depthwise", stem, { outChannels: 8, kernel: 3, pad: 1, group: 8 });
  const grouped = builder.conv("grouped", depthwise, { outChannels: 8, kernel: 3, pad: 1, group: 2 });
  const sum = builder.add("sum", builder.conv("pointwise", grouped, { outChannels: 8, kernel: 1 }), stem);
  const leaky = builder.activation("leaky", builder.maxPool("max", sum, { kernel: 2, stride: 2 }), {
    op: "LeakyRelu",
    alpha: 0.1,
  });
  const local = builder.node("LRN", "local", [leaky], { alpha: 1e-2, beta: 0.75, bias: 1, size: 5 });
  const normalised = builder.batchNorm("norm", local);
  const swish = builder.activation("swish", normalised, { op: "Swish" });
  const average = builder.node("AveragePool", "average", [swish], {
    kernelShape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    dilations: [1, 1],
    ceilMode: false,
    countIncludePad: true,
  });
  const general = builder.conv("general", average, { outChannels: 8, kernel: 2, pad: [1, 0, 0, 1], group: 2 });
  const shifted = builder.add("shifted", general, swish);
  const gated = builder.node("Mul", "gate", [shifted, builder.globalAveragePool("pool", swish)], {});
  const enlarged = builder.node("Resize", "resize", [gated], {
    mode: "linear",
    coordinateTransformation: "half_pixel",
    nearestMode: "floor",
    sizes: [8, 12],
  });
  // Large enough for Strassen's algorithm.
  const wide = builder.conv("wide", enlarged, { outChannels: 160, kernel: 1 });
  const slim = builder.conv("slim", builder.conv("strassen", wide, { outChannels: 160, kernel: 1 }), {
    outChannels: 4,
    kernel: 1,
  });
  const shuffled = builder.channelShuffle("shuffle", builder.sliceChannels("channels", gated, 1, 7), 3);
  const padded = builder.node("Pad", "pad", [gated], { before: [0, 0, 1, 0], after: [0, 0, 0, 1], value: 0.5 });
  const sliced = builder.node("Slice", "slice", [padded], { starts: [0, 1, 0, 1], ends: [2, 7, 3, 4], steps: [1, 1, 1, 1] });
  const joined = builder.concat("joined", [sliced, shuffled, gated, builder.parameter("constant", [2, 3, 3, 3])]);
  const soft = builder.node("Softmax", "soft", [joined], { axis: 1 });
  const tall = builder.conv("tall", soft, { outChannels: 12, kernel: 3 });
  const shortcut = builder.activation("squash", builder.conv("narrow", tall, { outChannels: 12, kernel: 1 }), { op: "Sigmoid" });
  const logits = builder.linear("fc", builder.flatten("flat", builder.add("both", shortcut, tall)), 10);
  return withData(builder.build({ y: logits, image: soft, slim }));
}
