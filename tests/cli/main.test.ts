// The command line itself: help, version, and what it says to arguments that make no sense.
import assert from "node:assert/strict";
import { test } from "node:test";
import { minnow } from "./minnow.ts";

test("--help names the commands", async () => {
  const { code, stdout, stderr } = await minnow("--help");
  assert.deepEqual([code, stderr], [0, ""]);
  for (const command of ["classify", "run", "inspect"]) assert.match(stdout, new RegExp(`^  ${command} `, "m"));
});

for (const command of ["classify", "run", "inspect", "models"]) {
  test(`${command} --help describes it and gives examples`, async () => {
    const { code, stdout } = await minnow(command, "--help");
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Examples:\n  \\$ minnow ${command}[ \n]`));
  });
}

test("--version", async () => {
  const { code, stdout } = await minnow("--version");
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const [what, args, message] of [
  ["no arguments", [], /Usage: minnow/],
  ["an unknown command", ["clasify"], /unknown command 'clasify'/],
  ["an unknown option", ["inspect", "squeezenet1_1", "--wat"], /unknown option '--wat'/],
  ["no image", ["classify", "--model", "m.onnx"], /missing required argument 'image'/],
  ["no model", ["classify", "cat.jpg"], /required option '--model <model>' not specified/],
  ["no input", ["run", "m.onnx"], /required option '--input <\[name=\]file>' not specified/],
  ["a bad --mean", ["classify", "cat.jpg", "--model", "m.onnx", "--mean", "1,x,3"], /'--mean <a,b,c>'.*one number, or three/],
  ["two means", ["classify", "cat.jpg", "--model", "m.onnx", "--mean", "1,2"], /'--mean <a,b,c>'.*one number, or three/],
  ["a zero in --std", ["classify", "cat.jpg", "--model", "m.onnx", "--std", "1,0,1"], /'--std <a,b,c>'.*not be 0/],
  ["a zero --scale", ["classify", "cat.jpg", "--model", "m.onnx", "--scale", "0"], /'--scale <n>'.*not 0/],
  ["a bad --top", ["classify", "cat.jpg", "--model", "m.onnx", "--top", "0"], /'--top <k>'.*whole number above 0/],
] as const) {
  test(`${what}: exit code 2 and a message`, async () => {
    const { code, stdout, stderr } = await minnow(...args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, message);
  });
}

for (const [what, args, message] of [
  [
    "a missing model",
    ["inspect", "no/such.onnx"],
    /no file no\/such\.onnx, and no architecture.*\n.*squeezenet, .*minnow models/,
  ],
  ["a folder as model", ["inspect", "tests"], /cannot read tests: it is a folder/],
  ["a model that is none", ["inspect", "package.json"], /package\.json/],
  ["weights without an architecture", ["inspect", "m.onnx", "--weights", "w.safetensors"], /--weights goes with an architecture/],
  ["an architecture without weights", ["run", "squeezenet1_1", "--input", "x.npy"], /waits for weights\n.*--weights/],
  ["missing weights", ["inspect", "squeezenet1_1", "--weights", "no/such"], /cannot read no\/such: there is no such file/],
  ["weights that are none", ["inspect", "squeezenet1_1", "--weights", "package.json"], /package\.json/],
] as const) {
  test(`${what}: exit code 1, one message, no stack`, async () => {
    const { code, stdout, stderr } = await minnow(...args);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^minnow: /);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}
