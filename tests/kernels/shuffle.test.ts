// Channel shuffles, slices of channels, and what networks do with both, against the reference.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { compile } from "../../src/plan/index.ts";
import { product } from "./cases.ts";
import { grid } from "./check.ts";

const sizes = [
  [1, 1],
  [1, 7],
  [3, 3],
  [6, 5],
] as const;

grid(
  "ChannelShuffle",
  product({ batch: [1, 2], channels: [1, 2, 6, 8, 12, 13, 15, 24], group: [1, 2, 3, 4, 8, 13], size: sizes }).filter(
    ({ channels, group }) => channels % group === 0,
  ),
  (builder, { batch, channels, group, size }) =>
    builder.channelShuffle("shuffle", builder.input("input", [batch, channels, ...size]), group),
);

grid(
  "channels from one to another",
  product({
    batch: [1, 2],
    channels: [1, 5, 8, 13],
    start: [0, 1, 3, 4, 8],
    left: [0, 1, 2],
    size: sizes,
  }).filter(({ channels, start, left }) => start < channels - left),
  (builder, { batch, channels, start, left, size }) =>
    builder.sliceChannels("slice", builder.input("input", [batch, channels, ...size]), start, channels - left),
);

// Views into a tensor that others read too, and that takes part in a concatenation itself.
grid(
  "slices of a value that is used elsewhere",
  product({ batch: [1, 2], channels: [8, 13], size: sizes }),
  (builder, { batch, channels, size }) => {
    const x = builder.relu("relu", builder.input("input", [batch, channels, ...size]));
    const front = builder.sliceChannels("front", x, 0, 4);
    const back = builder.sliceChannels("back", x, 4, channels);
    const squashed = builder.activation("sigmoid", back, { op: "Sigmoid" });
    const joined = builder.concat("joined", [builder.activation("swish", front, { op: "Swish" }), back, x, front]);
    return { joined, squashed, back };
  },
);

// ShuffleNet v2's unit: the channels of two branches are mixed, and one half of them goes on.
grid(
  "shuffled branches, and half of their channels",
  product({ batch: [1, 2], half: [1, 3, 4, 6, 8], size: sizes }),
  (builder, { batch, half, size }) => {
    let x = builder.input("input", [batch, 2 * half, ...size]);
    for (const name of ["first", "second"]) {
      const kept = builder.sliceChannels(`${name}.kept`, x, 0, half);
      const next = builder.sliceChannels(`${name}.next`, x, half, 2 * half);
      const branch = builder.conv(`${name}.conv`, next, { outChannels: half, kernel: 1 });
      x = builder.channelShuffle(name, builder.concat(`${name}.concat`, [kept, builder.relu(`${name}.relu`, branch)]), 2);
    }
    return x;
  },
);

// As exporters write a shuffle; and transposes that move nothing.
grid(
  "Reshape, Transpose, Reshape",
  product({ batch: [1, 2], channels: [6, 12], group: [2, 3], size: sizes, pixels: ["two axes", "one axis"] }),
  (builder, { batch, channels, group, size, pixels }) => {
    const x = builder.input("input", [batch, channels, ...size]);
    const rest = pixels === "one axis" ? [size[0] * size[1]] : size;
    const groups = builder.node("Reshape", "groups", [x], { dims: [batch, group, channels / group, ...rest] });
    const perm = [0, 2, 1, ...rest.map((_, i) => 3 + i)];
    const exchanged = builder.node("Transpose", "exchanged", [groups], { perm });
    return builder.node("Reshape", "image", [exchanged], { dims: x.dims });
  },
);

grid(
  "transposes of axes of one element",
  product({
    transpose: [
      { dims: [1, 5, 1, 1], perm: [0, 2, 3, 1] },
      { dims: [2, 5, 1, 1], perm: [0, 3, 2, 1] },
      { dims: [2, 1, 3, 5], perm: [0, 2, 3, 1] },
      { dims: [1, 7], perm: [1, 0] },
      { dims: [2, 1, 6], perm: [0, 2, 1] },
    ],
  }),
  (builder, { transpose: { dims, perm } }) => builder.node("Transpose", "transpose", [builder.input("input", dims)], { perm }),
);

grid(
  "channels to the end and to the front",
  product({
    batch: [1, 2],
    channels: [1, 3, 4, 10],
    size: sizes,
    perm: [
      [0, 2, 3, 1],
      [0, 3, 1, 2],
    ],
    times: [1, 2],
  }),
  (builder, { batch, channels, size, perm, times }) => {
    let x = builder.relu("relu", builder.input("input", [batch, channels, ...size]));
    for (let i = 0; i < times; ++i) x = builder.node("Transpose", `transpose${i}`, [x], { perm });
    return builder.add("add", x, x);
  },
);

test("other transposes are refused, and slices of whole blocks cost nothing", () => {
  const builder = new GraphBuilder("transpose");
  const x = builder.input("input", [1, 8, 3, 5]);
  const transposed = builder.node("Transpose", "turned", [x], { perm: [0, 1, 3, 2] });
  assert.throws(() => compile(builder.build({ output: transposed })), {
    name: "UnsupportedError",
    message: /Transpose "turned": axes \[0,1,3,2\] of \[1,8,3,5\] would move in memory; supported are \[0,2,3,1\]/,
  });
  const sliced = new GraphBuilder("slices");
  const y = sliced.relu("relu", sliced.input("input", [1, 12, 3, 5]));
  const output = sliced.add("add", sliced.sliceChannels("front", y, 0, 5), sliced.sliceChannels("back", y, 4, 9));
  assert.deepEqual(
    compile(sliced.build({ output })).steps.map(({ operator }) => operator),
    ["input", "Relu", "Add", "output"],
  );
});
