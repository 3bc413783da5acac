// Reading ONNX: real models, and each form of each operator that exporters write.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { GraphError, OptionError, UnsupportedError } from "../../src/errors.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { DataType } from "../../src/formats/onnx/schema.ts";
import { encodeModel } from "../../src/formats/onnx/write.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Attributes, Operator } from "../../src/graph/operators.ts";
import { dataPath, needsData } from "../data.ts";
import { float, int, ints, type ModelParts, model, modelOf, node, real, text, value, weight, whole } from "./onnx-models.ts";

const read = (parts: ModelParts) => readOnnx(model(parts));

/** Reads a model and gives the nodes as "Op name(inputs)" without attributes. */
const outline = (graph: Graph) => graph.nodes.map((n) => `${n.op} ${n.name}(${n.inputs})`);

/** The attributes of a graph's only node. */
function only<Op extends Operator>(graph: Graph, op: Op): Attributes[Op] {
  assert.deepEqual(
    graph.nodes.map((n) => n.op),
    [op],
  );
  return graph.nodes[0].attributes as Attributes[Op];
}

const imagenet = { scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

describe("published models", { skip: needsData }, () => {
  const models = [
    { name: "squeezenet1_1", dims: [1, 3, 224, 224], classes: 1000, normalisation: imagenet },
    {
      name: "squeezenet1_0",
      dims: [1, 3, 224, 224],
      classes: 1001,
      normalisation: { scale: 1, mean: [123, 117, 104], std: [255, 255, 255] },
    },
    {
      name: "mobilenet_v1_0.25_224",
      dims: [1, 3, 224, 224],
      classes: 1000,
      normalisation: { scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] },
    },
    {
      name: "densenet_bc_40_12_cifar10",
      dims: [1, 3, 32, 32],
      classes: 10,
      normalisation: { scale: 1, mean: [125.3, 123, 113.9], std: [63, 62.1, 66.7] },
    },
    { name: "resnet20_cifar10", dims: [1, 3, 32, 32], classes: 10, normalisation: imagenet },
  ];
  for (const { name, dims, classes, normalisation } of models) {
    test(`${name}: dims, normalisation, and the same weights as its safetensors file`, () => {
      const graph = readOnnx(readFileSync(dataPath("models", `${name}.onnx`)));
      assert.deepEqual(graph.inputs, [{ name: "input", dims, type: "float32" }]);
      assert.deepEqual(graph.outputs, [{ name: "output", dims: [1, classes], type: "float32" }]);
      assert.deepEqual(graph.normalisation, normalisation);
      const { weights } = readSafetensors(readFileSync(dataPath("models", `${name}.safetensors`)));
      for (const [key, tensor] of weights) {
        assert.deepEqual(graph.parameters.get(key), { type: "float32", dims: tensor.dims, data: tensor.data }, key);
      }
      assert.equal(graph.parameters.size, weights.size);
    });
  }

  test("mnist: initialisers among the inputs, a reshaped weight, auto_pad", () => {
    const graph = readOnnx(readFileSync(dataPath("models", "mnist.onnx")));
    assert.deepEqual(graph.inputs, [{ name: "Input3", dims: [1, 1, 28, 28], type: "float32" }]);
    assert.deepEqual(graph.outputs, [{ name: "Plus214_Output_0", dims: [1, 10], type: "float32" }]);
    const gemm = graph.nodes.find((n) => n.op === "Gemm");
    assert.deepEqual(graph.parameters.get(gemm?.inputs[1] ?? "")?.dims, [256, 10]);
    const conv = graph.nodes.find((n) => n.op === "Conv");
    assert.deepEqual(conv?.attributes, { kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2], dilations: [1, 1], group: 1 });
  });

  test("a float16 model: float32 inputs, outputs and weights", () => {
    const graph = readOnnx(readFileSync(dataPath("models", "squeezenet_winml_fp16.onnx")));
    assert.deepEqual(graph.inputs, [{ name: "data_0", dims: [1, 3, 224, 224], type: "float32" }]);
    assert.deepEqual(graph.outputs, [{ name: "softmaxout_1", dims: [1, 1000, 1, 1], type: "float32" }]);
    for (const [, { data }] of graph.parameters) assert.ok(data instanceof Float32Array);
    assert.equal(graph.normalisation, undefined);
  });

  for (const name of ["bvlc_alexnet", "densenet121", "inception_v1", "inception_v2", "resnet50", "squeezenet", "zfnet512"]) {
    test(`light_${name} reads`, () => {
      const graph = readOnnx(readFileSync(dataPath("conformance/onnx/light", `light_${name}.onnx`)));
      assert.equal(graph.outputs[0].dims[1], 1000);
    });
  }
});

