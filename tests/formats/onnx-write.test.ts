// Writing ONNX, judged by onnxruntime-web: it must load what is written and compute with it what it computes with the
// original. Through that, published operator cases and published networks check the reader's meaning too.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { UnsupportedError } from "../../src/errors.ts";
import { readNpy } from "../../src/formats/npy.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { decodeModel, decodeTensor } from "../../src/formats/onnx/schema.ts";
import { readTensor } from "../../src/formats/onnx/tensors.ts";
import { encodeModel, writeOnnx } from "../../src/formats/onnx/write.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { recogniseShuffle } from "../../src/passes/converted/recognise-shuffle.ts";
import { elementCount } from "../../src/tensor.ts";
import { dataPath, needsData } from "../data.ts";
import { randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";
import { runOnnx } from "./onnx-models.ts";

function assertClose(got: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  assert.equal(got.length, expected.length, what);
  const largest = Array.from(expected).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-3);
  for (let i = 0; i < got.length; ++i) {
    if (Math.abs(got[i] - expected[i]) > tolerance * largest)
      assert.fail(`${what}: element ${i} is ${got[i]}, not ${expected[i]}`);
  }
}

/** A graph that uses every operator. */
function everything(): Graph {
  const b = new GraphBuilder("everything");
  const parameter = (name: string, ...dims: number[]) => b.parameter(name, dims, randomTensor(dims, name.length).data);
  const x = b.input("x", [1, 4, 8, 8]);
  const window = { kernelShape: [3, 3], strides: [2, 1], pads: [1, 0, 1, 2], dilations: [1, 2] } as const;
  let y = b.node("Conv", "conv", [x, parameter("conv.w", 8, 2, 3, 3), parameter("conv.b", 8)], { ...window, group: 2 });
  y = b.node("MaxPool", "max", [y], { ...window, strides: [1, 1], dilations: [1, 1], ceilMode: true });
  y = b.node("AveragePool", "average", [y], {
    ...window,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    dilations: [1, 1],
    ceilMode: true,
    countIncludePad: true,
  });
  const positive = b.parameter("variance", [8], new Float32Array(8).fill(0.5));
  const [scale, shift, mean] = ["s", "sh", "m"].map((name) => parameter(name, 8));
  y = b.node("BatchNormalization", "norm", [y, scale, shift, mean, positive], { epsilon: 1e-3 });
  y = b.node("LRN", "lrn", [y], { size: 3, alpha: 0.5, beta: 0.75, bias: 2 });
  const relu = b.relu("relu", y);
  const clip = b.activation("clip", y, { op: "Clip", min: -Infinity, max: 0.5 });
  const leaky = b.activation("leaky", y, { op: "LeakyRelu", alpha: 0.1 });
  const elu = b.activation("elu", y, { op: "Elu", alpha: 0.5 });
  const sigmoid = b.activation("sigmoid", y, { op: "Sigmoid" });
  const hardSigmoid = b.activation("hardSigmoid", y, { op: "HardSigmoid", alpha: 0.3, beta: 0.4 });
  const hardSwish = b.activation("hardSwish", y, { op: "HardSwish" });
  const swish = b.activation("swish", y, { op: "Swish" });
  y = b.concat("concat", [relu, clip, leaky, elu, sigmoid, hardSigmoid, hardSwish, swish]);
  y = b.node("Sub", "sub", [y, parameter("c", 64, 1, 1)], {});
  y = b.node("Mul", "mul", [y, y], {});
  y = b.node("Div", "div", [y, b.parameter("two", [], Float32Array.of(2))], {});
  y = b.add("add", y, b.globalAveragePool("pool", y));
  const [, , h, w] = y.dims;
  y = b.node("Slice", "slice", [y], { starts: [0, 1, 0, 0], ends: [1, 40, h, w], steps: [1, 3, 1, 2] });
  y = b.node("Pad", "pad", [y], { before: [0, 0, 1, 0], after: [0, 0, 0, 2], value: 0.25 });
  y = b.node("Transpose", "transpose", [y], { perm: [0, 1, 3, 2] });
  const bilinear = { mode: "linear", nearestMode: "round_prefer_floor", coordinateTransformation: "half_pixel" } as const;
  y = b.node("Resize", "resize", [y], { ...bilinear, sizes: [7, 5] });
  y = b.node("Resize", "enlarged", [y], { ...bilinear, sizes: [10, 7], scales: [1.5, 1.5] });
  y = b.node("Resize", "nearest", [y], {
    mode: "nearest",
    nearestMode: "ceil",
    coordinateTransformation: "asymmetric",
    sizes: [5, 7],
  });
  y = b.node("Softmax", "softmax", [y], { axis: 1 });
  y = b.node("Reshape", "reshape", [y], { dims: [y.dims[1], elementCount(y.dims) / y.dims[1]] });
  y = b.node("Gemm", "gemm", [y, parameter("g", y.dims[1], 5)], { transB: false });
  y = b.node("LogSoftmax", "logSoftmax", [y], { axis: 1 });
  y = b.flatten("flat", y);
  return b.build({ y, "second output": sigmoid }, { mean: [0.5], std: [0.25], scale: 255 });
}

