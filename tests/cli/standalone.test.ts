// minnow standalone: the files it writes, and what it says about them.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { Tensor } from "../../src/index.ts";
import { type Metadata, readMetadata } from "../../src/standalone/index.ts";
import { classifier, filled } from "../runtime/models.ts";
import { bytesOf, start } from "../standalone/module.ts";
import { minnow, temporaryFolder } from "./minnow.ts";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
writeFileSync(path("two.onnx"), writeOnnx(classifier()));
writeFileSync(path("one.onnx"), writeOnnx(scorer()));
writeFileSync(path("labels.txt"), "ant\nbee\ncat\ndog\nemu\n");

/** image [1,3,4,4] → scores [1,5] */
function scorer() {
  const builder = new GraphBuilder("scorer");
  const pooled = builder.globalAveragePool("pool", builder.input("image", [1, 3, 4, 4]));
  return filled(builder.build({ scores: builder.linear("fc", builder.flatten("flat", pooled), 5) }));
}

test("a plain module, with its header and page", async () => {
  const { code, stdout, stderr } = await minnow("standalone", path("two.onnx"), "-o", path("two.wasm"), "--header");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /two\.wasm, .*two\.h, .*two\.txt: .* KiB, .* of weights/);
  const module = await start(readFileSync(path("two.wasm")));
  assert.equal(module.run(bytesOf(new Tensor("float32", new Float32Array(360), [360])))[1].length, 20);
  assert.match(readFileSync(path("two.h"), "utf8"), /#define TINY_INPUT_BYTES 1440u/);
  assert.match(readFileSync(path("two.txt"), "utf8"), /^two\.wasm: the network tiny/);
});

test("a classifier of pixels as a command, described in JSON", async () => {
  const options = ["--input-layout", "rgb8", "--labels", path("labels.txt"), "--wasi", "--mean", "1", "--scale", "127.5"];
  const { code, stdout, stderr } = await minnow("standalone", path("one.onnx"), "-o", path("one.wasm"), ...options, "--json");
  assert.deepEqual([code, stderr], [0, ""]);
  const { files, bytes, weightBytes, ...rest } = JSON.parse(stdout);
  const metadata: Metadata = rest;
  assert.deepEqual(files, [path("one.wasm")]);
  const wasm = readFileSync(path("one.wasm"));
  assert.equal(bytes, wasm.length);
  assert.ok(weightBytes > 0 && weightBytes < bytes);
  assert.deepEqual(rest, await readMetadata(wasm));
  assert.deepEqual(metadata.inputs[0].pixels, { mean: [1, 1, 1], std: [1, 1, 1], scale: 127.5 });
  assert.equal(metadata.top?.count, 5);
  assert.equal(metadata.wasi, true);
});

test("a scaling that nobody stated is a guess, and said", async () => {
  const { stderr } = await minnow("standalone", path("one.onnx"), "-o", path("guess.wasm"), "--input-layout", "rgba8");
  assert.match(stderr, /^note: the model does not say how pixels x are scaled; taking .*0\.485/);
});

test("what is wrong is said, and nothing written", async () => {
  const output = path("none.wasm");
  const cases: readonly (readonly [RegExp, number, ...string[]])[] = [
    [/ends in \.wasm/, 1, "one.onnx", "-o", path("none.bin")],
    [/conflicts with|cannot be used with/, 2, "one.onnx", "-o", output, "--strict", "--relaxed"],
    [/Allowed choices are/, 2, "one.onnx", "-o", output, "--input-layout", "bgr8"],
    [/add --input-layout rgb8/, 1, "one.onnx", "-o", output, "--mean", "1"],
    [/knows 5/, 1, "one.onnx", "-o", output, "--top", "6"],
    [/no classifier/, 1, "two.onnx", "-o", output, "--top", "1"],
    [/no file .*three\.onnx/, 1, "three.onnx", "-o", output],
    [/required option/, 2, "one.onnx"],
  ];
  for (const [message, status, model, ...options] of cases) {
    const { code, stderr } = await minnow("standalone", path(model), ...options);
    assert.match(stderr, message);
    assert.equal(code, status, stderr);
  }
  assert.ok(!existsSync(output) && !existsSync(path("none.bin")));
});
