import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { FormatError } from "../../src/errors.ts";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { Tensor } from "../../src/tensor.ts";
import { dataPath, needsData } from "../data.ts";

/** A .npy file from a header's text and data. */
function file(header: string, data: readonly number[], version = 1): Uint8Array {
  const lengthBytes = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(8 + lengthBytes + header.length + data.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, header.length]);
  bytes.set(new TextEncoder().encode(header), 8 + lengthBytes);
  bytes.set(data, 8 + lengthBytes + header.length);
  return bytes;
}

const header = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

describe("npy", () => {
  for (const tensor of [
    new Tensor("float32", [1, -2.5, 3e-8, 4, 5, 6], [1, 3, 2]),
    new Tensor("uint8", [0, 255], [2]),
    new Tensor("int32", [-1], []),
    new Tensor("int64", BigInt64Array.of(-(2n ** 60n), 5n), [2, 1]),
    new Tensor("float32", [], [0, 4]),
  ]) {
    test(`write, read: ${tensor.type} [${tensor.dims}]`, () => {
      const bytes = writeNpy(tensor);
      const back = readNpy(bytes);
      assert.deepEqual(back, tensor);
      assert.equal(back.data.buffer, bytes.buffer, "not copied");
      assert.equal(bytes.length - tensor.data.byteLength, 64 * Math.ceil((bytes.length - tensor.data.byteLength) / 64));
    });
  }
  test("published arrays", { skip: needsData }, () => {
    const output = readNpy(readFileSync(dataPath("vectors/mnist/published_0/output.npy")));
    assert.deepEqual([output.type, output.dims], ["float32", [1, 10]]);
    const pixels = readNpy(readFileSync(dataPath("photos/goldfish.rgb.npy")));
    assert.deepEqual([pixels.type, pixels.dims], ["uint8", [224, 224, 3]]);
  });
  for (const [descr, data, expected] of [
    ["<f2", [0x00, 0x3c, 0x01, 0x00], [1, 2 ** -24]],
    [">f2", [0xfc, 0x00, 0x7b, 0xff], [-Infinity, 65504]],
    [">f4", [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0], [1, -2]],
    ["<f8", [0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0], [1, -2]],
    [">i4", [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff], [1, -1]],
    ["|u1", [1, 255], [1, 255]],
    ["|b1", [0, 1], [0, 1]],
  ] as const) {
    test(`elements ${descr}`, () => {
      const bytes = file(header(descr, "(2,)"), data);
      assert.deepEqual([...readNpy(bytes).data], expected);
      assert.deepEqual([...readNpy(Buffer.from(bytes)).data], expected, "from a Node Buffer");
    });
  }
  test("versions 2 and 3", () => {
    for (const version of [2, 3]) assert.deepEqual([...readNpy(file(header("|u1", "(1,)"), [7], version)).data], [7]);
  });
  test("Fortran order", () => {
    const bytes = file(header("|u1", "(2, 3)", "True"), [0, 10, 1, 11, 2, 12]);
    const { data, dims } = readNpy(Buffer.from(bytes));
    assert.deepEqual(
      [[...data], dims],
      [
        [0, 1, 2, 10, 11, 12],
        [2, 3],
      ],
    );
    const cube = readNpy(file(header("|u1", "(2, 2, 2)", "True"), [0, 100, 10, 110, 1, 101, 11, 111]));
    assert.deepEqual([...cube.data], [0, 1, 10, 11, 100, 101, 110, 111]);
  });
  for (const [what, bytes] of [
    ["empty", new Uint8Array(0)],
    ["only the magic", file("", []).subarray(0, 6)],
    ["another version", file(header("|u1", "(1,)"), [7], 4)],
    ["a header longer than the file", file(header("|u1", "(1,)"), [7]).subarray(0, 40)],
    ["complex numbers", file(header("<c8", "(1,)"), new Array(8).fill(0))],
    ["structured elements", file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", [0, 0, 0, 0])],
    ["too little data", file(header("<f4", "(2,)"), [0, 0, 0, 0])],
    ["too much data", file(header("<f4", "()"), [0, 0, 0, 0, 0])],
    ["huge dims", file(header("|u1", "(0, 99999999999999999999)"), [])],
    ["text", new TextEncoder().encode("1,2,3")],
  ] as const) {
    test(`refuses ${what}`, () => assert.throws(() => readNpy(bytes), FormatError));
  }
  test("every truncation", () => {
    const bytes = writeNpy(new Tensor("float32", [1, 2], [2]));
    for (let length = 0; length < bytes.length; ++length) assert.throws(() => readNpy(bytes.subarray(0, length)), FormatError);
  });
});
