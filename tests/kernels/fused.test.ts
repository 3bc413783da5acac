// What a convolution or fully connected layer takes in: every activation, the BatchNormalization behind it, a residual, and what
// is done to its input.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { Pair } from "../../src/graph/operators.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { chooseWinograd } from "../../src/plan/cost.ts";
import { compile } from "../../src/plan/index.ts";
import { withData } from "../plan/graphs.ts";
import { activations } from "./activations.ts";
import { product } from "./cases.ts";
import { grid } from "./check.ts";

/** One layer for each kernel that computes convolutions; all give as many pixels as they get. */
const layers = {
  general: { channels: 6, size: [5, 4], kernel: [3, 2], pad: [1, 0, 1, 1] },
  "general, several strips": { channels: 10, size: [13, 12], kernel: [5, 3], pad: [2, 1, 2, 1] },
  "Winograd's, three points": { channels: 16, size: [7, 6], kernel: 2, pad: [0, 0, 1, 1] },
  "Winograd's, four points": { channels: 16, size: [4, 3], kernel: 3, pad: 1 },
  "Winograd's, six points": { channels: 16, size: [8, 7], kernel: 3, pad: 1 },
  "Winograd's, seven points": { channels: 16, size: [10, 9], kernel: 3, pad: 1 },
  "Winograd's, few channels": { channels: 6, size: [5, 4], kernel: 3, pad: 1 },
  "Winograd's, groups": { channels: 6, size: [5, 4], kernel: 3, pad: 1, group: 2 },
  grouped: { channels: 6, size: [5, 4], kernel: [3, 2], pad: [1, 0, 1, 1], group: 2 },
  pointwise: { channels: 7, size: [3, 5], kernel: 1 },
  "pointwise, several panels": { channels: 24, size: [4, 4], kernel: 1 },
  "Strassen's": { channels: 160, size: [8, 12], kernel: 1 },
  "pointwise, groups": { channels: 16, size: [4, 5], kernel: 1, group: 4 },
  "groups across planes": { channels: 26, size: [5, 4], kernel: [5, 3], pad: [2, 1, 2, 1], group: 2 },
  "pointwise, groups across planes": { channels: 34, size: [4, 5], kernel: 1, group: 2 },
  "one pixel": { channels: 13, size: [1, 1], kernel: 1 },
  "one pixel, groups": { channels: 16, size: [1, 1], kernel: 1, group: 2 },
  "one pixel, window": { channels: 9, size: [1, 1], kernel: 3, pad: 1 },
  depthwise: { channels: 6, size: [5, 7], kernel: 3, pad: 1, group: 6 },
  "depthwise, large window": { channels: 8, size: [9, 9], kernel: 5, pad: 2, group: 8 },
} as const;

type Layer = keyof typeof layers;
const names = Object.keys(layers) as Layer[];

/** How many products a tile of those by Winograd has. */
const products: Partial<Record<Layer, number>> = {
  "Winograd's, three points": 9,
  "Winograd's, four points": 16,
  "Winograd's, six points": 36,
  "Winograd's, seven points": 49,
  "Winograd's, few channels": 16,
  "Winograd's, groups": 16,
};

const inputOf = (builder: GraphBuilder, name: string, layer: Layer, batch: number) =>
  builder.input(name, [batch, layers[layer].channels, ...(layers[layer].size as Pair)]);

const convolve = (builder: GraphBuilder, name: string, layer: Layer, x: ValueInfo, bias = true) =>
  builder.conv(name, x, { ...layers[layer], outChannels: layers[layer].channels, bias });

test("those layers go by Winograd, with so many points, and by Strassen that are called so", () => {
  for (const layer of names) {
    const builder = new GraphBuilder(layer);
    const graph = builder.build({ y: convolve(builder, "conv", layer, inputOf(builder, "x", layer, 1)) });
    assert.equal([...chooseWinograd(graph, inferShapes(graph)).values()][0]?.products, products[layer], layer);
    const { kernel } = compile(withData(graph)).steps.find(({ operator }) => operator === "Conv")!;
    assert.equal(kernel === "strassen", layer === "Strassen's", layer);
  }
});

grid(
  "activations in convolutions",
  product({ layer: names, batch: [1, 2], activation: activations }),
  (builder, { layer, batch, activation }) =>
    builder.activation("activation", convolve(builder, "conv", layer, inputOf(builder, "input", layer, batch)), activation),
);

grid(
  "activations in Gemm",
  product({ batch: [1, 3], outputs: [3, 8, 13], activation: activations }),
  (builder, { batch, outputs, activation }) =>
    builder.activation("activation", builder.linear("linear", builder.input("input", [batch, 10]), outputs), activation),
);

grid(
  "BatchNormalization after convolutions",
  product({ layer: names, batch: [1, 2], bias: [true, false], activation: activations.slice(0, 2) }),
  (builder, { layer, batch, bias, activation }) => {
    const x = convolve(builder, "conv", layer, inputOf(builder, "input", layer, batch), bias);
    return builder.activation("activation", builder.batchNorm("norm", x), activation);
  },
);

/**
 * Where the other operand of the sum comes from. The convolution may write over it, except where it is what the
 * convolution reads.
 */
const residuals = [
  "an input",
  "its own input",
  "a part of its own input",
  "another convolution",
  "a constant",
  "itself",
] as const;