describe("convolutions and pools", () => {
  const initializer = [weight("w", 8, 4, 3, 3), weight("b", 8)];
  const conv = (...attributes: Parameters<typeof node>[3][]) =>
    only(read({ node: [node("Conv", ["x", "w", "b"], "y", ...attributes)], initializer }), "Conv");

  test("kernel_shape comes from the weight, the rest has defaults", () => {
    const expected = { kernelShape: [3, 3], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 };
    assert.deepEqual(conv(), expected);
  });
  for (const [mode, strides, dilations, pads] of [
    ["SAME_UPPER", 1, 1, [1, 1, 1, 1]],
    ["SAME_UPPER", 2, 1, [0, 0, 1, 1]],
    ["SAME_LOWER", 2, 1, [1, 1, 0, 0]],
    ["SAME_UPPER", 1, 2, [2, 2, 2, 2]],
    ["VALID", 1, 1, [0, 0, 0, 0]],
  ] as const) {
    test(`auto_pad ${mode}, stride ${strides}, dilation ${dilations} gives pads ${pads}`, () => {
      const { pads: got } = conv(
        text("auto_pad", mode),
        ints("strides", strides, strides),
        ints("dilations", dilations, dilations),
      );
      assert.deepEqual(got, pads);
    });
  }
  test("ceil_mode and count_include_pad", () => {
    const attributes = [ints("kernel_shape", 3, 3), ints("strides", 2, 2), int("ceil_mode", 1), int("count_include_pad", 1)];
    const graph = read({ node: [node("AveragePool", ["x"], "y", ...attributes)] });
    const { ceilMode, countIncludePad } = only(graph, "AveragePool");
    assert.deepEqual([ceilMode, countIncludePad, graph.outputs[0].dims], [true, true, [1, 4, 3, 3]]);
  });
  test("ReduceMean over height and width, axes as attribute or input, with and without keepdims", () => {
    const kept = read({ node: [node("ReduceMean", ["x"], "y", ints("axes", -1, -2))] });
    assert.deepEqual(outline(kept), ["GlobalAveragePool y(x)"]);
    const flat = read({
      node: [node("ReduceMean", ["x", "axes"], "y", int("keepdims", 0))],
      initializer: [whole("axes", 2, 3)],
      opset: 18,
    });
    assert.deepEqual(flat.outputs[0].dims, [1, 4]);
  });
  test("ReduceMean over the height and width of [N,H,W,C]", () => {
    const input = [value("x", [1, 6, 5, 4])];
    const kept = read({ input, node: [node("ReduceMean", ["x"], "y", ints("axes", 1, 2))] });
    assert.deepEqual(
      kept.nodes.map(({ op }) => op),
      ["Transpose", "GlobalAveragePool", "Transpose"],
    );
    assert.deepEqual(kept.outputs[0].dims, [1, 1, 1, 4]);
    const flat = read({ input, node: [node("ReduceMean", ["x"], "y", ints("axes", -2, 1), int("keepdims", 0))] });
    assert.deepEqual(flat.outputs[0].dims, [1, 4]);
  });
  test("ReduceMean over others is refused", () => {
    for (const axes of [[1], [2, 2], [1, 3], [1, 2, 3]]) {
      assert.throws(() => read({ node: [node("ReduceMean", ["x"], "y", ints("axes", ...axes))] }), {
        name: "UnsupportedError",
        message: new RegExp(`a mean over axes ${axes} is not supported`),
      });
    }
  });
});

