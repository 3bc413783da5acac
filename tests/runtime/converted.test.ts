// A network as TensorFlow's converters write it, [N,H,W,C] and in small operators: loaded, run in every way, and beside onnxruntime.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadModel, type Model, type PortLayout, Tensor } from "../../src/index.ts";
import { assertClose } from "../compare.ts";
import { float, int, ints, model, node, runOnnx, value, whole } from "../formats/onnx-models.ts";
import { randomTensor } from "../random.ts";

const [height, width] = [17, 12];

/** A float32 initialiser of random numbers. */
const random = (name: string, seed: number, ...dims: number[]) => ({
  name,
  dataType: 1,
  dims: dims.map(BigInt),
  floatData: [...randomTensor(dims, seed).data],
});
const number = (name: string, ...values: number[]) => ({ name, dataType: 1, dims: [], floatData: values });
const toFirst = (input: string, output: string) => node("Transpose", [input], output, ints("perm", 0, 3, 1, 2));
const toLast = (input: string, output: string) => node("Transpose", [input], output, ints("perm", 0, 2, 3, 1));

const bytes = model({
  input: [value("pixels", ["unknown", height, width, 3])],
  output: ["probabilities", "map"],
  opset: 13,
  node: [
    node("Mul", ["pixels", "scale"], "scaled"),
    node("Add", ["scaled", "minus"], "centred"),
    toFirst("centred", "images"),
    node("Conv", ["images", "stem"], "stemmed", ints("pads", 0, 0, 1, 1), ints("strides", 2, 2)),
    toLast("stemmed", "stemmedLast"),
    node("Add", ["stemmedLast", "shift"], "normal"),
    node("Add", ["normal", "three"], "raised"),
    node("Clip", ["raised", "zero", "six"], "limited"),
    node("Mul", ["limited", "sixth"], "gate"),
    node("Mul", ["normal", "gate"], "swished"),
    node("Pad", ["swished", "pads"], "padded"),
    toFirst("padded", "paddedFirst"),
    node("Conv", ["paddedFirst", "depthwise"], "spread", ints("strides", 2, 2), int("group", 10)),
    toLast("spread", "spreadLast"),
    node("Mul", ["spreadLast", "factor"], "product"),
    node("Add", ["product", "addend"], "sum"),
    node("LeakyRelu", ["sum"], "map", float("alpha", 0.3)),
    node("ReduceMean", ["map"], "mean", ints("axes", 1, 2)),
    toFirst("mean", "meanFirst"),
    node("Conv", ["meanFirst", "classify", "bias"], "classes"),
    toLast("classes", "classesLast"),
    node("Reshape", ["classesLast", "flat"], "scores"),
    node("Softmax", ["scores"], "probabilities"),
  ],
  initializer: [
    ...[number("scale", 1 / 127.5), number("minus", -1), number("three", 3), number("zero", 0), number("six", 6)],
    ...[number("sixth", 1 / 6), whole("pads", 0, 0, 1, 0, 0, 1, 1, 0), whole("flat", -1, 7)],
    ...[random("stem", 1, 10, 3, 3, 3), random("shift", 2, 10), random("depthwise", 3, 10, 1, 3, 3)],
    ...[random("factor", 4, 10), random("addend", 5, 1, 1, 1, 10), random("classify", 6, 7, 10, 1, 1), random("bias", 7, 7)],
  ],
});

const pixels = Uint8Array.from({ length: height * width * 3 }, (_, i) => (i * 37 + ((i * i) % 91)) % 256);
const last = new Tensor("float32", Float32Array.from(pixels), [1, height, width, 3]);
const expected = runOnnx(bytes, { pixels: last });

async function assertRight(loaded: Model, input: Tensor): Promise<void> {
  const outputs = await loaded.run({ pixels: input });
  for (const [name, { data, dims }] of Object.entries(await expected)) {
    assert.deepEqual(outputs[name].dims, dims, name);
    assertClose(outputs[name] as Tensor<"float32">, new Tensor("float32", data, dims), { relative: 1e-5, what: name });
  }
}

describe("a network [N,H,W,C]", () => {
  test("takes what its file says, and needs no step for what only moves", async () => {
    const loaded = await loadModel(bytes, { build: "strict" });
    assert.deepEqual(loaded.inputs, [{ name: "pixels", type: "float32", dims: [1, height, width, 3] }]);
    await assertRight(loaded, last);
    const kernels = loaded.steps.map(({ kernel }) => kernel);
    assert.equal(kernels[0], "read nhwc");
    assert.equal(kernels.filter((kernel) => kernel === "affine").length, 1, "the scaling of pixels");
    for (const kernel of ["binary", "slice", "activate"]) assert.ok(!kernels.includes(kernel), `${kernels}`);
  });
  test("takes other layouts where they are asked for", async () => {
    const first = Float32Array.from(last.data, (_, i) => {
      const pixel = i % (height * width);
      return pixels[pixel * 3 + (i - pixel) / (height * width)];
    });
    const inputs: [PortLayout, Tensor][] = [
      ["nhwc", last],
      ["nchw", new Tensor("float32", first, [1, 3, height, width])],
    ];
    for (const [inputLayout, input] of inputs) await assertRight(await loadModel(bytes, { inputLayout }), input);
    const [{ dims }] = (await loadModel(bytes, { inputLayout: "rgb8" })).inputs;
    assert.deepEqual(dims, [1, height, width, 3]);
  });
  test("of a batch, in less memory, and on two threads", async () => {
    await assertRight(await loadModel(bytes, { memory: "small" }), last);
    const threaded = await loadModel(bytes, { threads: 2 });
    await assertRight(threaded, last);
    threaded.dispose();
    const two = await loadModel(bytes, { dims: { pixels: [2, height, width, 3] } });
    const both = new Tensor("float32", Float32Array.of(...last.data, ...last.data), [2, height, width, 3]);
    const { probabilities } = await two.run({ pixels: both });
    const { data } = (await expected).probabilities;
    assertClose(probabilities as Tensor<"float32">, new Tensor("float32", Float32Array.of(...data, ...data), [2, 7]), {
      relative: 1e-5,
      what: "both",
    });
  });
});
