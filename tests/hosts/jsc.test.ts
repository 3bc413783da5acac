// The shell of WebKit's JavaScript engine, which stands in for Safari.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { dataPath, needsData } from "../data.ts";
import { hostData } from "./data.ts";
import { installed, workplace } from "./installed.ts";
import { jscCommand, jscOutput } from "./jsc.ts";
import { hostTest } from "./tools.ts";

if (needsData !== false) test("jsc", { skip: needsData }, () => {});
else {
  hostTest("the example in jsc says what is in a photo", jscCommand, async (_, command) => {
    const folder = join(await workplace("examples/jsc"), "jsc");
    const engine = join(await installed(), "node_modules/minnow/dist/wasm/strict.wasm");
    const args = [dataPath("models", "squeezenet1_1.onnx"), join(hostData(), "photo.rgb"), "224x224", engine];
    // 963 is pizza.
    assert.match(await jscOutput(command, folder, "classify.js", args), /^ *\d+\.\d % {2}class 963\n/);
  });
}