describe("Gemm and MatMul", () => {
  const input = [value("x", [2, 3])];
  test("alpha and beta go into weight and bias", () => {
    const initializer = [real("b", 1, 2, 3, 4), weight("w", 3, 4)];
    const graph = read({ input, node: [node("Gemm", ["x", "w", "b"], "y", float("alpha", 2), float("beta", 0.5))], initializer });
    const [, w, b] = graph.nodes[0].inputs.map((name) => graph.parameters.get(name)?.data);
    assert.deepEqual(only(graph, "Gemm"), { transB: false });
    assert.deepEqual([...(b as Float32Array)], [0.5, 1, 1.5, 2]);
    assert.equal((w as Float32Array)[0], Math.fround(2 * Math.fround(0.01)));
  });
  test("a scalar C becomes a vector, a matrix C an Add", () => {
    const scalar = { ...real("b", 5), dims: [] };
    const vector = read({
      input,
      node: [node("Gemm", ["x", "w", "b"], "y", int("transB", 1))],
      initializer: [weight("w", 4, 3), scalar],
    });
    assert.deepEqual(vector.parameters.get(vector.nodes[0].inputs[2])?.data, Float32Array.of(5, 5, 5, 5));
    const initializer = [weight("w", 4, 3), weight("b", 2, 4)];
    const matrix = read({ input, node: [node("Gemm", ["x", "w", "b"], "y", int("transB", 1))], initializer });
    assert.deepEqual(outline(matrix), ["Gemm y/Gemm(x,w)", "Add y(y/Gemm,b)"]);
  });
  test("MatMul with a transposed constant", () => {
    const initializer = [weight("w", 4, 3)];
    const graph = read({ input, node: [node("Transpose", ["w"], "t"), node("MatMul", ["x", "t"], "y")], initializer });
    assert.deepEqual(outline(graph), ["Gemm y(x,t)"]);
    assert.deepEqual([...graph.parameters.keys()], ["t"]);
    assert.equal(graph.parameters.get("t")?.data?.[1], Math.fround(0.04));
  });
});

