// Random networks from a seed: a few values, each the result of some operator on earlier ones, so that values are read
// once, many times, or never, and convolutions, normalisations, activations, sums and concatenations meet in all orders.
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { formatDims } from "../../src/tensor.ts";
import { activations } from "../kernels/activations.ts";
import { withParameters } from "../kernels/check.ts";
import { random } from "../random.ts";

type Make = (name: string, x: ValueInfo) => ValueInfo | undefined;

/** The same graph for the same seed, with data in its parameters. */
export function randomGraph(seed: number): Graph {
  const next = random(seed);
  const below = (count: number) => Math.floor(next() * count);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)];
  const chance = (probability: number) => next() < probability;

  const b = new GraphBuilder(`random${seed}`);
  const values = Array.from({ length: 1 + below(2) }, (_, i) =>
    b.input(`input${i}`, [1 + below(2), 1 + below(9), 1 + below(7), 1 + below(7)]),
  );
  const sameDims = (x: ValueInfo) => values.filter(({ dims }) => formatDims(dims) === formatDims(x.dims));
  const joinable = (x: ValueInfo) => values.filter(({ dims }) => [0, 2, 3].every((axis) => dims[axis] === x.dims[axis]));

  const conv: Make = (name, x) => {
    const channels = x.dims[1];
    const group = pick([1, 1, 1, channels, 2].filter((count) => channels % count === 0));
    const kernel = pick([1, 1, 3, 3, 5]);
    const wide = group > 1 ? group * (1 + below(2)) : pick([channels, channels, 1 + below(12)]);
    const stride = kernel > 1 && chance(0.2) ? 2 : 1;
    return b.conv(name, x, { outChannels: wide, kernel, pad: kernel >> 1, group, stride, bias: chance(0.7) });
  };
  const binary =
    (op: "Add" | "Sub" | "Mul"): Make =>
    (name, x) => {
      const other = pick([
        ...sameDims(x),
        ...values.filter(({ dims }) => formatDims(dims) === `[${x.dims[0]},${x.dims[1]},1,1]`),
      ]);
      return b.node(op, name, chance(0.5) ? [x, other] : [other, x], {});
    };
  /** Every kernel's residual: x plus a convolution that keeps its dims. */
  const residual: Make = (name, x) => {
    const kernel = pick([1, 3, 5]);
    const group = pick([1, x.dims[1]]);
    const y = b.conv(`${name}.conv`, x, { outChannels: x.dims[1], kernel, pad: kernel >> 1, group });
    return b.add(name, y, pick([x, ...sameDims(x)]));
  };
  const gated: Make = (name, x) => {
    const gate = pick([{ op: "Sigmoid" }, { op: "HardSigmoid", alpha: 1 / 6, beta: 0.5 }, { op: "Relu" }] as const);
    const values = [x, b.activation(`${name}.gate`, x, gate)];
    return b.node("Mul", name, chance(0.5) ? values : values.reverse(), {});
  };
  const window = (x: ValueInfo) => ({
    kernelShape: [Math.min(3, x.dims[2]), Math.min(3, x.dims[3])] as const,
    strides: [1 + below(2), 1 + below(2)] as const,
    pads: [0, 0, 0, 0] as const,
    dilations: [1, 1] as const,
    ceilMode: chance(0.5),
  });
  /** A normalisation as converters write it. */
  const affine: Make = (name, x) => {
    const constants = (part: string) =>
      b.parameter(
        `${name}.${part}`,
        pick([
          [1, x.dims[1], 1, 1],
          [x.dims[1], 1, 1],
        ]),
      );
    const product = chance(0.7) ? b.node("Mul", `${name}.mul`, [x, constants("scale")], {}) : x;
    return b.node(pick(["Add", "Sub"] as const), name, [product, constants("bias")], {});
  };
  const makers: readonly (readonly [weight: number, make: Make])[] = [
    [8, conv],
    [3, (name, x) => b.batchNorm(name, x)],
    [5, (name, x) => b.activation(name, x, pick(activations))],
    [5, binary("Add")],
    [4, residual],
    [1, binary("Sub")],
    [1, binary("Mul")],
    [2, gated],
    [
      4,
      (name, x) =>
        b.concat(
          name,
          Array.from({ length: 1 + below(3) }, (_, i) => (i === 0 ? x : pick(joinable(x)))),
        ),
    ],
    [1, (name, x) => b.node("MaxPool", name, [x], window(x))],
    [1, (name, x) => b.node("AveragePool", name, [x], { ...window(x), countIncludePad: chance(0.5) })],
    [2, affine],
    [2, (name, x) => b.node("Transpose", name, [x], { perm: chance(0.5) ? [0, 2, 3, 1] : [0, 3, 1, 2] })],
    [1, (name, x) => b.globalAveragePool(name, x)],
    [1, (name, x) => b.node("Identity", name, [x], {})],
    [
      1,
      (name, x) => {
        const starts = x.dims.map((dim, axis) => (axis === 0 ? 0 : below(Math.min(dim, 2))));
        return b.node("Slice", name, [x], { starts, ends: [...x.dims], steps: [1, 1, 1 + below(2), 1] });
      },
    ],
    [
      1,
      (name, x) =>
        b.node("Pad", name, [x], { before: [0, below(3), 0, below(2)], after: [0, below(3), below(2), 0], value: 0.5 }),
    ],
    [1, (name, x) => b.node("Pad", name, [x], { before: [0, 0, 1, below(2)], after: [0, 0, below(2), 1], value: 0 })],
    [1, (name, x) => b.node("Reshape", name, [x], { dims: chance(0.5) ? x.dims : [x.dims[0], x.dims[1], x.dims[3], x.dims[2]] })],
    [1, (name, x) => b.node("Softmax", name, [x], { axis: 1 + below(3) })],
  ];
  const bag = makers.flatMap(([weight, make]) => new Array<Make>(weight).fill(make));

  for (let count = 4 + below(12), i = 0; i < count; ++i) {
    // Mostly the latest value, so that chains grow.
    const made = pick(bag)(`node${i}`, chance(0.6) ? values[values.length - 1] : pick(values));
    // Wide concatenations of concatenations would only take time.
    if (made !== undefined && made.dims[1] <= 40) values.push(made);
  }
  const outputs: Record<string, ValueInfo> = { output0: values[values.length - 1] };
  for (let i = 1; i <= below(3); ++i) outputs[`output${i}`] = pick(values);
  return withParameters(b.build(outputs), seed);
}

/** A graph as text, one node a line. */
export function describeGraph({ inputs, nodes, outputs }: Graph): string {
  const io = (list: Graph["inputs"]) => list.map(({ name, dims }) => name + formatDims(dims)).join(", ");
  const lines = nodes.map(({ op, inputs, output, attributes }) => `${output} = ${op}(${inputs}) ${JSON.stringify(attributes)}`);
  return [`in: ${io(inputs)}`, ...lines, `out: ${io(outputs)}`].join("\n    ");
}
