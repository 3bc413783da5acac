// Shape rules: the dims that each operator gives, and for every way in which inputs or attributes can be wrong, a
// GraphError that names the node and says what is wrong.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GraphError } from "../../src/errors.ts";
import type { Graph, Node, ValueType } from "../../src/graph/graph.ts";
import type { Attributes, Operator } from "../../src/graph/operators.ts";
import { broadcastDims, inferNode, inferShapes, windowCount } from "../../src/graph/shapes.ts";
import type { TensorType } from "../../src/tensor.ts";

type Dims = readonly number[];
const infer = (op: string, inputs: (Dims | undefined)[], attributes: object, type: TensorType = "float32"): ValueType => {
  const node = { op, name: "layer 7", inputs: inputs.map((_, i) => `i${i}`), output: "y", attributes } as unknown as Node;
  return inferNode(
    node,
    inputs.map((dims) => (dims === undefined ? undefined : { type, dims })),
  );
};

function gives<Op extends Operator>(op: Op, inputs: (Dims | undefined)[], attributes: Attributes[Op], dims: Dims): void {
  test(`${op}(${inputs.map((input) => `[${input}]`).join(", ")}) is [${dims}]`, () => {
    assert.deepEqual(infer(op, inputs, attributes), { type: "float32", dims });
  });
}

