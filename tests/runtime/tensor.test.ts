// Tensors: what they take, and one short error for what they do not, however long it is.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { InputError, Tensor } from "../../src/index.ts";

test("numbers are copied into the type's array, typed arrays are held as they are", () => {
  const data = Float32Array.of(1, 2, 3, 4);
  assert.equal(new Tensor("float32", data, [2, 2]).data, data);
  assert.deepEqual(new Tensor("int64", [1, 2], [2]).data, BigInt64Array.of(1n, 2n));
  assert.deepEqual(new Tensor("float32", [7], []).data, Float32Array.of(7));
});

describe("a tensor is refused", () => {
  const floats = new Float32Array(50_000);
  const numbers = Array.from(floats, (_, i) => i + 0.5);
  const refused: [string, unknown[], RegExp][] = [
    ["of no type", [undefined, floats, [50_000]], /no tensor type "undefined"\n.*float32, uint8/],
    ["of an unknown type", ["float16", floats, [50_000]], /no tensor type "float16"/],
    ["whose type is its data", [floats, [50_000]], /no tensor type "Float32Array"/],
    ["whose type is numbers", [numbers, [50_000]], /no tensor type "\[0\.5,1\.5,/],
    [
      "whose dims and data are exchanged",
      ["float32", [50_000], floats],
      /dims must be .*, got Float32Array\n.*\(type, data, dims\)/,
    ],
    ["of int64, the same", ["int64", [1], new BigInt64Array(1)], /dims must be .*, got BigInt64Array/],
    ["without dims", ["float32", floats], /dims must be .*, got undefined/],
    ["with dims that are no whole numbers", ["float32", floats, [1, 0.5, -2]], /dims must be .*, got \[1,0\.5,-2\]/],
    ["with many dims that are no whole numbers", ["float32", floats, numbers], /dims must be .*, got \[0\.5,1\.5,/],
    ["with data of another type", ["float32", new Uint8Array(4), [4]], /holds a Float32Array, got Uint8Array/],
    ["without data", ["float32", undefined, [4]], /holds a Float32Array, got undefined/],
    ["with text for data", ["float32", "1".repeat(50_000), [4]], /holds a Float32Array, got 1111/],
    ["with too little data", ["float32", floats, [50_001]], /dims \[50001\] hold 50001 elements, the data has 50000/],
  ];
  for (const [what, [type, data, dims], message] of refused) {
    test(what, () =>
      assert.throws(
        () => new Tensor(type as "float32", data as Float32Array, dims as number[]),
        (error: unknown) => {
          assert.ok(error instanceof InputError, `${(error as Error).stack}`);
          assert.match(error.message, message);
          assert.ok(error.message.length < 300, `a message of ${error.message.length} characters`);
          return true;
        },
      ),
    );
  }
});