describe("attributes that became inputs", () => {
  test("Clip", () => {
    const old = read({ node: [node("Clip", ["x"], "y", float("min", 0), float("max", 6))], opset: 9 });
    assert.deepEqual(only(old, "Clip"), { min: 0, max: 6 });
    const scalar = { ...real("six", 6), dims: [] };
    const recent = read({ node: [node("Clip", ["x", "", "six"], "y")], initializer: [scalar] });
    assert.deepEqual(only(recent, "Clip"), { min: -Infinity, max: 6 });
  });
  test("Slice: negative axes and bounds, ends of 2^63 − 1, steps", () => {
    const most = 2n ** 63n - 1n;
    const old = read({ node: [node("Slice", ["x"], "y", ints("starts", -2), ints("ends", most), ints("axes", 1))], opset: 9 });
    assert.deepEqual(only(old, "Slice"), { starts: [0, 2, 0, 0], ends: [1, 4, 6, 6], steps: [1, 1, 1, 1] });
    const initializer = [whole("starts", 0, 1), whole("ends", most, -1), whole("axes", -2, -1), whole("steps", 2, 2)];
    const recent = read({ node: [node("Slice", ["x", "starts", "ends", "axes", "steps"], "y")], initializer });
    assert.deepEqual(only(recent, "Slice"), { starts: [0, 0, 0, 1], ends: [1, 4, 6, 5], steps: [1, 1, 2, 2] });
    assert.deepEqual(recent.outputs[0].dims, [1, 4, 3, 2]);
  });
  test("Slice: steps that run backwards, or stand still, are refused", () => {
    const initializer = [whole("starts", -1), whole("ends", -9), whole("axes", 2), whole("back", -1), whole("still", 0)];
    const slice = (steps: string) => () =>
      read({ node: [node("Slice", ["x", "starts", "ends", "axes", steps], "y")], initializer });
    assert.throws(slice("back"), { name: "UnsupportedError", message: /Slice "y": steps 1,1,-1,1 run backwards/ });
    assert.throws(slice("still"), { name: "GraphError", message: /Slice "y": a step is 0/ });
  });
  test("Split: sizes, equal parts, a smaller last one, an output that nobody wants", () => {
    const parts = (graph: Graph) =>
      graph.nodes.map(({ op, output, attributes }) => {
        assert.equal(op, "Slice");
        const { starts, ends } = attributes as Attributes["Slice"];
        return [output, starts.at(1), ends.at(1)];
      });
    const output = ["a", "b"];
    const axis = int("axis", -3);
    const old = read({ node: [node("Split", ["x"], ["a", "b"], axis, ints("split", 1, 3))], output, opset: 11 });
    assert.deepEqual(parts(old), [
      ["a", 0, 1],
      ["b", 1, 4],
    ]);
    const initializer = [whole("sizes", 1, 2, 1)];
    const sizes = read({ node: [node("Split", ["x", "sizes"], ["a", "", "b"], axis)], initializer, output, opset: 13 });
    assert.deepEqual(parts(sizes), [
      ["a", 0, 1],
      ["b", 3, 4],
    ]);
    const equal = read({
      node: [node("Split", ["x"], ["a", "b"], axis), node("Relu", ["b"], "y")],
      output: ["a", "y"],
      opset: 13,
    });
    assert.deepEqual(outline(equal), ["Slice a(x)", "Slice a/1(x)", "Relu y(b)"]);
    const input = [value("x", [1, 5, 2, 2])];
    const uneven = read({ input, node: [node("Split", ["x"], ["a", "b"], axis, int("num_outputs", 2))], output, opset: 18 });
    assert.deepEqual(parts(uneven), [
      ["a", 0, 3],
      ["b", 3, 5],
    ]);
    const wrong = { node: [node("Split", ["x"], ["a", "b"], axis, ints("split", 1, 2))], output, opset: 11 };
    assert.throws(() => read(wrong), { name: "GraphError", message: /Split "a": parts of 1,2 do not make up axis 1/ });
  });
  test("Transpose, with and without perm", () => {
    assert.deepEqual(only(read({ node: [node("Transpose", ["x"], "y")] }), "Transpose"), { perm: [3, 2, 1, 0] });
    const given = read({ node: [node("Transpose", ["x"], "y", ints("perm", 0, 2, -1, 1))] });
    assert.deepEqual(only(given, "Transpose"), { perm: [0, 2, 3, 1] });
    assert.deepEqual(given.outputs[0].dims, [1, 6, 6, 4]);
    const wrong = { node: [node("Transpose", ["x"], "y", ints("perm", 0, 2, 2, 1))] };
    assert.throws(() => read(wrong), {
      name: "GraphError",
      message: /Transpose "y": perm 0,2,2,1 does not name every axis once/,
    });
  });
  test("Pad, with axes of opset 18", () => {
    const old = read({ node: [node("Pad", ["x"], "y", ints("pads", 0, 1, 0, 0, 0, 2, 0, 0), float("value", 3))], opset: 9 });
    assert.deepEqual(only(old, "Pad"), { before: [0, 1, 0, 0], after: [0, 2, 0, 0], value: 3 });
    const initializer = [whole("pads", 1, 2), whole("axes", -1)];
    const recent = read({ node: [node("Pad", ["x", "pads", "", "axes"], "y")], initializer, opset: 18 });
    assert.deepEqual(only(recent, "Pad"), { before: [0, 0, 0, 1], after: [0, 0, 0, 2], value: 0 });
  });
  test("Squeeze and Unsqueeze", () => {
    const input = [value("x", [1, 4, 1, 1])];
    const all = read({ input, node: [node("Squeeze", ["x"], "y")] });
    assert.deepEqual(all.outputs[0].dims, [4]);
    const some = read({ input, node: [node("Squeeze", ["x"], "y", ints("axes", -1, 2))], opset: 11 });
    assert.deepEqual(some.outputs[0].dims, [1, 4]);
    const more = read({ input, node: [node("Unsqueeze", ["x", "axes"], "y")], initializer: [whole("axes", -1, 0)] });
    assert.deepEqual(more.outputs[0].dims, [1, 1, 4, 1, 1, 1]);
  });
  test("Dropout in inference", () => {
    const yes = { name: "training", dataType: DataType.BOOL, dims: [], int32Data: [1] };
    assert.deepEqual(
      only(read({ node: [node("Dropout", ["x"], ["y", "mask"], float("ratio", 0.5))], opset: 9 }), "Identity"),
      {},
    );
    assert.throws(() => read({ node: [node("Dropout", ["x", "", "training"], "y")], initializer: [yes] }), UnsupportedError);
  });
});

