// recogniseShuffle: what exporters write for a channel shuffle becomes one operator.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { recogniseShuffle } from "../../src/passes/converted/recognise-shuffle.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, operators, rewritten } from "./meaning.ts";

interface Parts {
  groups?: readonly number[];
  perm?: readonly number[];
  dims?: readonly number[];
  also?: (b: GraphBuilder, values: { groups: ValueInfo; exchanged: ValueInfo }) => Record<string, ValueInfo>;
}

/** A shuffle of 6 channels of two images of 4×5 pixels in two groups, as exporters write it, or something like it. */
function exported({ groups = [2, 2, 3, 4, 5], perm = [0, 2, 1, 3, 4], dims = [2, 6, 4, 5], also }: Parts = {}): Graph {
  return graphOf((b) => {
    const split = b.node("Reshape", "groups", [image(b, 6)], { dims: groups });
    const exchanged = b.node("Transpose", "exchanged", [split], { perm });
    const out = b.node("Reshape", "out", [exchanged], { dims });
    return { out, ...also?.(b, { groups: split, exchanged }) };
  });
}

test("Reshape, Transpose, Reshape", () => {
  const graph = rewritten(recogniseShuffle, exported());
  assert.deepEqual(operators(graph), ["ChannelShuffle"]);
  assert.deepEqual(maker(graph, "out").attributes, { group: 2 });
});

test("with the pixels as one axis", () => {
  const graph = rewritten(recogniseShuffle, exported({ groups: [2, 3, 2, 20], perm: [0, 2, 1, 3] }));
  assert.deepEqual(maker(graph, "out").attributes, { group: 3 });
});

for (const [what, parts] of Object.entries<Parts>({
  "another order of axes": { perm: [0, 2, 1, 4, 3] },
  "groups across images": { groups: [1, 2, 6, 4, 5] },
  "groups that take pixels along": { groups: [2, 3, 4, 1, 10] },
  "an image of other dims": { dims: [2, 6, 5, 4] },
  "the groups are read elsewhere": { also: (_, { groups }) => ({ groups }) },
  "the transpose is read elsewhere": { also: (b, { exchanged }) => ({ relu: b.relu("relu", exchanged) }) },
})) {
  test(`untouched: ${what}`, () => assertUntouched(recogniseShuffle, exported(parts)));
}

test("keeps the meaning of random graphs", () => assertKeepsMeaning(recogniseShuffle));
