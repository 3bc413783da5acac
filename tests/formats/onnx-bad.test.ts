// Files that are not what they say: every one must give a typed error, quickly.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { FormatError, GraphError, MinnowError, UnsupportedError } from "../../src/errors.ts";
import { handlers } from "../../src/formats/onnx/operators.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { DataType } from "../../src/formats/onnx/schema.ts";
import { encodeModel } from "../../src/formats/onnx/write.ts";
import { dataPath, needsData } from "../data.ts";
import { random } from "../random.ts";
import { float, int, ints, type ModelParts, model, modelOf, node, real, text, value, weight, whole } from "./onnx-models.ts";

/** A model with a bit of everything, small enough to damage at every byte. */
const small = model({
  node: [
    node("Conv", ["x", "w", "b"], "c", ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1), int("group", 1)),
    node("Clip", ["c"], "r", float("min", 0), float("max", 6)),
    node("MaxPool", ["r"], "p", ints("kernel_shape", 2, 2), ints("strides", 2, 2), text("auto_pad", "SAME_UPPER")),
    node("Shape", ["p"], "s"),
    node("Slice", ["s", "zero", "one"], "n"),
    node("Concat", ["n", "rest"], "dims", int("axis", 0)),
    node("Reshape", ["p", "dims"], "f"),
    node("Gemm", ["f", "g"], "l", int("transB", 1), float("alpha", 0.5)),
    node("Softmax", ["l"], "y", int("axis", -1)),
  ],
  initializer: [
    weight("w", 2, 4, 3, 3),
    weight("b", 2),
    whole("zero", 0),
    whole("one", 1),
    whole("rest", -1),
    weight("g", 5, 18),
  ],
});

/** Reads bytes that may be anything: a graph or one of our own errors, nothing else. */
function readAnything(bytes: Uint8Array, what: string): unknown {
  try {
    readOnnx(bytes);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof MinnowError, `${what}: ${(error as Error).stack}`);
    return error;
  }
}

describe("damaged files", () => {
  test("an empty file", () => {
    assert.throws(() => readOnnx(new Uint8Array(0)), { name: "FormatError", byteOffset: 0, message: /empty/ });
  });
  test("every truncation of a small model", () => {
    readOnnx(small);
    for (let length = 0; length < small.length; ++length) {
      const error = readAnything(small.subarray(0, length), `length ${length}`);
      // Cut between two fields of the model, what is left is a valid message: of opset 1, or without a graph.
      assert.ok(error instanceof FormatError || error instanceof UnsupportedError, `length ${length} gave ${error}`);
    }
  });
  test("every byte of a small model set to 0, 127 and 255, and every bit flipped", () => {
    for (let at = 0; at < small.length; ++at) {
      for (const byte of [0, 127, 255, ...Array.from({ length: 8 }, (_, bit) => small[at] ^ (1 << bit))]) {
        const bytes = small.slice();
        bytes[at] = byte;
        readAnything(bytes, `byte ${at} = ${byte}`);
      }
    }
  });
  test("random bytes, as they are and inside a model", () => {
    const next = random(1);
    for (let i = 0; i < 2000; ++i) {
      const noise = Uint8Array.from({ length: Math.floor(next() * 200) }, () => Math.floor(next() * 256));
      assert.ok(readAnything(noise, `noise ${i}`) instanceof MinnowError);
      const bytes = small.slice();
      bytes.set(noise.subarray(0, 8), Math.floor(next() * (bytes.length - 8)));
      readAnything(bytes, `damage ${i}`);
    }
  });
  test("every operator with too few inputs, inputs of odd dims, and no attributes", () => {
    const foldable = ["Constant", "ConstantOfShape", "Shape", "Gather"];
    const initializer = [weight("w", 2), weight("scalar"), weight("none", 0), whole("n", 3), whole("many", -1, 2n ** 62n, 0)];
    const names = ["", "x", "w", "scalar", "none", "n", "many"];
    for (const op of [...handlers.keys(), ...foldable]) {
      for (const a of names) {
        for (const b of names) {
          for (const input of [[], [a], [a, b], [a, b, a], [a, b, a, b, a]]) {
            for (const opset of [7, 21])
              readAnything(model({ node: [node(op, input, "y")], initializer, opset }), `${op}(${input})`);
          }
        }
      }
    }
  });
  test("lengths that reach beyond the file", () => {
    for (const bytes of [
      [0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f],
      [0x08, 0x08, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x08, ...new Array(20).fill(0xff)],
    ]) {
      assert.throws(() => readOnnx(Uint8Array.from(bytes)), FormatError);
    }
  });
  test("a truncated published model", { skip: needsData }, () => {
    const bytes = readFileSync(dataPath("models", "squeezenet1_1.onnx"));
    for (let i = 0; i < 50; ++i) {
      assert.throws(() => readOnnx(bytes.subarray(0, Math.floor((bytes.length * i) / 50))), FormatError);
    }
  });
  test("a photograph called .onnx", { skip: needsData }, () => {
    const photo = (name: string) => readFileSync(dataPath("photos", name));
    assert.throws(() => readOnnx(photo("kitten.png")), {
      name: "FormatError",
      message: /this is a PNG image, not an ONNX model/,
    });
    assert.throws(() => readOnnx(photo("hen.jpg")), { name: "FormatError", message: /this is a JPEG image/ });
  });
});