describe("a graph with every operator", () => {
  test("loads in onnxruntime-web and keeps its dims", async () => {
    const graph = everything();
    const outputs = await runOnnx(writeOnnx(graph), { x: randomTensor([1, 4, 8, 8], 1) });
    for (const { name, dims } of graph.outputs) assert.deepEqual(outputs[name].dims, dims, name);
  });
  test("comes back as it was", () => {
    const graph = everything();
    const back = readOnnx(writeOnnx(graph));
    assert.deepEqual(back.inputs, graph.inputs);
    assert.deepEqual(back.outputs, graph.outputs);
    assert.deepEqual(back.normalisation, graph.normalisation);
    assert.deepEqual(back.parameters, graph.parameters);
    // Swish comes back as Sigmoid and Mul; float attributes were rounded to float32.
    const rounded = (key: string, v: unknown) => (typeof v === "number" && key !== "" ? Math.fround(v) : v);
    const nodes = (g: Graph) =>
      g.nodes.filter(({ name }) => !name.startsWith("swish")).map((node) => JSON.parse(JSON.stringify(node, rounded)));
    assert.deepEqual(nodes(back), nodes(graph));
    assert.deepEqual(
      back.nodes.filter(({ name }) => name.startsWith("swish")).map(({ op, inputs }) => [op, ...inputs]),
      [
        ["Sigmoid", "lrn"],
        ["Mul", "lrn", "swish/sigmoid"],
      ],
    );
  });
  test("a dilated average pool asks for the opset that has it", async () => {
    const b = new GraphBuilder("dilated");
    const x = b.input("x", [1, 1, 6, 6]);
    const window = { kernelShape: [2, 2], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [2, 2] } as const;
    const y = b.node("AveragePool", "y", [x], { ...window, ceilMode: false, countIncludePad: false });
    const outputs = await runOnnx(writeOnnx(b.build({ y })), { x: randomTensor([1, 1, 6, 6], 1) });
    assert.deepEqual(outputs.y.dims, [1, 1, 4, 4]);
  });
});

describe("a channel shuffle", () => {
  const shuffle = () => {
    const b = new GraphBuilder("shuffle");
    return b.build({ y: b.channelShuffle("shuffle", b.input("x", [2, 12, 3, 5]), 3) });
  };
  test("is three nodes, from which a pass makes it again", () => {
    const back = readOnnx(writeOnnx(shuffle()));
    assert.deepEqual(
      back.nodes.map(({ op }) => op),
      ["Reshape", "Transpose", "Reshape", "Identity"],
    );
    assert.deepEqual(
      recogniseShuffle(back).nodes.map(({ op, attributes }) => [op, attributes]),
      [
        ["ChannelShuffle", { group: 3 }],
        ["Identity", {}],
      ],
    );
  });
  test("does in onnxruntime-web what the reference does", async () => {
    const graph = shuffle();
    const x = randomTensor([2, 12, 3, 5], 1);
    const { y } = await runOnnx(writeOnnx(graph), { x });
    assertClose(y.data, evaluate(graph, { x }).get("y")!.data, 0, "shuffle");
  });
});

describe("what cannot be written", () => {
  test("parameters without data, all listed", () => {
    const b = new GraphBuilder("bare");
    const graph = b.build({ y: b.conv("c", b.input("x", [1, 3, 8, 8]), { outChannels: 4, kernel: 3 }) });
    assert.throws(() => writeOnnx(graph), { name: "WeightsError", missing: ["c.weight", "c.bias"] });
  });
  test("fused nodes", () => {
    const b = new GraphBuilder("fused");
    const x = b.input("x", [1, 3, 8, 8]);
    const graph = b.build({ y: b.node("Add", "y", [x, x], { activation: { op: "Relu" } }) });
    assert.throws(() => writeOnnx(graph), { name: "GraphError", message: /Add "y" is fused/ });
  });
});

