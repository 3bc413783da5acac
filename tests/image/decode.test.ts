// Decoding: every kind of pixel becomes RGB, broken files give a FormatError that names them, and the published crops come
// out byte for byte.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { FormatError } from "../../src/errors.ts";
import { decodeImage } from "../../src/image/decode.ts";
import { preprocess } from "../../src/image/preprocess.ts";
import { dataPath, needsData } from "../data.ts";
import { noise } from "./noise.ts";

/** A PNG of 2×1 pixels. */
const png = (bytes: number[], channels: 1 | 2 | 3 | 4) =>
  sharp(Uint8Array.from(bytes), { raw: { width: 2, height: 1, channels } }).png();

const decoded = async (image: Sharp) => [...(await decodeImage(await image.toBuffer())).data];

test("RGB stays as it is", async () => {
  const { data, width, height } = await decodeImage(await png([1, 2, 3, 250, 251, 252], 3).toBuffer());
  assert.deepEqual([[...data], width, height], [[1, 2, 3, 250, 251, 252], 2, 1]);
});

test("grey becomes RGB", async () => {
  assert.deepEqual(await decoded(png([7, 200], 1).toColourspace("b-w")), [7, 7, 7, 200, 200, 200]);
});

test("alpha is dropped, not blended", async () => {
  assert.deepEqual(await decoded(png([1, 2, 3, 0, 250, 251, 252, 128], 4)), [1, 2, 3, 250, 251, 252]);
});

test("of 16 bits the upper 8 count", async () => {
  const wide = sharp(Uint16Array.of(0x1234, 0x5678, 0x9abc, 0, 0xff00, 0xffff), { raw: { width: 2, height: 1, channels: 3 } });
  const bytes = await wide.toColourspace("rgb16").png().toBuffer();
  assert.equal((await sharp(bytes).metadata()).depth, "ushort");
  assert.deepEqual([...(await decodeImage(bytes)).data], [0x12, 0x56, 0x9a, 0, 0xff, 0xff]);
});

test("printing inks become RGB", async () => {
  const red = sharp({ create: { width: 8, height: 8, channels: 3, background: "#f00" } });
  const bytes = await red.toColourspace("cmyk").jpeg().toBuffer();
  assert.equal((await sharp(bytes).metadata()).space, "cmyk");
  const { data } = await decodeImage(bytes);
  assert.equal(data.length, 8 * 8 * 3);
  assert.ok(data[0] > 200 && data[1] < 60 && data[2] < 60, `red became ${data.subarray(0, 3)}`);
});

test("the camera's orientation is honoured", async () => {
  const { data, width, height } = await decodeImage(await png([1, 1, 1, 2, 2, 2], 3).withMetadata({ orientation: 6 }).toBuffer());
  assert.deepEqual([[...data], width, height], [[1, 1, 1, 2, 2, 2], 1, 2]);
});

test("WebP can be decoded", async () => {
  assert.deepEqual(await decoded(png([1, 2, 3, 250, 251, 252], 3).webp({ lossless: true })), [1, 2, 3, 250, 251, 252]);
});

const whole = await sharp(noise(64 * 64 * 3), { raw: { width: 64, height: 64, channels: 3 } })
  .jpeg()
  .toBuffer();
for (const [what, bytes, message] of [
  ["nothing", new Uint8Array(0), /photo is empty/],
  ["noise", noise(1000), /photo cannot be decoded/],
  ["half a JPEG", whole.subarray(0, whole.length / 2), /photo cannot be decoded.*\n.*damaged or incomplete/],
  ["a BMP", Buffer.from("BM\x36\0\0\0"), /photo is a BMP image/],
  ["text", Buffer.from("hello"), /photo cannot be decoded/],
] as const) {
  test(`${what} is refused`, async () => {
    await assert.rejects(
      decodeImage(bytes, "photo"),
      (error: Error) => error instanceof FormatError && message.test(error.message),
    );
  });
}

test("a picture with far too many pixels is refused before it is decoded", async () => {
  const bomb = await png([0, 0], 1).toBuffer();
  bomb.writeUInt32BE(1_000_000, 16);
  bomb.writeUInt32BE(1_000_000, 20);
  await assert.rejects(decodeImage(bomb), (error: Error) => error instanceof FormatError && /pixel limit/.test(error.message));
});

test("a missing file and a folder are named", async () => {
  await assert.rejects(decodeImage("no/such.png"), /cannot read no\/such\.png: there is no such file/);
  await assert.rejects(decodeImage("tests"), /cannot read tests: it is a folder/);
});

for (const name of ["goldfish", "african_elephant", "pizza"]) {
  test(`${name}: the published crop, byte for byte`, { skip: needsData }, async () => {
    const image = await decodeImage(dataPath("photos", `${name}.jpg`));
    const tensor = preprocess(image, { crop: [224, 224], normalisation: { mean: [0], std: [1], scale: 1 } });
    // The .npy file is a header and then uint8 [224,224,3].
    const expected = (await readFile(dataPath("photos", `${name}.rgb.npy`))).subarray(-224 * 224 * 3);
    const plane = 224 * 224;
    const interleaved = expected.map((_, at) => tensor.data[(at % 3) * plane + Math.floor(at / 3)]);
    assert.equal(Buffer.compare(interleaved, expected), 0);
  });
}
