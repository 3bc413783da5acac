import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { parseNormalisation } from "../../src/formats/normalisation.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { dataPath, needsData } from "../data.ts";

const imagenet = { scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const caffe = { scale: 1, mean: [123, 117, 104], std: [255, 255, 255] };
const symmetric = { scale: 1, mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
const cifar = { scale: 1, mean: [125.3, 123, 113.9], std: [63, 62.1, 66.7] };

describe("parseNormalisation", () => {
  for (const [text, expected] of [
    ["(x/255 - [0.485,0.456,0.406]) / [0.229,0.224,0.225]", imagenet],
    ["(x/255-mean)/std, mean 0.485 0.456 0.406, std 0.229 0.224 0.225", imagenet],
    ["(x / 255 - mean) / std with mean = [0.485, 0.456, 0.406] and std = [0.229, 0.224, 0.225]", imagenet],
    ["SqueezeNet 1.1, ImageNet, logits. Input RGB (x/255-mean)/std", imagenet],
    ["(x/255-mean)/std, mean 0.5 0.4 0.3, std 0.1 0.2 0.3", { scale: 255, mean: [0.5, 0.4, 0.3], std: [0.1, 0.2, 0.3] }],
    ["(RGB-[123,117,104])/255", caffe],
    ["class 0 is background. Input (RGB - [123, 117, 104]) / 255 (0..255)", caffe],
    ["x/127.5 - 1", symmetric],
    ["Input x/127.5-1, RGB", symmetric],
    ["(x-127.5)/127.5", symmetric],
    ["(RGB-[125.3,123.0,113.9])/[63.0,62.1,66.7]", cifar],
    ["(rgb - [104, 117, 123])", { scale: 1, mean: [104, 117, 123], std: [1, 1, 1] }],
  ] as const) {
    test(text, () => assert.deepEqual(parseNormalisation(text), expected));
  }
  for (const text of [
    "",
    "a network of 10 classes",
    "version 1.0/2 - 3",
    "(x-mean)/std",
    "(x/255-mean)/std, mean 0.5 0.5 0.5",
    "(x/255-[1,2])/[3,4]",
    "(x-[1,2,3])/[1,0,1]",
    "(x/0-1)/2",
    "(x-[1,,3])",
    "x/0-1",
    "mean   ".repeat(10000),
  ]) {
    test(`says nothing: ${text.slice(0, 40)}`, () => assert.equal(parseNormalisation(text), undefined));
  }
  for (const [name, expected] of [
    ["squeezenet1_1", imagenet],
    ["squeezenet1_0", caffe],
    ["mobilenet_v1_0.25_224", symmetric],
    ["densenet_bc_40_12_cifar10", cifar],
    ["resnet20_cifar10", imagenet],
  ] as const) {
    test(`metadata of ${name}.safetensors`, { skip: needsData }, () => {
      const { metadata } = readSafetensors(readFileSync(dataPath("models", `${name}.safetensors`)));
      assert.deepEqual(parseNormalisation(metadata.input), expected);
    });
  }
});
