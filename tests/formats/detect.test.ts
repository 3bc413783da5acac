import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { detectFormat } from "../../src/formats/detect.ts";
import { dataPath, needsData } from "../data.ts";

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe("detectFormat", () => {
  test("by content, whatever the name", { skip: needsData }, () => {
    assert.equal(detectFormat(readFileSync(dataPath("photos/coffee_mug.png"))), "png");
    for (const folder of ["models", "models/quantised", "photos", "conformance/onnx/light"]) {
      for (const name of readdirSync(dataPath(folder))) {
        const expected = /\.(onnx|safetensors|npy|png|jpg|tflite)$/.exec(name)?.[1].replace("jpg", "jpeg");
        if (expected !== undefined)
          assert.equal(detectFormat(readFileSync(dataPath(folder, name))), expected, `${folder}/${name}`);
      }
    }
  });
  for (const [text, expected] of [
    ["PK\x03\x04", "zip"],
    ["\x80\x02\x8a\nl\xfc", "pickle"],
    ["\x89HDF\r\n\x1a\n", "hdf5"],
    ["\0asm\x01\0\0\0", "wasm"],
    ["version https://git-lfs.github.com/spec/v1\n", "lfs"],
    ["<!DOCTYPE html>", "html"],
    ['{"modelTopology": 1}', "json"],
    ["RIFF\0\0\0\0WEBPVP8 ", "webp"],
    ["GIF89a", "gif"],
    ["", undefined],
    ["hello", undefined],
    ["\x08", undefined],
  ] as const) {
    test(`${JSON.stringify(text)} is ${expected}`, () => assert.equal(detectFormat(ascii(text)), expected));
  }
});
