// nestConcats: a concatenation that begins as an earlier one does reads that instead.
import assert from "node:assert/strict";
import { test } from "node:test";
import { nestConcats } from "../../src/passes/nest-concats.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, rewritten } from "./meaning.ts";

test("a dense block's concatenations grow out of each other", () => {
  const graph = graphOf((b) => {
    const [x, y, z, w] = ["x", "y", "z", "w"].map((name, i) => image(b, i + 2, name));
    return { xy: b.concat("xy", [x, y]), xyz: b.concat("xyz", [x, y, z]), all: b.concat("all", [x, y, z, w]) };
  });
  const after = rewritten(nestConcats, graph);
  assert.deepEqual(maker(after, "xy").inputs, ["x", "y"]);
  assert.deepEqual(maker(after, "xyz").inputs, ["xy", "z"]);
  assert.deepEqual(maker(after, "all").inputs, ["xyz", "w"]);
});

test("the longest beginning is taken, also through a nested one", () => {
  const graph = graphOf((b) => {
    const [x, y, z] = ["x", "y", "z"].map((name, i) => image(b, i + 2, name));
    const xy = b.concat("xy", [x, y]);
    return { nested: b.concat("nested", [xy, z]), flat: b.concat("flat", [x, y, z, x]) };
  });
  assert.deepEqual(maker(rewritten(nestConcats, graph), "flat").inputs, ["nested", "x"]);
});

test("equal, reversed, shorter and unrelated concatenations stay", () => {
  assertUntouched(
    nestConcats,
    graphOf((b) => {
      const [x, y, z] = ["x", "y", "z"].map((name) => image(b, 4, name));
      const lists = { a: [x, y, z], c: [x, y, z], d: [z, y, x], e: [x, y], f: [y, z, x], g: [x, z] };
      return Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, b.concat(name, values)]));
    }),
  );
});

test("concatenations along other axes stay", () => {
  assertUntouched(
    nestConcats,
    graphOf((b) => {
      const [x, y] = ["x", "y"].map((name) => image(b, 4, name));
      const short = b.node("Concat", "short", [x, y], { axis: 2 });
      return { short, long: b.node("Concat", "long", [x, y, x], { axis: 2 }), channels: b.concat("channels", [x, y]) };
    }),
  );
});

test("random graphs mean the same", () => assertKeepsMeaning(nestConcats));
