// A model's edges: images as [N,C,H,W] and [N,H,W,C] floats and as RGB or RGBA bytes, with the scaling of pixels.
import assert from "node:assert/strict";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, Normalisation, ValueInfo } from "../../src/graph/graph.ts";
import type { PortLayout } from "../../src/plan/lowerings/ports.ts";
import { elementCount, Tensor } from "../../src/tensor.ts";
import { assertClose, difference } from "../compare.ts";
import { random, randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";
import { oddChannels, product } from "./cases.ts";
import { cases, TOLERANCE, withParameters } from "./check.ts";
import { runPoisoned } from "./poison.ts";

const sizes = [
  [1, 1],
  [1, 5],
  [3, 1],
  [3, 3],
  [4, 7],
] as const;

interface Numbers {
  readonly data: ArrayLike<number>;
  readonly dims: readonly number[];
}

/** [N,C,H,W] → [N,H,W,C]; what is no image stays as it is. */
function toNhwc({ data, dims }: Numbers): Numbers {
  if (dims.length !== 4) return { data, dims };
  const [batch, channels, height, width] = dims;
  const pixels = height * width;
  const moved = new Float64Array(data.length);
  for (let n = 0; n < batch; ++n) {
    for (let c = 0; c < channels; ++c) {
      for (let i = 0; i < pixels; ++i) moved[(n * pixels + i) * channels + c] = data[(n * channels + c) * pixels + i];
    }
  }
  return { data: moved, dims: [batch, height, width, channels] };
}

const float32 = ({ data, dims }: Numbers) => new Tensor("float32", Float32Array.from(data), dims);

/** x itself, so that only the layouts are at work; or a convolution of it. */
const bodies = {
  nothing: (_: GraphBuilder, x: ValueInfo) => x,
  convolution: (builder: GraphBuilder, x: ValueInfo) => builder.conv("conv", x, { outChannels: x.dims[1], kernel: 3, pad: 1 }),
  "a matrix": (builder: GraphBuilder, x: ValueInfo) => builder.flatten("flatten", x),
};

const layouts = ["nchw", "nhwc"] as const;

cases(
  "nchw and nhwc",
  product({
    batch: [1, 3],
    channels: oddChannels,
    size: sizes,
    body: Object.keys(bodies) as (keyof typeof bodies)[],
    inputLayout: layouts,
    outputLayout: layouts,
  }),
  async ({ batch, channels, size, body, inputLayout, outputLayout }, engine) => {
    const builder = new GraphBuilder("layout");
    const input = builder.input("input", [batch, channels, ...size]);
    const graph = withParameters(builder.build({ output: bodies[body](builder, input) }));
    const x = randomTensor(input.dims, 1);
    const given = inputLayout === "nhwc" ? float32(toNhwc(x)) : x;
    const { output } = await runPoisoned(graph, { input: given }, engine, { inputLayout, outputLayout });
    const planar = evaluate(graph, { input: x }).get("output")!;
    const expected = outputLayout === "nhwc" ? toNhwc(planar) : planar;
    assertClose(output, expected, { relative: body === "convolution" ? TOLERANCE : 0, what: "output" });
    return difference(output.data, expected.data).relative;
  },
);

const normalisations: Readonly<Record<string, Normalisation | undefined>> = {
  none: undefined,
  ImageNet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 },
  "mean pixel": { mean: [123, 117, 104], std: [255, 255, 255], scale: 1 },
};

const named = Object.keys(normalisations);

/** Seeded bytes, 0 and 255 among them. */
function randomPixels(dims: readonly number[]): Tensor<"uint8"> {
  const next = random(7);
  const data = Uint8Array.from({ length: elementCount(dims) }, () => Math.min(255, Math.floor(next() * 280)));
  return new Tensor("uint8", data, dims);
}

