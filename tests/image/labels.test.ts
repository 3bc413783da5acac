import assert from "node:assert/strict";
import { test } from "node:test";
import { FormatError } from "../../src/errors.ts";
import { parseLabels } from "../../src/image/labels.ts";

for (const [what, text, expected] of [
  ["one a line", "cat\ndog\n", ["cat", "dog"]],
  ["Windows line ends and a byte order mark", "\uFEFFcat\r\ndog\r\n", ["cat", "dog"]],
  ["an empty line in between", "cat\n\ndog", ["cat", undefined, "dog"]],
  ["a JSON array", '["cat", "dog"]', ["cat", "dog"]],
  ["a JSON object", '{"0": "cat", "2": "dog"}', ["cat", undefined, "dog"]],
] as const) {
  test(`labels: ${what}`, () => assert.deepEqual(parseLabels(text), expected));
}

for (const [what, text] of [
  ["nothing", " \n\n"],
  ["broken JSON", '["cat",'],
  ["numbers", "[1, 2]"],
  ["a key that is no index", '{"cat": "0"}'],
  ["an index far too large", '{"4294967295": "cat"}'],
  ["bytes", "\x89PNG\0\0"],
]) {
  test(`labels: ${what} is refused`, () => {
    assert.throws(
      () => parseLabels(text, "labels.txt"),
      (error: Error) => error instanceof FormatError && /labels\.txt/.test(error.message),
    );
  });
}
