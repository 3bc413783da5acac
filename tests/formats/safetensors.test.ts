import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { FormatError, MinnowError, UnsupportedError } from "../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";
import { Tensor } from "../../src/tensor.ts";
import { dataPath, needsData } from "../data.ts";

/** A file from a header and data, well formed or not. */
function file(header: unknown, data: Uint8Array | readonly number[]): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const tensor = (dtype: string, shape: unknown, ...offsets: number[]) => ({ dtype, shape, data_offsets: offsets });

describe("safetensors", () => {
  test("write, read", () => {
    const weights = new Map<string, Tensor>([
      ["bytes", new Tensor("uint8", [1, 2, 3], [3])],
      ["a.weight", new Tensor("float32", [1, -2.5, 3e-8, 4], [2, 2])],
      ["count", new Tensor("int64", [7], [])],
      ["__proto__", new Tensor("int32", [-1], [1, 1])],
      ["empty", new Tensor("float32", [], [0, 3])],
    ]);
    const bytes = writeSafetensors(weights, { architecture: "test", input: "x/127.5-1" });
    const back = readSafetensors(bytes);
    assert.deepEqual(new Map([...back.weights].sort()), new Map([...weights].sort()));
    assert.deepEqual(back.metadata, { architecture: "test", input: "x/127.5-1" });
    assert.equal(back.weights.get("a.weight")?.data.buffer, bytes.buffer, "aligned float32 is not copied");
    assert.deepEqual(readSafetensors(writeSafetensors(weights)).metadata, {});
  });

  test("a published file, from a Node Buffer, at any alignment", { skip: needsData }, () => {
    const buffer = readFileSync(dataPath("models", "resnet20_cifar10.safetensors"));
    const { weights, metadata } = readSafetensors(buffer);
    assert.equal(metadata.architecture, "resnet20_cifar10");
    assert.deepEqual(weights.get("conv1.weight")?.dims, [16, 3, 3, 3]);
    const moved = new Uint8Array(buffer.length + 1).subarray(1);
    moved.set(buffer);
    assert.deepEqual(readSafetensors(moved).weights, weights);
  });

  test("every stored type", () => {
    const data = [0x00, 0x3c, 0x80, 0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    const { weights } = readSafetensors(
      file(
        {
          half: tensor("F16", [1], 0, 2),
          brain: tensor("BF16", [1], 2, 4),
          short: tensor("I16", [1], 4, 6),
          unsigned: tensor("U32", [1], 6, 10),
          byte: tensor("I8", [1], 10, 11),
          small: tensor("U8", [1], 11, 12),
          flag: tensor("BOOL", [1], 12, 13),
        },
        data,
      ),
    );
    const seen = [...weights].map(([name, { type, data }]) => [name, type, Number(data[0])]);
    assert.deepEqual(seen, [
      ["half", "float32", 1],
      ["brain", "float32", -1],
      ["short", "int32", -1],
      ["unsigned", "int64", 2 ** 32 - 1],
      ["byte", "int32", -1],
      ["small", "uint8", 255],
      ["flag", "uint8", 1],
    ]);
  });

  test("types it does not know are listed", () => {
    const bytes = file({ a: tensor("F8_E4M3", [1], 0, 1), b: tensor("U64", [1], 1, 9) }, new Uint8Array(9));
    assert.throws(
      () => readSafetensors(bytes),
      (error: unknown) => error instanceof UnsupportedError && error.problems.length === 2,
    );
  });

  for (const [what, bytes] of [
    ["empty", new Uint8Array(0)],
    ["five bytes", new Uint8Array(5)],
    ["a header length beyond the file", new Uint8Array(8).fill(255)],
    ["no JSON", file("{a}", [])],
    ["invalid UTF-8", Uint8Array.from([3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d])],
    ["JSON but no object", file("[]", [])],
    ["an entry that is null", file({ a: null }, [])],
    ["a shape that is text", file({ a: tensor("F32", "4", 0, 16) }, new Uint8Array(16))],
    ["a negative dim", file({ a: tensor("F32", [-1], 0, 4) }, new Uint8Array(4))],
    ["offsets the wrong way round", file({ a: tensor("F32", [1], 4, 0) }, new Uint8Array(4))],
    ["fewer bytes than the shape needs", file({ a: tensor("F32", [2], 0, 4) }, new Uint8Array(4))],
    ["a gap", file({ a: tensor("F32", [1], 4, 8) }, new Uint8Array(8))],
    ["an overlap", file({ a: tensor("F32", [1], 0, 4), b: tensor("F32", [1], 2, 6) }, new Uint8Array(6))],
    ["truncated data", file({ a: tensor("F32", [1], 0, 4) }, new Uint8Array(3))],
    ["data beyond the last tensor", file({ a: tensor("F32", [1], 0, 4) }, new Uint8Array(5))],
    ["metadata that is no text", file({ __metadata__: { a: 1 } }, [])],
    ["a PNG", Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0])],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => readSafetensors(bytes), FormatError));
  }

  test("every truncation and every changed byte gives a typed error or a tensor", () => {
    const bytes = writeSafetensors(new Map([["w", new Tensor("float32", [1, 2], [2])]]));
    for (let at = 0; at < bytes.length; ++at) {
      assert.throws(() => readSafetensors(bytes.subarray(0, at)), FormatError);
      for (let byte = 0; byte < 256; ++byte) {
        const damaged = bytes.slice();
        damaged[at] = byte;
        try {
          readSafetensors(damaged);
        } catch (error) {
          assert.ok(error instanceof MinnowError, `byte ${at} = ${byte}: ${error}`);
        }
      }
    }
  });
});