grid(
  "residual Add after convolutions",
  product({
    layer: names,
    batch: [1, 2],
    residual: residuals,
    swapped: [false, true],
    norm: [false, true],
    activation: [undefined, ...activations.filter(({ op }) => op === "HardSwish")],
  }),
  (builder, { layer, batch, residual, swapped, norm, activation }) => {
    // Computed, so that its memory may be taken over.
    const x = builder.activation("first", inputOf(builder, "input", layer, batch), { op: "Swish" });
    const second = () => builder.activation("second", x, { op: "Sigmoid" });
    const read = residual === "a part of its own input" ? builder.concat("joined", [x, second()]) : x;
    const conv = convolve(builder, "conv", layer, read);
    const made = norm ? builder.batchNorm("norm", conv) : conv;
    const other = {
      "an input": () => inputOf(builder, "other", layer, batch),
      "its own input": () => x,
      "a part of its own input": () => x,
      "another convolution": () => convolve(builder, "other", layer, read),
      "a constant": () => builder.parameter("other", made.dims),
      itself: () => made,
    }[residual]();
    const sum = swapped ? builder.add("sum", other, made) : builder.add("sum", made, other);
    return activation === undefined ? sum : builder.activation("activation", sum, activation);
  },
);

grid(
  "a residual that is read again later",
  product({ layer: names, batch: [1, 2], shortcut: ["input", "first"] as const }),
  (builder, { layer, batch, shortcut }) => {
    const x = inputOf(builder, "input", layer, batch);
    const first = builder.relu("relu", convolve(builder, "first", layer, x));
    const second = convolve(builder, "second", layer, first);
    const sum = builder.add("sum", second, shortcut === "input" ? x : first);
    return builder.concat("all", [sum, first, x]);
  },
);

// The sum's dims are larger than the convolution's: it cannot be taken in.
grid("a convolution broadcast by an Add", product({ batch: [1, 2], channels: [3, 8] }), (builder, { batch, channels }) => {
  const x = builder.input("input", [batch, channels, 4, 5]);
  const gate = builder.conv("conv", builder.globalAveragePool("pool", x), { outChannels: channels, kernel: 1 });
  return builder.add("sum", gate, x);
});

grid(
  "squeeze and excitation",
  product({ batch: [1, 3], channels: [4, 6, 17], gate: activations.filter(({ op }) => op.endsWith("Sigmoid")) }),
  (builder, { batch, channels, gate }) => {
    const x = builder.conv("conv", builder.input("input", [batch, 3, 6, 5]), { outChannels: channels, kernel: 3 });
    const squeezed = builder.conv("squeeze", builder.globalAveragePool("pool", x), { outChannels: 2, kernel: 1 });
    const excited = builder.conv("excite", builder.relu("relu", squeezed), { outChannels: channels, kernel: 1 });
    return builder.node("Mul", "scale", [x, builder.activation("gate", excited, gate)], {});
  },
);

grid(
  "1×1 convolutions of a scaled image",
  product({
    batch: [1, 3],
    channels: [1, 6, 17],
    outChannels: [3, 16],
    size: [1, 2, 5, 13],
    swapped: [false, true],
    residual: [false, true],
  }),
  (builder, { batch, channels, outChannels, size, swapped, residual }) => {
    const x = builder.conv("conv", builder.input("input", [batch, 3, size, size]), { outChannels: channels, kernel: 3, pad: 1 });
    const gate = builder.activation("gate", builder.globalAveragePool("pool", x), { op: "Sigmoid" });
    const scaled = builder.node("Mul", "scale", swapped ? [gate, x] : [x, gate], {});
    const y = builder.conv("project", scaled, { outChannels, kernel: 1 });
    return residual ? builder.add("sum", y, builder.input("other", y.dims)) : y;
  },
);

grid(
  "a scaled image and pre-activation by Strassen's algorithm",
  product({ batch: [1, 2], scaled: [false, true], residual: [false, true], stride: [1, 2] }),
  (builder, { batch, scaled, residual, stride }) => {
    const x = builder.activation("first", builder.input("input", [batch, 160, 9 * stride, 11 * stride]), { op: "Swish" });
    const gate = builder.activation("gate", builder.globalAveragePool("pool", x), { op: "Sigmoid" });
    const read = scaled ? builder.node("Mul", "scale", [x, gate], {}) : builder.relu("relu", builder.batchNorm("norm", x));
    const y = builder.conv("conv", read, { outChannels: 168, kernel: 1, stride });
    return residual ? builder.add("sum", y, builder.input("other", y.dims)) : y;
  },
);

grid(
  "pre-activation",
  product({ batch: [1, 3], channels: [1, 6, 17], outChannels: [3, 16], size: [1, 5, 13], stride: [1, 2] }),
  (builder, { batch, channels, outChannels, size, stride }) => {
    const x = builder.input("input", [batch, channels, size, size]);
    const rectified = builder.relu("relu", builder.batchNorm("norm", x));
    return builder.conv("conv", rectified, { outChannels, kernel: 1, stride });
  },
);

for (const [op, gate] of [
  ["Swish", { op: "Sigmoid" }],
  ["HardSwish", { op: "HardSigmoid", alpha: 1 / 6, beta: 0.5 }],
  ["neither", { op: "HardSigmoid", alpha: 0.2, beta: 0.5 }],
] as const) {
  grid(`x times its gate: ${op}`, product({ layer: names, swapped: [false, true] }), (builder, { layer, swapped }) => {
    const x = convolve(builder, "conv", layer, inputOf(builder, "input", layer, 1));
    const gated = builder.activation("gate", x, gate);
    return builder.node("Mul", "product", swapped ? [gated, x] : [x, gated], {});
  });
}
