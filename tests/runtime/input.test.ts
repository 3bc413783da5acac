// Bad inputs and outputs of `run`: one clear error each, and the next run is right.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InputError, loadModel, type Model, Tensor } from "../../src/index.ts";
import { adder, classifier, image, ones } from "./models.ts";

type Inputs = Parameters<Model["run"]>[0];
const bad = (inputs: unknown) => inputs as Inputs;

/** Runs what must fail, then checks that a good run still gives what it gave before. */
async function rejects(inputs: unknown, message: RegExp, outputs?: unknown): Promise<void> {
  const model = await loadModel(classifier());
  const { scores } = await model.run({ image: image() });
  await assert.rejects(model.run(bad(inputs), bad(outputs)), (error: unknown) => {
    assert.ok(error instanceof InputError, `${(error as Error).stack}`);
    assert.match(error.message, message);
    return true;
  });
  assert.deepEqual((await model.run({ image: image() })).scores.data, scores.data);
}

describe("inputs", () => {
  test("of a wrong name", () => rejects({ picture: image() }, /no input "picture"[\s\S]*"image"/));
  test("of one name too many", () => rejects({ image: image(), mask: image() }, /no input "mask"/));
  test("that are missing", () => rejects({}, /input "image" is missing/));
  test("that are undefined", () => rejects({ image: undefined }, /input "image" is missing/));
  test("of wrong dims", () => rejects({ image: ones([1, 3, 10, 12]) }, /must have dims \[1,3,12,10\], got \[1,3,10,12\]/));
  test("of wrong rank", () => rejects({ image: ones([3, 12, 10]) }, /must have dims \[1,3,12,10\], got \[3,12,10\]/));
  test("of a larger batch", () => rejects({ image: ones([2, 3, 12, 10]) }, /got \[2,3,12,10\]/));
  test("of a wrong type", () =>
    rejects(
      { image: new Tensor("uint8", new Uint8Array(360), [1, 3, 12, 10]) },
      /"image" must be a float32 tensor, got uint8[\s\S]*new Tensor\("float32"/,
    ));
  test("of int64", () => rejects({ image: new Tensor("int64", new BigInt64Array(360), [1, 3, 12, 10]) }, /got int64/));
  for (const [what, value] of Object.entries({
    "a typed array": new Float32Array(360),
    "an array": new Array(360).fill(0),
    "a number": 7,
    "a string": "image.png",
    null: null,
    "an empty object": {},
    "an object with a type only": { type: "float32" },
    "an object without dims": { type: "float32", data: new Float32Array(360) },
    "an object with dims of another kind": { type: "float32", data: new Float32Array(360), dims: "1,3,12,10" },
    "an object with too little data": { type: "float32", data: new Float32Array(3), dims: [1, 3, 12, 10] },
    "an object with too much data": { type: "float32", data: new Float32Array(1e5), dims: [1, 3, 12, 10] },
  })) {
    test(`that are no tensors: ${what}`, () => rejects({ image: value }, /"image"/));
  }
  test("whose buffer was transferred away", async () => {
    const gone = image();
    structuredClone(gone.data.buffer, { transfer: [gone.data.buffer as ArrayBuffer] });
    await rejects({ image: gone }, /"image"/);
  });
  for (const inputs of [null, 5, "image"]) test(`that are ${inputs}`, () => rejects(inputs, /input/));
  test("that are a tensor and not an object of tensors", () =>
    rejects(image(), /inputs must be an object of tensors by name\n.*"image"/));
  test("with a name that every object has", () => rejects({ image: image(), toString: image() }, /no input "toString"/));
});

describe("inputs that are not finite", () => {
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    for (const index of [0, 17, 119, 120, 359]) {
      test(`${value} at ${index}`, async () => {
        const input = image();
        input.data[index] = value;
        await rejects({ image: input }, new RegExp(`input "image" holds ${value} at index ${index}\\n`));
      });
    }
  }
  test("name the input of several", async () => {
    const model = await loadModel(adder());
    const b = ones([1, 2, 3, 4]);
    b.data[5] = Number.NaN;
    await assert.rejects(model.run({ a: ones([1, 2, 3, 4]), b }), { message: /input "b" holds NaN at index 5/ });
    b.data[5] = 4;
    const { sum } = await model.run({ a: ones([1, 2, 3, 4]), b });
    assert.deepEqual([...sum.data.slice(4, 7)], [2, 5, 2]);
  });
  test("in nhwc", async () => {
    const model = await loadModel(classifier(), { inputLayout: "nhwc" });
    const input = ones([1, 12, 10, 3]);
    input.data[200] = -Infinity;
    await assert.rejects(model.run({ image: input }), { name: "InputError", message: /"image" holds -Infinity at index 200/ });
  });
  test("in a view", async () => {
    const model = await loadModel(classifier());
    const view = model.view("image");
    view.data[3] = Number.NaN;
    await assert.rejects(model.run({ image: view }), { message: /"image" holds NaN at index 3/ });
    assert.throws(() => model.profile(1), InputError);
    view.data[3] = 0;
    await model.run({ image: view });
  });
  test("the largest finite numbers are none of them", async () => {
    const model = await loadModel(adder());
    const largest = 3.4028234663852886e38;
    const { same } = await model.run({ a: ones([1, 2, 3, 4], largest), b: ones([1, 2, 3, 4], -largest) });
    assert.ok(same.data.every((value) => value === largest));
  });
});

describe("outputs", () => {
  test("of a wrong name", () => rejects({ image: image() }, /no output "probabilities"/, { probabilities: ones([1, 5]) }));
  test("of wrong dims", () => rejects({ image: image() }, /output "scores" must have dims \[1,5\]/, { scores: ones([5]) }));
  test("of a wrong type", () =>
    rejects({ image: image() }, /output "scores" must be a float32/, { scores: new Tensor("int32", new Int32Array(5), [1, 5]) }));
  test("that are no tensors", () => rejects({ image: image() }, /output "scores"/, { scores: new Float32Array(5) }));
  test("that hold too little", () =>
    rejects({ image: image() }, /output "scores"/, { scores: { type: "float32", data: new Float32Array(2), dims: [1, 5] } }));
});