describe("models that contradict themselves", () => {
  const throws = (parts: ModelParts, message: RegExp) =>
    assert.throws(() => readOnnx(model(parts)), { name: "GraphError", message });
  test("a cycle", () => throws({ node: [node("Add", ["x", "y"], "z"), node("Relu", ["z"], "y")] }, /Add "z" reads "y".*cycle/));
  test("a missing initialiser", () => throws({ node: [node("Conv", ["x", "w"], "y")] }, /Conv "y" reads "w".*no initialiser/));
  test("an output that nothing computes", () => throws({ node: [node("Relu", ["x"], "z")] }, /output "y"/));
  test("a value computed twice", () => throws({ node: [node("Relu", ["x"], "y"), node("Relu", ["x"], "y")] }, /two values/));
  test("an axis outside", () => throws({ node: [node("Softmax", ["x"], "y", int("axis", 4))] }, /axis 4/));
  test("dims that do not fit", () =>
    throws({ node: [node("Conv", ["x", "w"], "y")], initializer: [weight("w", 8, 3, 3, 3)] }, /Conv "y": weight must have dims/));
  test("a size beyond 2^53", () =>
    throws({ node: [node("MaxPool", ["x"], "y", ints("kernel_shape", 2n ** 60n, 2))] }, /kernelShape \[Infinity,2\]/));
  test("a constant larger than memory", () =>
    throws(
      { node: [node("ConstantOfShape", ["s"], "c"), node("Add", ["x", "c"], "y")], initializer: [whole("s", 2 ** 31, 2 ** 31)] },
      /too large/,
    ));
  test("an attribute of another type", () =>
    throws({ node: [node("LeakyRelu", ["x"], "y", ints("alpha", 1))] }, /"alpha" has no float/));
  test("data that do not fill the dims are damage", () => {
    const initializer = [{ ...weight("w", 8), dims: [9n] }];
    assert.throws(() => readOnnx(model({ node: [node("Add", ["x", "w"], "y")], initializer })), FormatError);
  });
});

describe("what is not supported", () => {
  test("a list that doubles thirty times", () => {
    const doubled = Array.from({ length: 30 }, (_, i) => node("Concat", [`l${i}`, `l${i}`], `l${i + 1}`, int("axis", 0)));
    for (const list of [whole("l0", 1, 2), real("l0", 1, 2)]) {
      assert.throws(() => readOnnx(model({ node: [...doubled, node("Reshape", ["x", "l30"], "y")], initializer: [list] })), {
        name: "UnsupportedError",
        message: /Concat "l16": 131072 numbers are too many/,
      });
    }
  });
  test("is listed all at once", () => {
    const parts: ModelParts = {
      node: [
        node("Celu", ["x"], "a"),
        node("Relu", ["a"], "b"),
        { ...node("FusedConv", ["b", "w"], "c"), domain: "com.microsoft" },
        node("Pad", ["x"], "d", ints("pads", 0, 0, 1, 1, 0, 0, 1, 1), text("mode", "reflect")),
        node("Conv", ["x", "external"], "e"),
        node("TopK", ["x"], ["f", "g"], int("axis", 1)),
        node("Add", ["f", "g"], "h"),
        node("BatchNormalization", ["x", "s", "s", "s", "s"], "i", int("training_mode", 1)),
        node("MaxPool", ["x"], ["j", "indices"], ints("kernel_shape", 2, 2)),
        node("Relu", ["indices"], "k"),
        node("Gemm", ["x", "s"], "y", int("transA", 1)),
      ],
      initializer: [{ name: "external", dataType: DataType.FLOAT, dims: [4n], dataLocation: 1 }, weight("w", 4), weight("s", 4)],
      output: ["y", "h"],
    };
    assert.throws(
      () => readOnnx(model(parts)),
      (error: unknown) => {
        assert.ok(error instanceof UnsupportedError);
        const nodes = error.problems.map((problem) => problem.split(":")[0]);
        const expected = ["Celu", "FusedConv", "Pad", "Conv", "TopK", "BatchNormalization", "Relu", "Gemm"];
        const outputs = ["a", "c", "d", "e", "f", "i", "k", "y"];
        assert.deepEqual(
          nodes,
          expected.map((op, i) => `${op} "${outputs[i]}"`),
        );
        assert.match(error.message, /Pad "d": mode "reflect" is not supported/);
        return true;
      },
    );
  });
  test("old opsets, sequences, integer inputs", () => {
    const relu = [node("Relu", ["x"], "y")];
    assert.throws(() => readOnnx(model({ node: relu, opset: 6 })), { name: "UnsupportedError", message: /opset 6/ });
    const sequence = modelOf({ node: relu, input: [{ name: "x", type: {} }] });
    assert.throws(() => readOnnx(encodeModel(sequence)), { name: "UnsupportedError", message: /input "x" is no tensor/ });
    const input = [value("x", [1, 2], DataType.INT64)];
    assert.throws(() => readOnnx(model({ node: relu, input })), { name: "UnsupportedError", message: /tensor of int64/ });
  });
  test("a GraphError is no UnsupportedError", () => {
    assert.throws(() => readOnnx(model({ node: [node("Relu", ["nothing"], "y")] })), GraphError);
  });
});
