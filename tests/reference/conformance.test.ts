// The references against others' results: ONNX's own conformance cases, one operator each, and a published network.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { readNpy } from "../../src/formats/npy.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { decodeModel, decodeTensor } from "../../src/formats/onnx/schema.ts";
import { readTensor } from "../../src/formats/onnx/tensors.ts";
import { encodeModel } from "../../src/formats/onnx/write.ts";
import { elementCount, type Tensor } from "../../src/tensor.ts";
import { assertClose } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { evaluate } from "./evaluate.ts";

interface Case {
  readonly name: string;
  readonly ops: readonly string[];
  readonly inputs: readonly { readonly dtype: string; readonly shape: readonly number[] }[];
}

/** Operators whose second input is a value; that of others is trained, or an attribute, and must be constant. */
const ofValues = new Set(["Add", "Mul", "Concat", "Sum"]);

const operators = new Set([
  ...ofValues,
  ...["Conv", "Gemm", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization", "LRN", "Relu", "Clip", "LeakyRelu"],
  ...["Elu", "Resize", "Upsample"],
  ...["Sigmoid", "HardSigmoid", "Swish", "Softmax", "LogSoftmax", "Slice", "Pad", "Flatten", "Reshape", "Identity"],
]);

/** Forms of these operators that a graph cannot hold. */
const impossible = new Set([
  "test_constant_pad_axes",
  "test_gemm_transposeA",
  "test_reshape_allowzero_reordered",
  "test_slice_neg_steps",
  // It selects nothing.
  "test_slice_start_out_of_bounds",
]);

const file = (name: string, kind: "input" | "output", index: number) =>
  readFileSync(dataPath("conformance/onnx/node", name, "test_data_set_0", `${kind}_${index}.pb`));

/** The case's graph, in which all inputs but the first are constants where its operator wants that. */
function graphOf({ name, ops }: Case) {
  const model = decodeModel(readFileSync(dataPath("conformance/onnx/node", name, "model.onnx")));
  const { graph } = model;
  assert.ok(graph?.input);
  if (!ofValues.has(ops[0])) {
    const constants = graph.input.slice(1).map((input, i) => ({ ...decodeTensor(file(name, "input", i + 1)), name: input.name }));
    graph.initializer = [...(graph.initializer ?? []), ...constants];
    graph.input = graph.input.slice(0, 1);
  }
  return readOnnx(encodeModel(model));
}

const isImage = (dims: readonly number[]) => dims.length === 4;

/** Cases in float32, of sizes and forms that a graph can hold. */
function cases(): Case[] {
  const all: Case[] = JSON.parse(readFileSync(dataPath("conformance/onnx/index.json"), "utf8"));
  return all.filter(
    ({ name, ops, inputs }) =>
      ops.length === 1 &&
      operators.has(ops[0]) &&
      inputs[0]?.dtype === "float" &&
      elementCount(inputs[0].shape) > 0 &&
      (isImage(inputs[0].shape) || !ops[0].endsWith("Pool")) &&
      !impossible.has(name) &&
      !/cubic|symmetric|antialias|crop|not_(larger|smaller)/.test(name),
  );
}

describe("references against ONNX's conformance cases", { skip: needsData }, () => {
  const selected = needsData === false ? cases() : [];

  test("there are cases for every operator", () => {
    assert.deepEqual(
      [...operators].filter((op) => !selected.some(({ ops }) => ops[0] === op)),
      [],
    );
  });

  for (const one of selected) {
    test(one.name, () => {
      const graph = graphOf(one);
      const inputs: Record<string, Tensor> = {};
      graph.inputs.forEach(({ name }, i) => {
        inputs[name] = readTensor(decodeTensor(file(one.name, "input", i)));
      });
      const actual = evaluate(graph, inputs).get(graph.outputs[0].name);
      assert.ok(actual);
      assertClose(actual, readTensor(decodeTensor(file(one.name, "output", 0))), { relative: 1e-6, what: one.name });
    });
  }
});

test("SqueezeNet 1.1 gives its published output", { skip: needsData }, () => {
  const graph = readOnnx(readFileSync(dataPath("models/squeezenet1_1.onnx")));
  const [input, output] = ["input", "output"].map((name) =>
    readNpy(readFileSync(dataPath("vectors/squeezenet1_1/published_0", `${name}.npy`))),
  );
  const actual = evaluate(graph, { input }).get("output");
  assert.ok(actual);
  assertClose(actual, output, { relative: 2e-6, what: "squeezenet1_1, published_0" });
});