describe("published networks, read and written again", { skip: needsData }, () => {
  for (const [name, vector] of [
    ["squeezenet1_1", "published_0"],
    ["squeezenet1_0", "published_0"],
    ["mobilenet_v1_0.25_224", "waves"],
    ["densenet_bc_40_12_cifar10", "waves"],
    ["resnet20_cifar10", "waves"],
    ["mnist", "published_0"],
  ]) {
    test(name, async () => {
      const graph = readOnnx(readFileSync(dataPath("models", `${name}.onnx`)));
      const read = (part: string) => readNpy(readFileSync(dataPath("vectors", name, vector, `${part}.npy`)));
      const outputs = await runOnnx(writeOnnx(graph), { [graph.inputs[0].name]: read("input") });
      assertClose(outputs[graph.outputs[0].name].data, read("output").data as Float32Array, 1e-5, name);
    });
  }
  test("squeezenet_winml_fp16, in float32", async () => {
    const graph = readOnnx(readFileSync(dataPath("models", "squeezenet_winml_fp16.onnx")));
    const read = (part: string) => readNpy(readFileSync(dataPath("vectors", "squeezenet_winml_fp16", "zoo_0", `${part}.npy`)));
    const outputs = await runOnnx(writeOnnx(graph), { data_0: read("input") });
    // Its weights are those of the float32 original, rounded to float16.
    assertClose(outputs.softmaxout_1.data, read("output").data as Float32Array, 1e-2, "softmaxout_1");
  });
});

/** Cases whose result has no elements; a network of those computes nothing, and a Graph does not hold them. */
const emptyResults = [
  "test_reshape_allowzero_reordered",
  "test_slice_start_out_of_bounds",
  "test_split_zero_size_splits_opset13",
];

describe("ONNX's operator cases, read and written again", { skip: needsData }, () => {
  const folder = dataPath("conformance/onnx/node");
  const supported = new Set(
    `Add AveragePool BatchNormalization Clip Concat Conv Div Dropout Elu Flatten Gemm GlobalAveragePool HardSigmoid Identity LRN LeakyRelu
    LogSoftmax MatMul MaxPool Mul Pad ReduceMean Relu Reshape Resize Sigmoid Slice Softmax Split Squeeze Sub Sum Swish Transpose Unsqueeze Upsample`.split(
      /\s+/,
    ),
  );
  let passed = 0;
  for (const name of needsData === false ? readdirSync(folder).sort() : []) {
    const model = decodeModel(readFileSync(`${folder}/${name}/model.onnx`));
    const graph = model.graph;
    if (emptyResults.includes(name) || !supported.has(graph?.node?.[0]?.opType ?? "") || graph === undefined) continue;
    test(name, async (context) => {
      const tensor = (part: string) => decodeTensor(readFileSync(`${folder}/${name}/test_data_set_0/${part}.pb`));
      // The cases pass weights, shapes and axes as inputs; in a network they are constants.
      const inputs = graph.input ?? [];
      const constants =
        inputs.length > 1 && !/^(Add|Sub|Mul|Div|Sum|Concat)$/.test(graph.node?.[0]?.opType ?? "") ? inputs.slice(1) : [];
      graph.initializer = constants.map((input, i) => ({ ...tensor(`input_${i + 1}`), name: input.name }));
      let read: Graph;
      try {
        read = readOnnx(encodeModel(model));
      } catch (error) {
        assert.ok(error instanceof UnsupportedError, `${error}`);
        context.skip(error.problems[0]);
        return;
      }
      const feeds = read.inputs.map((input, i) => [input.name, readTensor(tensor(`input_${i}`))]);
      const outputs = await runOnnx(writeOnnx(read), Object.fromEntries(feeds));
      const expected = readTensor(tensor("output_0"));
      const got = outputs[read.outputs[0].name];
      assert.deepEqual(got.dims, expected.dims);
      assertClose(got.data, expected.data as Float32Array, 1e-5, name);
      ++passed;
    });
  }
  test("most of them pass", () => assert.ok(passed >= 88, `${passed} cases passed`));
});