function refuses(op: string, what: string, inputs: (Dims | undefined)[], attributes: object, message: RegExp): void {
  test(`${op}: ${what}`, () => {
    assert.throws(
      () => infer(op, inputs, attributes),
      (error: unknown) => {
        assert.ok(error instanceof GraphError, (error as Error).stack);
        assert.ok(error.message.startsWith(`${op} "layer 7": `), error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

const window = {
  kernelShape: [3, 3],
  strides: [1, 1],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
} as const;
const conv = { ...window, group: 1 };
const maxPool = { ...window, ceilMode: false };
const x = [2, 6, 9, 8];

/** What every operator with a window refuses. */
function refusesWindows(op: string, inputs: Dims[], base: object): void {
  for (const [field, least] of [
    ["kernelShape", 1],
    ["strides", 1],
    ["dilations", 1],
  ] as const) {
    for (const value of [[0, 1], [1, -1], [1.5, 1], [Number.NaN, 1], [1, Infinity], [2 ** 16, 1], [1], [1, 1, 1], []]) {
      const fitted = field === "kernelShape" && op === "Conv" ? [inputs[0], [8, 6, ...value]] : inputs;
      refuses(op, `${field} [${value}]`, fitted, { ...base, [field]: value }, new RegExp(`${field}.*≥ ${least}|dims|window`));
    }
  }
  for (const pads of [
    [0, 0, 0],
    [1, 1],
    [-1, 0, 0, 0],
    [0, 0, 0, 0.5],
    [0, 0, 0, 0, 0],
  ]) {
    refuses(op, `pads [${pads}]`, inputs, { ...base, pads }, /pads \[.*\] must be whole numbers ≥ 0|pads .* must be smaller/);
  }
}

describe("Conv", () => {
  const w = [8, 6, 3, 3];
  gives("Conv", [x, w], conv, [2, 8, 7, 6]);
  gives("Conv", [x, w, [8]], { ...conv, pads: [1, 1, 1, 1] }, [2, 8, 9, 8]);
  gives("Conv", [x, w], { ...conv, strides: [2, 3], pads: [0, 1, 2, 0] }, [2, 8, 5, 3]);
  gives("Conv", [x, w], { ...conv, dilations: [4, 3] }, [2, 8, 1, 2]);
  gives("Conv", [x, [6, 1, 3, 3]], { ...conv, group: 6 }, [2, 6, 7, 6]);
  gives("Conv", [x, [4, 3, 1, 5]], { ...conv, kernelShape: [1, 5], group: 2 }, [2, 4, 9, 4]);
  gives("Conv", [x, w, undefined, [8], [2, 8, 7, 6]], conv, [2, 8, 7, 6]);
  refuses("Conv", "no weight", [x, undefined], conv, /input 1 is missing/);
  refuses("Conv", "x of three dims", [[6, 9, 8], w], conv, /expects an image \[N,C,H,W\], got \[6,9,8\]/);
  refuses("Conv", "weight for other channels", [x, [8, 5, 3, 3]], conv, /weight must have dims \[8,6,3,3\].*got \[8,5,3,3\]/);
  refuses("Conv", "weight of another kernel", [x, [8, 6, 3, 5]], conv, /weight must have dims \[8,6,3,3\]/);
  refuses("Conv", "weight of two dims", [x, [8, 6]], conv, /weight must have dims/);
  refuses("Conv", "group that does not divide the inputs", [x, [8, 1, 3, 3]], { ...conv, group: 4 }, /group 4 must divide/);
  refuses("Conv", "group that does not divide the outputs", [x, [8, 2, 3, 3]], { ...conv, group: 3 }, /group 3 must divide/);
  refuses("Conv", "group 0", [x, w], { ...conv, group: 0 }, /group 0 must divide/);
  refuses("Conv", "group −1", [x, w], { ...conv, group: -1 }, /group -1 must divide/);
  refuses("Conv", "half a group", [x, [8, 12, 3, 3]], { ...conv, group: 0.5 }, /group 0.5 must divide/);
  refuses("Conv", "bias of another length", [x, w, [7]], conv, /bias must have dims \[8\], got \[7\]/);
  refuses("Conv", "bias of two dims", [x, w, [1, 8]], conv, /bias must have dims \[8\], got \[1,8\]/);
  refuses("Conv", "scale of another length", [x, w, [8], [1]], conv, /scale must have dims \[8\]/);
  refuses("Conv", "residual of other dims", [x, w, [8], [8], [2, 8, 9, 8]], conv, /residual \[2,8,9,8\].*\[2,8,7,6\]/);
  refuses("Conv", "window larger than the image", [x, [8, 6, 11, 3]], { ...conv, kernelShape: [11, 3] }, /does not fit into 9×8/);
  refuses("Conv", "window too wide by dilation", [x, w], { ...conv, dilations: [1, 4] }, /does not fit into 9×8/);
  refusesWindows("Conv", [x, w], conv);
});

describe("Gemm", () => {
  gives("Gemm", [[2, 6], [5, 6], [5]], { transB: true }, [2, 5]);
  gives(
    "Gemm",
    [
      [2, 6],
      [6, 5],
    ],
    { transB: false },
    [2, 5],
  );
  refuses("Gemm", "no weight", [[2, 6]], { transB: true }, /input 1 is missing/);
  refuses(
    "Gemm",
    "depths that differ",
    [
      [2, 6],
      [5, 7],
    ],
    { transB: true },
    /\[2,6\] cannot be multiplied by a weight of depth 7/,
  );
  refuses(
    "Gemm",
    "a weight on its side",
    [
      [2, 6],
      [5, 6],
    ],
    { transB: false },
    /depth 5/,
  );
  refuses(
    "Gemm",
    "an image",
    [
      [2, 6, 1, 1],
      [5, 6],
    ],
    { transB: true },
    /two matrices, got \[2,6,1,1\]/,
  );
  refuses(
    "Gemm",
    "a weight of three dims",
    [
      [2, 6],
      [5, 6, 1],
    ],
    { transB: true },
    /two matrices/,
  );
  refuses("Gemm", "bias of another length", [[2, 6], [5, 6], [6]], { transB: true }, /bias must have dims \[5\]/);
});

for (const op of ["MaxPool", "AveragePool"] as const) {
  describe(op, () => {
    const base = { ...maxPool, countIncludePad: false };
    gives(op, [x], base, [2, 6, 7, 6]);
    gives(op, [x], { ...base, strides: [2, 2] }, [2, 6, 4, 3]);
    gives(op, [x], { ...base, strides: [2, 2], ceilMode: true }, [2, 6, 4, 4]);
    gives(op, [x], { ...base, strides: [3, 2], pads: [1, 2, 0, 1] }, [2, 6, 3, 5]);
    gives(op, [x], { ...base, dilations: [2, 2] }, [2, 6, 5, 4]);
    refuses(op, "a vector", [[6]], base, /expects an image/);
    refuses(op, "no input", [undefined], base, /input 0 is missing/);
    refuses(op, "pads as large as the window", [x], { ...base, pads: [0, 3, 0, 0] }, /pads 0,3,0,0 must be smaller/);
    refuses(op, "a window larger than the image", [x], { ...base, kernelShape: [3, 9] }, /does not fit into 9×8/);
    refusesWindows(op, [x], base);
  });
}

describe("windowCount", () => {
  test("counts what a loop over the padded image counts", () => {
    for (const size of [1, 2, 5, 8]) {
      for (const kernel of [1, 2, 3]) {
        for (const stride of [1, 2, 3]) {
          for (const [before, after] of [
            [0, 0],
            [1, 1],
            [0, 2],
            [2, 0],
          ]) {
            for (const dilation of [1, 2]) {
              const extent = (kernel - 1) * dilation + 1;
              let floor = 0;
              for (let at = 0; at + extent <= size + before + after; at += stride) ++floor;
              const what = JSON.stringify({ size, kernel, stride, before, after, dilation });
              assert.equal(windowCount(size, kernel, stride, before, after, dilation, false), floor, what);
              // Rounded up, there is one more where the last one does not reach the end; but the last of them is left out
              // where it begins behind the image.
              const reaches = (floor - 1) * stride + extent === size + before + after;
              const ceil = floor === 0 || reaches ? floor : floor + 1;
              const behind = (ceil - 1) * stride >= size + before;
              const rounded = floor === 0 || !behind ? ceil : ceil - 1;
              assert.equal(windowCount(size, kernel, stride, before, after, dilation, true), rounded, what);
            }
          }
        }
      }
    }
  });
});

describe("GlobalAveragePool", () => {
  gives("GlobalAveragePool", [x], {}, [2, 6, 1, 1]);
  refuses("GlobalAveragePool", "a matrix", [[2, 6]], {}, /expects an image/);
});

describe("BatchNormalization", () => {
  const c = [6];
  gives("BatchNormalization", [x, c, c, c, c], { epsilon: 1e-5 }, x);
  gives("BatchNormalization", [[2, 6], c, c, c, c], { epsilon: 0 }, [2, 6]);
  refuses("BatchNormalization", "no variance", [x, c, c, c], { epsilon: 0 }, /needs 5 input\(s\), input 4 is missing/);
  refuses("BatchNormalization", "a vector", [c, c, c, c, c], { epsilon: 0 }, /expects \[N,C,…\], got \[6\]/);
  refuses("BatchNormalization", "epsilon below 0", [x, c, c, c, c], { epsilon: -1 }, /epsilon -1/);
  refuses("BatchNormalization", "epsilon that is none", [x, c, c, c, c], { epsilon: Number.NaN }, /epsilon NaN/);
  for (const [i, name] of ["scale", "bias", "mean", "variance"].entries()) {
    const inputs: Dims[] = [x, c, c, c, c];
    inputs[i + 1] = [5];
    refuses(
      "BatchNormalization",
      `${name} of another length`,
      inputs,
      { epsilon: 0 },
      new RegExp(`${name} must have dims \\[6\\]`),
    );
  }
});

describe("activations and Identity", () => {
  for (const [op, attributes] of [
    ["Relu", {}],
    ["Clip", { min: 0, max: 6 }],
    ["LeakyRelu", { alpha: 0.1 }],
    ["Elu", { alpha: 1 }],
    ["Sigmoid", {}],
    ["HardSigmoid", { alpha: 0.2, beta: 0.5 }],
    ["HardSwish", {}],
    ["Swish", {}],
    ["Identity", {}],
  ] as const) {
    for (const dims of [x, [3], [2, 3, 4]]) gives(op, [dims], attributes as Attributes[typeof op], dims);
    refuses(op, "no input", [], attributes, /needs 1 input\(s\), input 0 is missing/);
  }
});

describe("Resize", () => {
  const how = { mode: "linear", coordinateTransformation: "half_pixel", nearestMode: "floor", sizes: [3, 11] } as const;
  gives("Resize", [x], how, [x[0], x[1], 3, 11]);
  gives("Resize", [x], { ...how, scales: [0.7, 1.9] }, [x[0], x[1], 3, 11]);
  refuses("Resize", "a matrix", [[2, 6]], how, /expects an image/);
  for (const [field, value] of [
    ["mode", "cubic"],
    ["coordinateTransformation", "toString"],
    ["nearestMode", "round"],
    ["sizes", [0, 4]],
    ["sizes", [2.5, 4]],
    ["sizes", [4]],
    ["scales", [0, 1]],
    ["scales", [1, Number.NaN]],
    ["scales", [1]],
  ] as const) {
    const attributes = { ...how, [field]: value } as Attributes["Resize"];
    refuses(
      "Resize",
      `${field} ${value}`,
      [x],
      attributes,
      field === "coordinateTransformation" ? /coordinate/ : /mode|sizes|scales/,
    );
  }
});

for (const op of ["Softmax", "LogSoftmax"] as const) {
  describe(op, () => {
    gives(op, [[2, 6]], { axis: 1 }, [2, 6]);
    gives(op, [x], { axis: 3 }, x);
    for (const axis of [-1, 4, 1.5, Number.NaN]) refuses(op, `axis ${axis}`, [x], { axis }, new RegExp(`axis ${axis}`));
  });
}

describe("broadcasting", () => {
  for (const op of ["Add", "Sub", "Mul", "Div"] as const) {
    gives(op, [x, x], {}, x);
    gives(op, [x, [6, 1, 1]], {}, x);
    gives(op, [[1], x], {}, x);
    gives(
      op,
      [
        [2, 1, 9, 1],
        [6, 1, 8],
      ],
      {},
      x,
    );
    refuses(op, "dims that differ", [x, [2, 6, 9, 7]], {}, /\[2,6,9,8\] and \[2,6,9,7\] do not broadcast/);
    refuses(op, "channels of the wrong axis", [x, [6]], {}, /do not broadcast/);
    refuses(op, "one input", [x], {}, /needs 2 input\(s\), input 1 is missing/);
  }
  test("with a scalar", () => assert.deepEqual(broadcastDims([], [2, 3]), [2, 3]));
});

describe("Concat", () => {
  gives("Concat", [x, [2, 1, 9, 8], [2, 3, 9, 8]], { axis: 1 }, [2, 10, 9, 8]);
  gives("Concat", [x], { axis: 2 }, x);
  gives("Concat", [[2], [3]], { axis: 0 }, [5]);
  refuses("Concat", "nothing", [], { axis: 1 }, /input 0 is missing/);
  refuses("Concat", "dims that differ beyond the axis", [x, [2, 6, 9, 7]], { axis: 1 }, /differ beyond axis 1/);
  refuses("Concat", "ranks that differ", [x, [2, 6, 9]], { axis: 1 }, /differ beyond axis 1/);
  refuses("Concat", "a later input that is missing", [x, undefined], { axis: 1 }, /missing/);
  for (const axis of [-1, 4, 0.5]) refuses("Concat", `axis ${axis}`, [x, x], { axis }, new RegExp(`axis ${axis}`));
});

describe("Slice", () => {
  const all = { starts: [0, 0, 0, 0], ends: x, steps: [1, 1, 1, 1] };
  gives("Slice", [x], all, x);
  gives("Slice", [x], { starts: [0, 2, 1, 0], ends: [2, 4, 9, 8], steps: [1, 1, 2, 3] }, [2, 2, 4, 3]);
  refuses("Slice", "too few axes", [x], { starts: [0], ends: [1], steps: [1] }, /a start, end and step for each axis/);
  for (const [field, value] of [
    ["starts", [0, 6, 0, 0]],
    ["starts", [0, -1, 0, 0]],
    ["starts", [0, 0.5, 0, 0]],
    ["ends", [2, 7, 9, 8]],
    ["ends", [2, 0, 9, 8]],
    ["ends", [2, 5.5, 9, 8]],
    ["steps", [1, 0, 1, 1]],
    ["steps", [1, -1, 1, 1]],
    ["steps", [1, 1.5, 1, 1]],
    ["steps", [1, Number.NaN, 1, 1]],
  ] as const) {
    refuses("Slice", `${field} [${value}]`, [x], { ...all, [field]: value }, /axis 1/);
  }
});

describe("Pad", () => {
  const none = [0, 0, 0, 0];
  gives("Pad", [x], { before: [0, 1, 2, 0], after: [0, 0, -3, 4], value: 0.5 }, [2, 7, 8, 12]);
  refuses("Pad", "too few axes", [x], { before: [1], after: [1], value: 0 }, /pads for each axis of \[2,6,9,8\]/);
  refuses(
    "Pad",
    "more taken away than there is",
    [x],
    { before: none, after: [0, 0, 0, -8], value: 0 },
    /output would have dims/,
  );
  refuses("Pad", "half a pixel", [x], { before: none, after: [0, 0, 0, 0.5], value: 0 }, /output would have dims/);
});

describe("Flatten and Reshape", () => {
  gives("Flatten", [x], { axis: 1 }, [2, 432]);
  gives("Flatten", [x], { axis: 0 }, [1, 864]);
  gives("Flatten", [x], { axis: 4 }, [864, 1]);
  for (const axis of [-1, 5, 0.5]) refuses("Flatten", `axis ${axis}`, [x], { axis }, new RegExp(`axis ${axis}`));
  gives("Reshape", [x], { dims: [2, 54, 8] }, [2, 54, 8]);
  refuses(
    "Reshape",
    "another number of elements",
    [x],
    { dims: [2, 433] },
    /cannot reshape \[2,6,9,8\] to \[2,433\]: 864 .* 866/,
  );
  refuses("Reshape", "two dims below 0", [x], { dims: [-2, -432] }, /output would have dims/);
  refuses("Reshape", "half a dim", [x], { dims: [0.5, 1728] }, /output would have dims/);
});

describe("every operator", () => {
  refuses("Gelu", "that does not exist", [x], {}, /there is no such operator/);
  refuses("toString", "that is a method of objects", [x], {}, /there is no such operator/);
  test("computes in float32 only", () => {
    assert.throws(() => infer("Relu", [[3]], {}, "int64"), {
      name: "GraphError",
      message: 'Relu "layer 7": computes in float32, got an input of int64',
    });
  });
  test("results are never larger than memory", () => {
    assert.throws(
      () =>
        infer(
          "Add",
          [
            [1, 2 ** 16, 1, 1],
            [2 ** 16, 1],
          ],
          {},
        ),
      /\[1,65536,65536,1\] is larger than any WebAssembly/,
    );
    assert.throws(
      () =>
        infer(
          "Concat",
          Array.from({ length: 3 }, () => [2 ** 29]),
          { axis: 0 },
        ),
      /larger than any/,
    );
  });
});

describe("a graph", () => {
  const relu = (name: string, input: string): Node => ({ op: "Relu", name, inputs: [input], output: name, attributes: {} });
  const graph = (nodes: Node[]): Graph => ({
    name: "g",
    inputs: [{ name: "x", type: "float32", dims: [1, 2] }],
    outputs: [],
    parameters: new Map([["w", { type: "float32", dims: [3] }]]),
    nodes,
  });
  test("gives types and dims of every value", () => {
    const values = inferShapes(graph([relu("a", "x"), relu("b", "w")]));
    assert.deepEqual(
      [...values].map(([name, { dims }]) => [name, dims]),
      [
        ["x", [1, 2]],
        ["w", [3]],
        ["a", [1, 2]],
        ["b", [3]],
      ],
    );
  });
  test("that reads what is computed later, or never, says where", () => {
    assert.throws(() => inferShapes(graph([relu("a", "b"), relu("b", "x")])), {
      name: "GraphError",
      message: /Relu "a" reads "b", which nothing before it computes/,
    });
    assert.throws(() => inferShapes(graph([relu("a", "a")])), /Relu "a" reads "a"/);
    assert.throws(() => inferShapes(graph([relu("a", "nothing")])), /reads "nothing"/);
  });
});
