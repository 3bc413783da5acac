// minnow classify on real photographs and published networks: the same five classes as the reference, with probabilities
// that differ only as float32 does, because the pixels are the same to the bit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { dataPath, needsData } from "../data.ts";
import { minnow, script } from "./minnow.ts";

for (const name of ["squeezenet1_1", "squeezenet1_0"]) {
  const forms = {
    onnx: ["--model", dataPath("models", `${name}.onnx`)],
    safetensors: ["--model", name, "--weights", dataPath("models", `${name}.safetensors`)],
  };
  for (const [form, model] of Object.entries(forms)) {
    test(`${name} from ${form} sees in the photographs what it should`, { skip: needsData }, async () => {
      const expected = JSON.parse(readFileSync(dataPath("photos", "expected.json"), "utf8"))[name];
      // An ONNX file has no field for the scaling of pixels, so 1.0's is given: (x - [123,117,104]) / 255.
      const scaling =
        name === "squeezenet1_0" && form === "onnx" ? ["--mean", "123,117,104", "--std", "255", "--scale", "1"] : [];
      const { code, stdout } = await minnow("classify", dataPath("photos"), ...model, ...scaling, "--json");
      assert.equal(code, 0);
      const results = JSON.parse(stdout);
      assert.equal(results.length, 22);
      for (const { file, top } of results) {
        const reference = expected[basename(file)].top5;
        assert.equal(reference.length, 5);
        for (const [rank, { index, probability }] of reference.entries()) {
          assert.equal(top[rank].index, index, `${file}, rank ${rank}`);
          assert.ok(Math.abs(top[rank].probability - probability) < 1e-4, `${file}, rank ${rank}`);
        }
      }
    });
  }
}

test("npm start looks at the photographs", { skip: needsData }, async () => {
  const { code, stdout } = await script("src/cli/start.ts", [], { MINNOW_DATA: dataPath() });
  assert.equal(code, 0);
  assert.match(stdout, /goldfish\.jpg +\| goldfish, Carassius auratus +\| +99\.9 % \| right/);
  assert.match(stdout, /^20 of 22 right or fair\. Loading the model took \d+ ms, a picture \d+\.\d ms/m);
});

test("npm start without a model says how to get one, and shows an untrained network", async () => {
  const { code, stdout } = await script("src/cli/start.ts", [], { MINNOW_DATA: "no/such/folder" });
  assert.equal(code, 0);
  assert.match(stdout, /^There is no trained model in no\/such\/folder: .*\.onnx/);
  assert.match(stdout, /UNTRAINED/);
});
