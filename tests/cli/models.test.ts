// minnow models, and names with a configuration where a model is asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { minnow } from "./minnow.ts";

test("all families and presets", async () => {
  const { code, stdout, stderr } = await minnow("models");
  assert.deepEqual([code, stderr], [0, ""]);
  for (const name of Object.keys(presets)) assert.ok(stdout.includes(`| ${name} `), name);
  assert.match(stdout, /^\| squeezenet1_1 +\| +1,235,496 \| +349,151,936 \| \[1,3,224,224\] \| +1000 \|$/m);
  assert.match(stdout, /^fields: alpha \(a number above 0\); /m);
});

test("--json of some: a family, and a preset of another", async () => {
  const { code, stdout } = await minnow("models", "squeezenet", "resnet20_cifar", "--json");
  assert.equal(code, 0);
  const families = JSON.parse(stdout);
  assert.deepEqual(
    families.map(({ family }: { family: string }) => family),
    ["squeezenet", "resnet"],
  );
  assert.deepEqual(
    families[0].presets.map(({ name }: { name: string }) => name),
    ["squeezenet1_0", "squeezenet1_1"],
  );
  assert.deepEqual(families[1].presets, [
    { name: "resnet20_cifar", parameters: 269722, multiplyAdds: 40551040, input: [1, 3, 32, 32], classes: 10 },
  ]);
  const bypass = families[0].fields.find(({ name }: { name: string }) => name === "bypass");
  assert.deepEqual(bypass, {
    name: "bypass",
    default: "none",
    wanted: "none, simple or complex",
    values: ["none", "simple", "complex"],
  });
});

test("an unknown name", async () => {
  const { code, stderr } = await minnow("models", "squeezenet7");
  assert.equal(code, 1);
  assert.match(stderr, /no family or preset squeezenet7\n.*did you mean squeezenet1_0/);
});

test("inspect counts what models lists, for a name with a configuration", async () => {
  const { code, stdout, stderr } = await minnow("inspect", "mobilenet_v1?alpha=0.5&resolution=160", "--json");
  assert.deepEqual([code, stderr], [0, ""]);
  const { inputs, parameters, multiplyAdds } = JSON.parse(stdout);
  assert.deepEqual(inputs[0].dims, [1, 3, 160, 160]);
  const listed = await minnow("models", "mobilenet_v1_0.5_160", "--json");
  const [{ presets }] = JSON.parse(listed.stdout);
  assert.deepEqual([presets[0].parameters, presets[0].multiplyAdds], [parameters, multiplyAdds]);
});

for (const [name, message] of [
  ["mobilenet_v1?alfa=0.5", /mobilenet_v1: there is no field alfa\n.*its fields are alpha, separable, resolution, classes/],
  ["mobilenet_v1?alpha=narrow", /mobilenet_v1: alpha is "narrow"\n.*a number above 0/],
  ["squeezenet1_1?resolution=9", /squeezenet: resolution is 9\n.*at least 31/],
  ["mobilenet_v9?alpha=1", /no architecture of that name\n.*did you mean mobilenet_v1/],
] as const) {
  test(`${name}: one message`, async () => {
    const { code, stdout, stderr } = await minnow("inspect", name);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}