describe("softmax", () => {
  const soft = (dims: number[], opset: number, ...attributes: Parameters<typeof node>[3][]) =>
    read({ input: [value("x", dims)], node: [node("Softmax", ["x"], "y", ...attributes)], opset });
  test("from opset 13 on along one axis, the last by default", () => {
    assert.deepEqual(only(soft([1, 4, 6, 6], 13), "Softmax"), { axis: 3 });
    assert.deepEqual(only(soft([1, 4, 6, 6], 13, int("axis", -3)), "Softmax"), { axis: 1 });
  });
  test("before, over all axes from one on", () => {
    assert.deepEqual(only(soft([1, 10, 1, 1], 9), "Softmax"), { axis: 1 });
    const flattened = soft([1, 4, 6, 6], 9);
    assert.deepEqual(outline(flattened), ["Flatten y/Flatten(x)", "Softmax y/Softmax(y/Flatten)", "Reshape y(y/Softmax)"]);
    assert.deepEqual(flattened.outputs[0].dims, [1, 4, 6, 6]);
  });
});

describe("shapes", () => {
  test("Reshape: 0 copies, −1 takes the rest, allowzero", () => {
    const graph = read({ node: [node("Reshape", ["x", "shape"], "y")], initializer: [whole("shape", 0, -1, 6)] });
    assert.deepEqual(only(graph, "Reshape"), { dims: [1, 24, 6] });
    const zero = { node: [node("Reshape", ["x", "shape"], "y", int("allowzero", 1))], initializer: [whole("shape", 0, -1)] };
    assert.throws(() => read(zero), GraphError);
  });
  test("the shape arithmetic of torch's x.view(x.size(0), -1)", () => {
    const graph = read({
      node: [
        node("Shape", ["x"], "shape"),
        node("Gather", ["shape", "zero"], "n", int("axis", 0)),
        node("Unsqueeze", ["n", "axes"], "n1"),
        node("Concat", ["n1", "rest"], "to", int("axis", 0)),
        node("Reshape", ["x", "to"], "y"),
      ],
      initializer: [{ ...whole("zero", 0), dims: [] }, whole("axes", 0), whole("rest", -1)],
    });
    assert.deepEqual(outline(graph), ["Reshape y(x)"]);
    assert.deepEqual(graph.outputs[0].dims, [1, 144]);
    assert.equal(graph.parameters.size, 0);
  });
  test("Slice, Cast and arithmetic on shapes", () => {
    const graph = read({
      node: [
        node("Shape", ["x"], "shape"),
        node("Slice", ["shape", "from", "to"], "hw"),
        node("Cast", ["hw"], "real", int("to", DataType.FLOAT)),
        node("Div", ["real", "two"], "half"),
        node("Cast", ["half"], "whole", int("to", DataType.INT64)),
        node("Concat", ["minus", "whole"], "dims", int("axis", 0)),
        node("Reshape", ["x", "dims"], "y"),
      ],
      initializer: [whole("from", 2), whole("to", 4), real("two", 2), whole("minus", -1)],
    });
    assert.deepEqual(graph.outputs[0].dims, [16, 3, 3]);
  });
  test("pads as PyTorch's exporter computes them for windows that TensorFlow calls SAME", () => {
    // For a window of 3 and a stride of 2: max((⌈size ÷ 2⌉ − 1) · 2 + 3 − size, 0), of which half, rounded down, goes before the image.
    const padOf = (axis: string, index: string) => [
      node("Gather", ["shape", index], `${axis}int`),
      node("Cast", [`${axis}int`], `${axis}size`, int("to", DataType.FLOAT)),
      node("Div", [`${axis}size`, "two"], `${axis}half`),
      node("Ceil", [`${axis}half`], `${axis}count`),
      node("Mul", [`${axis}count`, "two"], `${axis}steps`),
      node("Add", [`${axis}steps`, "one"], `${axis}reach`),
      node("Sub", [`${axis}reach`, `${axis}size`], `${axis}missing`),
      node("Clip", [`${axis}missing`, "none", ""], `${axis}all`),
      node("Div", [`${axis}all`, "two"], `${axis}part`),
      node("Floor", [`${axis}part`], `${axis}before`),
      node("Sub", [`${axis}all`, `${axis}before`], `${axis}after`),
    ];
    const graph = read({
      node: [
        node("Shape", ["x"], "shape"),
        ...padOf("h", "rows"),
        ...padOf("w", "columns"),
        node("Concat", ["zeros", "hbefore", "wbefore", "zeros", "hafter", "wafter"], "real", int("axis", 0)),
        node("Cast", ["real"], "pads", int("to", DataType.INT64)),
        node("Pad", ["x", "pads"], "y"),
      ],
      initializer: [
        ...[whole("rows", 2), whole("columns", 3), real("one", 1), real("two", 2), real("none", 0), real("zeros", 0, 0)],
      ],
    });
    assert.deepEqual(only(graph, "Pad"), { before: [0, 0, 0, 0], after: [0, 0, 1, 1], value: 0 });
  });
  test("Clip, Ceil and Floor of constants", () => {
    for (const [op, bounds, values, expected] of [
      ["Ceil", [], [0.5, 1, 2.25, 3], [1, 1, 3, 3]],
      ["Floor", [], [0.5, 1, 2.25, 3], [0, 1, 2, 3]],
      ["Clip", [1, 2], [0, 1.5, 2, 9], [1, 1, 2, 2]],
      ["Clip", ["", 2], [0, 1, 2, 9], [0, 1, 2, 2]],
    ] as const) {
      const names = bounds.map((bound, i) => bound && `bound${i}`);
      const graph = read({
        node: [
          node(op, ["values", ...names], "rounded"),
          node("Cast", ["rounded"], "whole", int("to", DataType.INT64)),
          node("Concat", ["zeros", "whole"], "pads", int("axis", 0)),
          node("Pad", ["x", "pads"], "y"),
        ],
        initializer: [
          ...[real("values", ...values), whole("zeros", 0, 0, 0, 0)],
          ...bounds.flatMap((bound, i) => (bound === "" ? [] : [real(`bound${i}`, bound)])),
        ],
      });
      assert.deepEqual(only(graph, "Pad").after, expected, op);
    }
  });
  test("pads as PyTorch's exporter computes them, from the last axis to the first", () => {
    const least = -(2n ** 63n);
    const graph = read({
      node: [
        node("ConstantOfShape", ["rest"], "zeros"),
        node("Cast", ["zeros"], "others", int("to", DataType.INT64)),
        node("Concat", ["pads", "others"], "all", int("axis", 0)),
        node("Reshape", ["all", "pairs"], "byAxis"),
        node("Slice", ["byAxis", "last", "beyond", "zero", "last"], "turned"),
        node("Transpose", ["turned"], "byEnd", ints("perm", 1, 0)),
        node("Reshape", ["byEnd", "last"], "flat"),
        node("Pad", ["x", "flat"], "y"),
      ],
      initializer: [
        ...[whole("rest", 4), whole("pads", 3, 4, 1, 2), whole("pairs", -1, 2)],
        ...[whole("last", -1), whole("beyond", least), whole("zero", 0)],
      ],
    });
    assert.deepEqual(only(graph, "Pad"), { before: [0, 0, 1, 3], after: [0, 0, 2, 4], value: 0 });
  });
  test("a Slice of integers: backwards from an end, to the front and beyond it, and by steps", () => {
    for (const [starts, ends, steps, expected] of [
      [2, -99, -1, [3, 2, 1]],
      [99, 0, -2, [4, 2]],
      [-99, -99, -1, [1]],
      [1, 99, 2, [2, 4]],
      [3, 1, 1, []],
    ] as const) {
      const graph = read({
        node: [
          node("Slice", ["list", "starts", "ends", "zero", "steps"], "part"),
          node("Concat", ["part", "tail"], "pads", int("axis", 0)),
          node("Pad", ["x", "pads"], "y"),
        ],
        initializer: [
          ...[whole("list", 1, 2, 3, 4), whole("starts", starts), whole("ends", ends), whole("zero", 0), whole("steps", steps)],
          whole("tail", ...new Array(8 - expected.length).fill(0)),
        ],
      });
      const { before, after } = only(graph, "Pad");
      assert.deepEqual([...before, ...after].slice(0, expected.length), expected);
    }
  });
  test("open dims: a batch becomes 1, others must be given", () => {
    const parts = { input: [value("x", ["batch", 3, "height", 8])], node: [node("Relu", ["x"], "y")] };
    assert.throws(() => read(parts), {
      name: "GraphError",
      message: /"x" has the dims \[batch,3,height,8\]: dimension 2 is open/,
    });
    assert.deepEqual(readOnnx(model(parts), { dims: { x: [2, 3, 5, 8] } }).outputs[0].dims, [2, 3, 5, 8]);
    assert.throws(() => readOnnx(model(parts), { dims: { x: [2, 4, 5, 8] } }), GraphError);
    assert.throws(() => readOnnx(model(parts), { dims: { z: [1] } }), OptionError);
    const batch = read({ input: [value("x", ["N", 3])], node: [node("Relu", ["x"], "y")] });
    assert.deepEqual(batch.inputs[0].dims, [1, 3]);
  });
});

