// Plans for several threads, without threads: whatever order the parts between two meetings run in, bits are those of one thread.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Header, Opcode, Step } from "../../assembly/plan.ts";
import { presets } from "../../models/index.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { bindWeights } from "../../src/graph/weights.ts";
import { seedWeights } from "../../src/index.ts";
import { type DecodedProgram, decodeProgram } from "../../src/plan/encode.ts";
import { compile, type Plan } from "../../src/plan/index.ts";
import type { CompileOptions } from "../../src/plan/lower.ts";
import { type Access, conflict } from "../../src/plan/schedule.ts";
import { Threading, verifyThreads } from "../../src/plan/threading.ts";
import { verifyProgram } from "../../src/plan/verify.ts";
import type { EngineExports } from "../../src/runtime/engine.ts";
import { random } from "../random.ts";
import { everyKernel, randomGraph, withData } from "./graphs.ts";
import { outputsOf } from "./run.ts";

/** Which thread's turn it is, of those that have something to do before the next meeting. */
type Turn = (waiting: readonly number[]) => number;

/** Runs a plan's parts in the order that `turn` says. */
function runParts(engine: EngineExports, base: number, plan: Plan, turn: Turn): void {
  const { split } = decodeProgram(plan.program);
  const steps = plan.steps.length;
  for (let from = 0; from < steps; ) {
    let to = from + 1;
    while (to < steps && split[to * plan.threads].fields.sync === 0) ++to;
    const next = new Array<number>(plan.threads).fill(from);
    for (;;) {
      const waiting = next.flatMap((step, thread) => (step < to ? [thread] : []));
      if (waiting.length === 0) break;
      const thread = turn(waiting);
      const index = next[thread]++ * plan.threads + thread;
      // Parts lie behind the whole steps.
      if (split[index].fields.opcode !== 0) assert.equal(engine.run(base, steps + index, steps + index + 1), 0);
    }
    from = to;
  }
}

const orders: Record<string, () => Turn> = {
  "the first thread first": () => (waiting) => waiting[0],
  "the last thread first": () => (waiting) => waiting[waiting.length - 1],
  "any order": () => {
    const next = random(3);
    return (waiting) => waiting[Math.floor(next() * waiting.length)];
  },
};

/** Verifies a program as it is before it first runs. */
function verify(bytes: Uint8Array): DecodedProgram {
  const program = verifyProgram(bytes);
  verifyThreads(program);
  return program;
}

/** @returns how many steps have parts for all threads */
function check(graph: Graph, threads: number, leastSaving?: number, options?: CompileOptions): number {
  const expected = outputsOf(compile(graph, options));
  const plan = compile(graph, { ...options, threading: new Threading(threads, leastSaving) });
  const { split } = verify(plan.program);
  const same = (outputs: readonly Buffer[], order: string) => {
    for (const [i, output] of outputs.entries()) {
      assert.ok(output.equals(expected[i]), `${graph.name}, ${threads} threads, ${order}: output ${i} differs`);
    }
  };
  for (const [order, turn] of Object.entries(orders)) {
    same(
      outputsOf(plan, (engine, base) => runParts(engine, base, plan, turn())),
      order,
    );
  }
  same(outputsOf(plan), "whole steps");
  return plan.steps.filter((_, i) => split[i * threads + 1].fields.opcode !== 0).length;
}

describe("the same bits as on one thread, in whatever order", () => {
  for (const threads of [2, 3, 4]) {
    test(`every kernel, ${threads} threads`, () => {
      const split = check(everyKernel(), threads, 0);
      assert.ok(split >= 12, `only ${split} steps are split`);
    });
    test(`random networks, ${threads} threads`, () => {
      let split = 0;
      for (let seed = 1; seed <= 60; ++seed) split += check(randomGraph(seed), threads, 0);
      assert.ok(split > 200, `only ${split} steps are split`);
    });
  }
  for (const inputLayout of ["nchw", "nhwc", "rgba8", "rgb8"] as const) {
    test(`inputs as ${inputLayout}, of a number of pixels that no threads divide`, () => {
      const builder = new GraphBuilder("input");
      const x = builder.input("x", [1, 3, 7, 5]);
      const graph = builder.build({ y: builder.conv("conv", x, { outChannels: 8, kernel: 3 }) });
      for (const threads of [2, 3, 4]) assert.equal(check(withData(graph), threads, 0, { inputLayout }), 2);
    });
  }
  for (const group of [1, 2]) {
    test(`3×3 windows whose weights the run transforms, ${group} groups`, () => {
      const builder = new GraphBuilder("windows");
      const x = builder.input("x", [1, 16, 25, 13]);
      const graph = withData(builder.build({ y: builder.conv("conv", x, { outChannels: 40, kernel: 3, pad: 1, group }) }));
      const options: CompileOptions = { memory: "small" };
      assert.ok(compile(graph, options).steps.some(({ kernel }) => kernel === "winograd"));
      for (const threads of [2, 3, 4]) assert.equal(check(graph, threads, 0, options), 2);
    });
  }
  test("strides across an image of one column, whose pixels are no row", () => {
    const builder = new GraphBuilder("one column");
    const x = builder.input("x", [1, 256, 600, 1]);
    const graph = builder.build({ y: builder.conv("conv", x, { outChannels: 80, kernel: 1, stride: [1, 2] }) });
    assert.equal(check(withData(graph), 2, 0), 2);
  });
  for (const name of ["squeezenet1_1", "mobilenet_v2", "resnet18", "googlenet"]) {
    test(`${name}, its weights seeded`, () => {
      const graph = presets[name](10);
      const bound = bindWeights(graph, seedWeights(graph));
      assert.ok(check(bound, 2) > 10);
      assert.ok(check(bound, 3, 0) > 10);
    });
  }
});

