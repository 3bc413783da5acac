// Damaged ONNX files through loadModel and run: each gives one of our errors or a model that runs, soon.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { writeOnnx } from "../../src/formats/index.ts";
import { loadModel, MinnowError } from "../../src/index.ts";
import { elementCount } from "../../src/tensor.ts";
import { everyKernel } from "../plan/graphs.ts";
import { random } from "../random.ts";
import { classifier, ones } from "./models.ts";

const LIMIT_MS = 2000;
/** Inputs of more elements are not made: a model whose dims became huge is right to be slow. */
const RUN_LIMIT = 1e5;
/** So is one of more activations: a flipped bit of a Pad can ask for gigabytes. */
const ARENA_LIMIT = 2 ** 26;

class Outcomes {
  readonly counts = new Map<string, number>();

  async of(bytes: Uint8Array, what: string): Promise<void> {
    const start = performance.now();
    let outcome: string;
    try {
      const model = await loadModel(bytes);
      const { multiplyAdds, arenaBytes } = model.statistics;
      const small = model.inputs.every(({ dims }) => elementCount(dims) <= RUN_LIMIT);
      if (small && multiplyAdds < 1e8 && arenaBytes < ARENA_LIMIT) {
        await model.run(Object.fromEntries(model.inputs.map(({ name, dims }) => [name, ones(dims)])));
        outcome = "ran";
      } else outcome = "too large to run";
      model.dispose();
    } catch (error) {
      assert.ok(error instanceof MinnowError, `${what}: ${(error as Error).stack}`);
      assert.notEqual(error.name, "MinnowError", `${what}: an error of no kind: ${error.message}`);
      outcome = error.name;
    }
    const ms = performance.now() - start;
    assert.ok(ms < LIMIT_MS, `${what}: ${ms} ms until "${outcome}"`);
    this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
  }

  conclude(t: TestContext): void {
    t.diagnostic([...this.counts].map(([outcome, count]) => `${outcome} ${count}`).join(", "));
  }
}

for (const [name, bytes] of [
  ["a classifier", writeOnnx(classifier())],
  ["a network with every kernel", writeOnnx(everyKernel())],
] as const) {
  describe(name, () => {
    const next = random(bytes.length);
    const below = (n: number) => Math.floor(next() * n);
    // Most bytes are weights; the structure is what can hurt, so half of the damage goes to the first and last parts.
    const place = () => (next() < 0.5 ? below(bytes.length) : next() < 0.5 ? below(600) : bytes.length - 1 - below(600));
    test("undamaged, it runs", async () => {
      const outcomes = new Outcomes();
      await outcomes.of(bytes, name);
      assert.deepEqual([...outcomes.counts.keys()], ["ran"]);
    });
    test("truncated", async (t) => {
      const outcomes = new Outcomes();
      for (let i = 0; i < 150; ++i) {
        const length = below(bytes.length);
        await outcomes.of(bytes.subarray(0, length), `length ${length}`);
      }
      outcomes.conclude(t);
    });
    test("with flipped bits", async (t) => {
      const outcomes = new Outcomes();
      for (let i = 0; i < 500; ++i) {
        const damaged = bytes.slice();
        const flips = Array.from({ length: 1 + below(3) }, () => [place(), below(8)]);
        for (const [at, bit] of flips) damaged[at] ^= 1 << bit;
        await outcomes.of(damaged, `flipped ${JSON.stringify(flips)}`);
      }
      outcomes.conclude(t);
    });
    test("with bytes inserted, removed and repeated", async (t) => {
      const outcomes = new Outcomes();
      for (let i = 0; i < 300; ++i) {
        const at = place();
        const noise = Uint8Array.from({ length: 1 + below(12) }, () => below(256));
        const skip = below(3) === 0 ? 1 + below(20) : 0;
        const repeat = below(3) === 0 ? bytes.subarray(at, at + below(200)) : noise;
        const damaged = Buffer.concat([bytes.subarray(0, at), repeat, bytes.subarray(Math.min(at + skip, bytes.length))]);
        await outcomes.of(damaged, `case ${i}: ${repeat.length} bytes at ${at}, ${skip} removed`);
      }
      outcomes.conclude(t);
    });
  });
}