/** RGB or RGBA bytes → [N,3,H,W] as the normalisation says. */
function normalised({ data, dims }: Tensor<"uint8">, normalisation: Normalisation | undefined): Numbers {
  const { mean, std, scale } = normalisation ?? { mean: [0, 0, 0], std: [1, 1, 1], scale: 255 };
  const [batch, height, width, bytes] = dims;
  const pixels = height * width;
  const values = new Float64Array(batch * 3 * pixels);
  values.forEach((_, at) => {
    const c = Math.floor(at / pixels) % 3;
    const n = Math.floor(at / (3 * pixels));
    values[at] = (data[(n * pixels + (at % pixels)) * bytes + c] / scale - mean[c]) / std[c];
  });
  return { data: values, dims: [batch, 3, height, width] };
}

const imageGraph = (
  dims: readonly number[],
  normalisation: Normalisation | undefined,
  body: (builder: GraphBuilder, x: ValueInfo) => ValueInfo,
): Graph => {
  const builder = new GraphBuilder("pixels");
  return withParameters(builder.build({ output: body(builder, builder.input("input", dims)) }, normalisation));
};

const pixelLayouts = ["rgba8", "rgb8"] as const;
const bytesOf = { rgba8: 4, rgb8: 3 };

cases(
  "rgba8 and rgb8 in",
  product({ layout: pixelLayouts, batch: [1, 2], size: sizes, normalisation: named, body: ["nothing", "convolution"] as const }),
  async ({ layout, batch, size, normalisation, body }, engine) => {
    const graph = imageGraph([batch, 3, ...size], normalisations[normalisation], bodies[body]);
    const input = randomPixels([batch, ...size, bytesOf[layout]]);
    const { output } = await runPoisoned(graph, { input }, engine, { inputLayout: layout });
    const values = float32(normalised(input, normalisations[normalisation]));
    const expected = evaluate(graph, { input: values }).get("output")!;
    assertClose(output, expected, { relative: TOLERANCE, what: "output" });
    return difference(output.data, expected.data).relative;
  },
);

cases(
  "rgba8 or rgb8 in and out gives the same pixels",
  product({ layout: pixelLayouts, batch: [1, 2], size: sizes, normalisation: named }),
  async ({ layout, batch, size, normalisation }, engine) => {
    const graph = imageGraph([batch, 3, ...size], normalisations[normalisation], bodies.nothing);
    const input = randomPixels([batch, ...size, bytesOf[layout]]);
    const layouts: { inputLayout: PortLayout; outputLayout: PortLayout } = { inputLayout: layout, outputLayout: layout };
    const { output } = await runPoisoned(graph, { input }, engine, layouts);
    const opaque = input.data.map((byte, i) => (layout === "rgba8" && i % 4 === 3 ? 255 : byte));
    assert.deepEqual(output.data, opaque);
    assert.deepEqual(output.dims, input.dims);
    return 0;
  },
);

cases(
  "rgba8 and rgb8 out is rounded and saturated",
  product({ layout: pixelLayouts, batch: [1, 2], size: sizes, normalisation: named }),
  async ({ layout, batch, size, normalisation }, engine) => {
    const graph = imageGraph([batch, 3, ...size], normalisations[normalisation], bodies.nothing);
    const { mean, std, scale } = normalisations[normalisation] ?? { mean: [0, 0, 0], std: [1, 1, 1], scale: 255 };
    const input = randomTensor([batch, 3, ...size], 1, -3, 3);
    const { output } = await runPoisoned(graph, { input }, engine, { outputLayout: layout });
    const bytes = bytesOf[layout];
    const { data: interleaved } = toNhwc(input);
    output.data.forEach((byte, i) => {
      const c = i % bytes;
      const pixel = c === 3 ? 255 : (interleaved[Math.floor(i / bytes) * 3 + c] * std[c] + mean[c]) * scale;
      const exact = Math.min(255, Math.max(0, pixel));
      // Half a step of rounding, and float32's error of a number of that size.
      assert.ok(Math.abs(Number(byte) - exact) <= 0.5 + 1e-4, `byte ${i} is ${byte}, expected about ${exact}`);
    });
    return 0;
  },
);