describe("names and inputs", () => {
  test("a parameter broadcasts in binary operators, Sum becomes Adds", () => {
    const initializer = [weight("scale", 1, 4, 1, 1)];
    const graph = read({ node: [node("Mul", ["x", "scale"], "m"), node("Sum", ["m", "x", "x"], "y")], initializer });
    assert.deepEqual(outline(graph), ["Mul m(x,scale)", "Add y/Add(m,x)", "Add y(y/Add,x)"]);
  });
  test("nodes get unique names, unused initialisers go, outputs keep their order", () => {
    const twice = (name: string, output: string) => ({ ...node("Relu", ["x"], output), name });
    const graph = read({
      node: [twice("same", "20"), twice("same", "3"), twice("", "100")],
      output: ["20", "3", "100"],
      initializer: [weight("unused", 4)],
    });
    assert.deepEqual(
      graph.nodes.map((n) => n.name),
      ["same", "same_2", "100"],
    );
    assert.deepEqual(
      graph.outputs.map((output) => output.name),
      ["20", "3", "100"],
    );
    assert.equal(graph.parameters.size, 0);
  });
  test("float16, bfloat16 and double weights, raw or listed", () => {
    const dims = [2n];
    const half = { name: "b", dataType: DataType.FLOAT16, dims, int32Data: [0x3c00, 0xc000] };
    const brain = { name: "b", dataType: DataType.BFLOAT16, dims, rawData: new Uint8Array([0x80, 0x3f, 0x00, 0xc0]) };
    const double = { name: "b", dataType: DataType.DOUBLE, dims, doubleData: [1, -2] };
    for (const tensor of [half, brain, double]) {
      const graph = read({ input: [value("x", [3, 2])], node: [node("Add", ["x", "b"], "y")], initializer: [tensor] });
      assert.deepEqual(graph.parameters.get("b")?.data, Float32Array.of(1, -2));
    }
  });
  test("an aligned weight is a view of the file", () => {
    const bytes = model({
      node: [node("Add", ["x", "b"], "y")],
      initializer: [{ ...real("b"), dims: [1n], rawData: new Uint8Array(4) }],
    });
    let views = 0;
    for (let shift = 0; shift < 4; ++shift) {
      const moved = new Uint8Array(bytes.length + shift).subarray(shift);
      moved.set(bytes);
      const data = readOnnx(moved).parameters.get("b")?.data;
      if (data?.buffer === moved.buffer) ++views;
    }
    assert.equal(views, 1);
  });
  test("metadata comes before the doc string", () => {
    const parts = modelOf({ node: [node("Relu", ["x"], "y")] });
    const docString = "Input x/127.5-1";
    assert.equal(readOnnx(encodeModel({ ...parts, docString })).normalisation?.scale, 1);
    const metadataProps = [
      { key: "minnow.mean", value: "[0.5]" },
      { key: "minnow.std", value: "[0.25,0.5,1]" },
      { key: "minnow.scale", value: "255" },
    ];
    const { normalisation } = readOnnx(encodeModel({ ...parts, docString, metadataProps }));
    assert.deepEqual(normalisation, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.5, 1], scale: 255 });
    const bad = { ...parts, metadataProps: [{ key: "minnow.std", value: "0" }] };
    assert.throws(() => readOnnx(encodeModel(bad)), { name: "FormatError" });
  });
});
