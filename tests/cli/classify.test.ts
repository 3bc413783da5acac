// minnow classify with an untrained network: what it prints and how it exits, not what it sees.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { minnow, temporaryFolder, writePicture, writeSeededWeights } from "./minnow.ts";

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const model = ["--model", "squeezenet1_1", "--weights", file("model.safetensors")];

before(async () => {
  writeSeededWeights(file("model.safetensors"), "squeezenet1_1", "(x/255 - [0.485,0.456,0.406]) / [0.229,0.224,0.225]");
  mkdirSync(file("pictures"));
  mkdirSync(file("empty"));
  await writePicture(file("pictures/b-red.png"), "red");
  await writePicture(file("pictures/a-blue.PNG"), "blue");
  writeFileSync(file("pictures/notes.txt"), "no picture");
  writeFileSync(file("broken.jpg"), Buffer.from("ffd8ffe000104a4649", "hex"));
  writeFileSync(file("labels.txt"), Array.from({ length: 1000 }, (_, index) => `thing ${index}`).join("\n"));
});

test("one image: a table of the five most probable classes", async () => {
  const { code, stdout, stderr } = await minnow("classify", file("pictures/b-red.png"), ...model);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.match(lines[0], /^\| index \| class +\| probability \|$/);
  assert.equal(lines.length, 2 + 5);
  for (const line of lines.slice(2)) assert.match(line, /^\| +(\d+) \| class \1 +\| +\d+\.\d % \|$/);
});

test("--labels and --top", async () => {
  const labels = ["--labels", file("labels.txt"), "--top", "2"];
  const { code, stdout } = await minnow("classify", file("pictures/b-red.png"), ...model, ...labels);
  assert.equal(code, 0);
  assert.deepEqual(stdout.match(/thing \d+/g)?.length, 2);
});

test("a folder: its images in order, one line each", async () => {
  const { code, stdout, stderr } = await minnow("classify", file("pictures"), ...model);
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.match(lines[0], /pictures\/a-blue\.PNG: class \d+ \d+\.\d %$/);
  assert.match(lines[1], /pictures\/b-red\.png: class \d+ \d+\.\d %$/);
});

test("a broken and a missing image do not stop the others, and the exit code is 1", async () => {
  const images = [file("broken.jpg"), file("pictures/a-blue.PNG"), file("missing.png"), file("pictures/b-red.png")];
  const { code, stdout, stderr } = await minnow("classify", ...images, ...model);
  assert.equal(code, 1);
  assert.deepEqual(stdout.match(/[^/]*\.png/gi), ["a-blue.PNG", "b-red.png"]);
  assert.match(stderr, /^minnow: .*broken\.jpg cannot be decoded/m);
  assert.match(stderr, /^minnow: cannot read .*missing\.png: there is no such file$/m);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test("--json: an array with an object for each image", async () => {
  const images = [file("pictures/b-red.png"), file("broken.jpg")];
  const { code, stdout } = await minnow("classify", ...images, ...model, "--labels", file("labels.txt"), "--top", "3", "--json");
  assert.equal(code, 1);
  const [good, bad] = JSON.parse(stdout);
  assert.deepEqual(Object.keys(good), ["file", "top"]);
  assert.equal(good.file, images[0]);
  assert.equal(good.top.length, 3);
  for (const { index, label, probability } of good.top) {
    assert.equal(label, `thing ${index}`);
    assert.ok(probability > 0 && probability < 1);
  }
  assert.deepEqual(Object.keys(bad), ["file", "error"]);
  assert.equal(bad.file, images[1]);
  assert.match(bad.error, /cannot be decoded/);
});

test("the scaling of pixels: the options before the file, and a note where neither says it", async () => {
  const top = async (...args: string[]) => {
    const { code, stdout, stderr } = await minnow("classify", file("pictures/b-red.png"), "--json", ...args);
    assert.equal(code, 0);
    return { top: JSON.parse(stdout)[0].top, stderr };
  };
  const stated = await top(...model);
  const other = await top(...model, "--mean", "0", "--std", "1");
  assert.notDeepEqual(other.top, stated.top);
  writeSeededWeights(file("silent.safetensors"), "squeezenet1_1");
  const guessed = await top("--model", "squeezenet1_1", "--weights", file("silent.safetensors"));
  assert.match(guessed.stderr, /^note: the model does not say how pixels x are scaled; taking \(x \/ 255 - \[0\.485,/);
  assert.deepEqual(guessed.top, stated.top);
});

for (const [what, args, message] of [
  ["an empty folder", () => [file("empty")], /there is no image in .*empty/],
  ["missing labels", () => [file("pictures"), "--labels", "no/such"], /cannot read no\/such: there is no such file/],
  ["labels of another model", () => [file("pictures"), "--labels", file("few.txt")], /few\.txt has 2 labels, .* 1000 classes/],
  ["a crop that is not the model's", () => [file("pictures"), "--crop", "200"], /--crop 200: .* 224×224/],
  ["a size below the crop", () => [file("pictures/b-red.png"), "--size", "100"], /crop of 224×224 does not fit/],
] as const) {
  test(`${what}: exit code 1 and a message`, async () => {
    writeFileSync(file("few.txt"), "cat\ndog\n");
    const { code, stdout, stderr } = await minnow("classify", ...args(), ...model);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}