describe("meetings", () => {
  const graph = withData(presets.squeezenet1_1(10), 1);
  const plan = compile(graph, { threading: new Threading(2) });
  const { header, split } = decodeProgram(plan.program);
  const recordAt = (step: number, part: number) => header.runAt + (header.runCount + step * 2 + part) * Step.BYTES;
  const damaged = (change: (view: DataView) => void): Uint8Array => {
    const program = plan.program.slice();
    change(new DataView(program.buffer));
    return program;
  };

  test("are only where threads need each other's results", () => {
    const syncs = plan.steps.filter((_, i) => split[i * 2].fields.sync !== 0).length;
    assert.ok(syncs > 5 && syncs < plan.steps.length - 5, `${syncs} of ${plan.steps.length} steps`);
  });
  test("one that is missing is an error", () => {
    plan.steps.forEach(({ name }, i) => {
      if (split[i * 2].fields.sync === 0) return;
      const program = damaged((view) => {
        for (const part of [0, 1]) view.setInt32(recordAt(i, part) + Step.sync, 0, true);
      });
      assert.throws(() => verify(program), /begin before other threads/, name);
    });
  });
  test("one that only some threads come to is an error", () => {
    const program = damaged((view) => view.setInt32(recordAt(3, 1) + Step.sync, 1 - split[7].fields.sync, true));
    assert.throws(() => verify(program), /wait for others that do not/);
  });
  test("parts that write the same bytes are an error", () => {
    const step = plan.steps.findIndex((_, i) => split[i * 2 + 1].fields.opcode === Opcode.pointwise);
    const program = damaged((view) => view.setInt32(recordAt(step, 1) + Step.dst, split[step * 2].fields.dst, true));
    assert.throws(() => verify(program), /write over each other/);
  });
  test("a number of parts that the steps are not is an error", () => {
    for (const parts of [3, 65, 2 ** 31]) {
      assert.throws(() => verify(damaged((view) => view.setUint32(Header.parts, parts, true))), { name: "PlanError" });
    }
  });
  test("are for two to 64 threads", () => {
    for (const threads of [0, -1, 1, 1.5, 65, Number.NaN]) assert.throws(() => new Threading(threads), { name: "OptionError" });
  });
});

test("whether two stretches of planes meet is as byte by byte", () => {
  const next = random(9);
  const upTo = (n: number) => Math.floor(next() * n);
  const bytesOf = ({ at, plane, pitch, planes, stride, images }: Access) => {
    const bytes = new Set<number>();
    for (let i = 0; i < images; ++i) {
      for (let p = 0; p < planes; ++p) for (let b = 0; b < plane; ++b) bytes.add(at + i * stride + p * pitch + b);
    }
    return bytes;
  };
  let apart = 0;
  for (let n = 0; n < 4000; ++n) {
    const pitch = 1 + upTo(20);
    const [a, b] = [0, 1].map((): Access => {
      const own = upTo(5) === 0 ? 1 + upTo(20) : pitch;
      const planes = 1 + upTo(4);
      return {
        at: upTo(60),
        plane: 1 + upTo(8),
        pitch: own,
        planes,
        stride: 20 * upTo(5),
        images: 1 + upTo(3),
        writes: upTo(2) === 0,
      };
    });
    const mine = bytesOf(a);
    const common = [...bytesOf(b)].some((byte) => mine.has(byte));
    const expected = common && (a.writes || b.writes);
    const exact = a.pitch === b.pitch || a.planes === 1 || b.planes === 1;
    // Where pitches differ it may be wary, but never wrong.
    if (exact) assert.equal(conflict(a, b), expected, JSON.stringify([a, b]));
    else if (expected) assert.ok(conflict(a, b), JSON.stringify([a, b]));
    if (exact && !common) ++apart;
  }
  assert.ok(apart > 400);
});
