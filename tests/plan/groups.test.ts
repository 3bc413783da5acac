// Grouped convolutions as dense matrices: every output has its group's inputs, and few zeros beside them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { matricesOf } from "../../src/plan/groups.ts";
import { compile } from "../../src/plan/index.ts";
import { align } from "../../src/plan/place.ts";
import { withData } from "./graphs.ts";

/** Matrices one by one. */
function each(group: number, channels: number, dstChannels: number) {
  return matricesOf(group, channels, dstChannels).flatMap(({ count, inputs, outputs, firstInput, firstOutput }) =>
    Array.from({ length: count }, (_, i) => {
      const [from, first] = [firstInput + i * inputs, firstOutput + i * outputs];
      return { from, to: from + inputs, first, end: first + outputs };
    }),
  );
}

/** Weights, zeros included, of matrices of whole planes. */
const costOf = (matrices: ReturnType<typeof each>) =>
  matrices.reduce((sum, { from, to, first, end }) => sum + align(to - from, 4) * align(end - first, 4), 0);

test("the outputs follow each other, and each has all inputs of its group, within planes", () => {
  for (const group of [1, 2, 3, 4, 5, 7, 8, 32]) {
    for (const inputs of [1, 2, 3, 4, 5, 8, 10, 17, 25, 68]) {
      for (const outputs of [1, 2, 3, 4, 5, 8, 10, 17, 25, 68]) {
        const what = `${group} groups of ${inputs} → ${outputs}`;
        const [channels, dstChannels] = [group * inputs, group * outputs];
        let next = 0;
        for (const { from, to, first, end } of each(group, channels, dstChannels)) {
          assert.equal(first, next, what);
          assert.ok(from % 4 === 0 && first % 4 === 0, `${what}: begins within a plane`);
          assert.ok(end % 4 === 0 || end === dstChannels, `${what}: ends within a plane`);
          assert.ok(from <= Math.floor(first / outputs) * inputs, `${what}: inputs of output ${first} are missing`);
          assert.equal(to, (Math.floor((end - 1) / outputs) + 1) * inputs, `${what}: inputs of output ${end - 1}`);
          next = end;
        }
        assert.equal(next, dstChannels, what);
      }
    }
  }
});

test("groups that fill planes, alone or several together, are one call of the kernel", () => {
  for (const [group, inputs, outputs, matrices] of [
    [1, 3, 5, 1],
    [4, 8, 12, 4],
    [32, 4, 4, 32],
    [80, 1, 2, 20],
    [48, 2, 2, 24],
    [32, 3, 3, 8],
  ]) {
    const found = matricesOf(group, group * inputs, group * outputs);
    assert.deepEqual([found.length, found[0].count], [1, matrices], `${group} groups of ${inputs} → ${outputs}`);
  }
});

test("wide groups that do not fill planes take little more than their own weights", () => {
  for (const [group, inputs, outputs, most] of [
    [4, 68, 17, 1.2],
    [4, 17, 68, 1.2],
    [2, 100, 25, 1.15],
    [3, 67, 171, 1.1],
    [3, 10, 320, 1.25],
    [8, 30, 8, 1.1],
  ]) {
    const matrices = each(group, group * inputs, group * outputs);
    const cost = costOf(matrices) / (group * inputs * outputs);
    assert.ok(cost <= most, `${group} groups of ${inputs} → ${outputs}: ${cost.toFixed(2)} times`);
  }
});

test("steps are called by their channels where a convolution takes several", () => {
  const builder = new GraphBuilder("groups");
  const graph = builder.build({
    y: builder.conv("conv", builder.input("x", [1, 20, 5, 5]), { outChannels: 136, kernel: 1, group: 2 }),
  });
  const { steps } = compile(withData(graph));
  assert.deepEqual(
    steps.filter(({ operator }) => operator === "Conv").map(({ name, multiplyAdds }) => [name, multiplyAdds]),
    [
      ["conv (channels 0–67)", 68 * 10 * 25],
      ["conv (channels 68–135)", 68 * 10 * 25],
    ],
  );
});
