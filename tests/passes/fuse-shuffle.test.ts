// fuseShuffle: a channel shuffle goes into the slices that alone read it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import { fuseShuffle } from "../../src/passes/fuse-shuffle.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, rewritten } from "./meaning.ts";

test("halves of a shuffle are taken from its source", () => {
  const graph = graphOf((b) => {
    const shuffled = b.channelShuffle("shuffle", image(b, 8), 2);
    return { front: b.sliceChannels("front", shuffled, 0, 3), back: b.sliceChannels("back", shuffled, 3, 8) };
  });
  const after = rewritten(fuseShuffle, graph);
  assert.deepEqual(
    after.nodes.map(({ op, attributes }) => [op, attributes]),
    [
      ["ChannelShuffle", { group: 2, range: [0, 3] }],
      ["ChannelShuffle", { group: 2, range: [3, 8] }],
    ],
  );
});

for (const [what, read] of Object.entries<(b: GraphBuilder, shuffled: ValueInfo) => ValueInfo>({
  "another node": (b, shuffled) => b.relu("relu", shuffled),
  "a slice of rows": (b, shuffled) => {
    const [n, c, h, w] = shuffled.dims;
    return b.node("Slice", "rows", [shuffled], { starts: [0, 0, 1, 0], ends: [n, c, h, w], steps: [1, 1, 1, 1] });
  },
  "a slice of every second channel": (b, shuffled) =>
    b.node("Slice", "even", [shuffled], { starts: [0, 0, 0, 0], ends: [...shuffled.dims], steps: [1, 2, 1, 1] }),
})) {
  test(`a shuffle that ${what} reads too stays whole`, () => {
    const graph = graphOf((b) => {
      const shuffled = b.channelShuffle("shuffle", image(b, 8), 2);
      return { front: b.sliceChannels("front", shuffled, 0, 4), other: read(b, shuffled) };
    });
    assertUntouched(fuseShuffle, graph);
  });
}

test("keeps the meaning of random graphs", () => assertKeepsMeaning(fuseShuffle));
