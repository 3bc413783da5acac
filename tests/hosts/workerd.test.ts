// workerd: the example as an edge function, asked as its users would.
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { dataPath, needsData } from "../data.ts";
import { serveEdge } from "./edge.ts";
import { workplace } from "./installed.ts";
import { output } from "./process.ts";
import { hostTest, npmCommand, npmInstalled, root, versions } from "./tools.ts";

const get = async () => ({
  workerd: await npmCommand(versions.workerd, "workerd"),
  jpeg: join(await npmInstalled(versions.jpeg), "node_modules"),
});

if (needsData !== false) test("workerd", { skip: needsData }, () => {});
else {
  hostTest("an edge function says what is in a photo", get, async (t, { workerd, jpeg }) => {
    const folder = join(await workplace("examples/workerd"), "workerd");
    copyFileSync(dataPath("models", "squeezenet1_1.onnx"), join(folder, "model.onnx"));
    copyFileSync(dataPath("labels", "imagenet1000.txt"), join(folder, "labels.txt"));
    const PATH = `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH}`;
    await output("npm", ["run", "build"], folder, { PATH, NODE_PATH: jpeg });
    const edge = await serveEdge(workerd, folder);
    t.after(() => edge.stop());
    const post = async (body: BodyInit) => {
      const response = await fetch(edge.url, { method: "POST", body });
      return { status: response.status, answer: await response.json() };
    };

    const photo = (name: string) => readFileSync(dataPath("photos", name));
    for (const [name, label] of [
      ["pizza.jpg", "pizza, pizza pie"],
      ["goldfish.jpg", /^goldfish/],
    ] as const) {
      const { status, answer } = await post(photo(name));
      assert.equal(status, 200, JSON.stringify(answer));
      assert.equal(answer.top.length, 5);
      assert.match(answer.top[0].label, new RegExp(label));
      assert.ok(answer.top[0].probability > 0.3 && answer.top[0].probability <= 1);
      // The probe of relaxed SIMD works although nothing can be compiled.
      assert.equal(answer.build, "relaxed");
    }
    const several = await Promise.all([1, 2, 3].map(() => post(photo("pizza.jpg"))));
    for (const { answer } of several) assert.deepEqual(answer, several[0].answer);

    const { status, answer } = await post("not a picture");
    assert.deepEqual([status, typeof answer.error], [415, "string"]);
    assert.equal((await fetch(edge.url)).status, 405);
  });
}
