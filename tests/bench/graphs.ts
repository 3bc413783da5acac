// Small networks with what models have, for the engines that are given a translation of them.
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";

export function graphOf(define: (b: GraphBuilder, x: ValueInfo) => ValueInfo): Graph {
  const builder = new GraphBuilder("test");
  return builder.build({ y: define(builder, builder.input("x", [1, 8, 13, 11])) });
}

const pool = { kernelShape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1], ceilMode: false } as const;

export const graphs: Readonly<Record<string, Graph>> = {
  "convolutions, batch normalisation, activations": graphOf((b, x) => {
    const a = b.activation(
      "a",
      b.batchNorm("n", b.conv("c1", x, { outChannels: 12, kernel: 3, stride: 2, pad: 1, bias: false })),
      {
        ...{ op: "Clip", min: 0, max: 6 },
      },
    );
    const d = b.relu("d", b.batchNorm("dn", b.conv("c2", a, { outChannels: 12, kernel: 5, pad: [2, 1, 2, 3], group: 12 })));
    const e = b.activation("e", b.conv("c3", d, { outChannels: 7, kernel: 1 }), { op: "HardSwish" });
    return b.activation("f", b.conv("c4", e, { outChannels: 6, kernel: [3, 1], dilation: 2, pad: 2 }), { op: "Swish" });
  }),
  "a residual, a squeeze and excitation, pre-activation": graphOf((b, x) => {
    const sum = b.relu("r", b.add("sum", x, b.conv("c1", x, { outChannels: 8, kernel: 3, pad: 1 })));
    const squeezed = b.relu("s1", b.conv("squeeze", b.globalAveragePool("g", sum), { outChannels: 4, kernel: 1 }));
    const excited = b.activation("s2", b.conv("excite", squeezed, { outChannels: 8, kernel: 1 }), { op: "Sigmoid" });
    return b.relu("z", b.batchNorm("n", b.node("Mul", "scaled", [sum, excited], {})));
  }),
  "pools, concatenation, local response normalisation": graphOf((b, x) => {
    const max = b.node("MaxPool", "max", [x], { ...pool, ceilMode: true, kernelShape: [2, 2], pads: [0, 0, 0, 0] });
    const padded = b.node("MaxPool", "padded", [x], pool);
    const average = b.node("AveragePool", "average", [b.conv("c", x, { outChannels: 5, kernel: 1, pad: [1, 0, 0, 1] })], {
      ...{ ...pool, kernelShape: [2, 2], pads: [0, 0, 0, 0], countIncludePad: false },
    });
    const joined = b.concat("joined", [max, padded, average]);
    return b.node("LRN", "lrn", [joined], { size: 5, alpha: 0.5, beta: 0.75, bias: 1 });
  }),
  "averages of padded images": graphOf((b, x) => {
    const average = b.node("AveragePool", "average", [x], { ...pool, countIncludePad: false });
    const counted = b.node("AveragePool", "counted", [x], { ...pool, countIncludePad: true });
    return b.concat("joined", [average, counted]);
  }),
  "a classifier": graphOf((b, x) => {
    const hidden = b.relu("r", b.linear("hidden", b.flatten("flat", b.maxPool("pool", x, { kernel: 3, stride: 2 })), 10));
    return b.node("Softmax", "softmax", [b.linear("classes", hidden, 5)], { axis: 1 });
  }),
};
