// The memory planner: values alive at the same time never overlap, nothing is copied that need not be, and the arena is
// about as small as it can be.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { presets } from "../../models/index.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { bindWeights } from "../../src/graph/weights.ts";
import { decodeProgram } from "../../src/plan/encode.ts";
import { compile, type Plan } from "../../src/plan/index.ts";
import { planePitch, planesOf } from "../../src/plan/place.ts";
import { describeMemory } from "../../src/plan/report.ts";
import { verifyProgram } from "../../src/plan/verify.ts";
import { dataPath, needsData } from "../data.ts";
import { everyKernel, randomGraph, withData } from "./graphs.ts";
import { checkMemory } from "./shadow.ts";

const seeded = (name: string) => {
  const graph = presets[name]();
  return bindWeights(graph, seedWeights(graph));
};
const squeezenets = ["squeezenet1_0", "squeezenet1_1"];

const published = [
  "models/densenet_bc_40_12_cifar10",
  "models/mnist",
  "models/mobilenet_v1_0.25_224",
  "models/resnet20_cifar10",
  "models/squeezenet1_0",
  "models/squeezenet1_1",
  "models/squeezenet_winml_fp16",
  "conformance/onnx/light/light_densenet121",
  "conformance/onnx/light/light_inception_v2",
  "conformance/onnx/light/light_resnet50",
  "conformance/onnx/light/light_squeezenet",
];
const read = (name: string) => readOnnx(readFileSync(dataPath(`${name}.onnx`)));

/** A graph of 8-channel images of 6×6 pixels with the input x. */
function small(build: (builder: GraphBuilder, x: ValueInfo) => Record<string, ValueInfo>, channels = 8): Graph {
  const builder = new GraphBuilder("small");
  return withData(builder.build(build(builder, builder.input("x", [1, channels, 6, 6]))));
}

const stepOf = (plan: Plan, name: string) => decodeProgram(plan.program).run.find((step) => step.name === name)!.fields;

describe("nothing overlaps", () => {
  for (const name of squeezenets) test(name, () => checkMemory(seeded(name), compile(seeded(name))));
  for (const name of published.filter((name) => !name.includes("squeezenet") && !name.includes("densenet121"))) {
    test(name, { skip: needsData }, () => {
      const graph = read(name);
      checkMemory(graph, compile(graph));
    });
  }
  test("a graph with every kernel", () => checkMemory(everyKernel(), compile(everyKernel())));
  test("500 random graphs", () => {
    for (let seed = 1; seed <= 500; ++seed) {
      const graph = randomGraph(seed);
      try {
        const plan = compile(graph);
        verifyProgram(plan.program);
        checkMemory(graph, plan);
      } catch (error) {
        throw new Error(`randomGraph(${seed}): ${(error as Error).message}`, { cause: error });
      }
    }
  });
  test("a convolution that adds its own source", () => {
    const graph = small((b, x) => {
      const r = b.activation("r", x, { op: "Sigmoid" });
      return { y: b.relu("y", b.add("sum", b.conv("c", r, { outChannels: 8, kernel: 3, pad: 1 }), r)) };
    });
    checkMemory(graph, compile(graph));
  });
  test("a product with a part of itself", () => {
    const graph = small((b, x) => {
      const mask = b.activation("mask", b.conv("m", x, { outChannels: 1, kernel: 1 }), { op: "Sigmoid" });
      const joined = b.concat("joined", [mask, b.conv("c", x, { outChannels: 7, kernel: 1 })]);
      return { y: b.relu("y", b.node("Mul", "masked", [joined, mask], {})) };
    });
    checkMemory(graph, compile(graph));
  });
  test("the planner's own account agrees", () => {
    for (const graph of [everyKernel(), seeded("squeezenet1_0"), ...Array.from({ length: 50 }, (_, i) => randomGraph(i + 1))]) {
      const { allocations, arenaBytes, lowerBound } = compile(graph).memory;
      assert.ok(lowerBound <= arenaBytes);
      allocations.forEach((a, i) => {
        assert.ok(a.offset >= 0 && a.offset % 64 === 0 && a.offset + a.bytes <= arenaBytes);
        for (const b of allocations.slice(i + 1)) {
          const together = a.first <= b.last && b.first <= a.last;
          const overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
          assert.ok(!together || !overlap, `${graph.name}: "${a.name}" and "${b.name}" overlap`);
        }
      });
    }
  });
});

describe("in place", () => {
  const chain = (keep: boolean) =>
    small((b, x) => {
      const first = b.maxPool("first", x, { kernel: 1 });
      const second = b.activation("second", first, { op: "Sigmoid" });
      const y = b.maxPool("third", second, { kernel: 1 });
      const outputs: Record<string, ValueInfo> = keep ? { y, first } : { y };
      return outputs;
    });
  test("where the source dies", () => {
    const { src, dst } = stepOf(compile(chain(false)), "second");
    assert.equal(dst, src);
  });
  test("not where the source is an output", () => {
    const { src, dst } = stepOf(compile(chain(true)), "second");
    assert.notEqual(dst, src);
  });
  test("not where a later step reads the source", () => {
    const graph = small((b, x) => {
      const first = b.maxPool("first", x, { kernel: 1 });
      const second = b.activation("second", first, { op: "Sigmoid" });
      return { y: b.node("Sub", "third", [second, first], {}) };
    });
    const plan = compile(graph);
    const second = stepOf(plan, "second");
    assert.notEqual(second.dst, second.src);
    const third = stepOf(plan, "third");
    assert.ok(third.dst === third.src || third.dst === third.src2, "both die at the subtraction");
  });
  test("a residual that dies gives its memory to the sum", () => {
    const graph = small((b, x) => {
      const shortcut = b.maxPool("shortcut", x, { kernel: 1 });
      const deep = b.conv("two", b.conv("one", shortcut, { outChannels: 8, kernel: 3, pad: 1 }), { outChannels: 8, kernel: 1 });
      return { y: b.relu("y", b.add("sum", deep, shortcut)) };
    });
    const { src2, dst } = stepOf(compile(graph), "two");
    assert.equal(dst, src2);
  });
});

const copies = (plan: Plan) => plan.steps.filter(({ kernel, operator }) => kernel === "copy" && operator === "Concat").length;

describe("concatenation", () => {
  const joined = (...channels: number[]) =>
    small((b, x) => {
      const parts = channels.map((outChannels, i) => b.conv(`c${i}`, x, { outChannels, kernel: 1 }));
      return { y: b.relu("y", b.concat("all", parts)) };
    });
  test("of multiples of four copies nothing", () => {
    const plan = compile(joined(4, 12, 8, 5));
    assert.equal(copies(plan), 0);
    const pitch = planePitch(6, 6);
    const { dst } = stepOf(plan, "c0");
    assert.deepEqual(
      ["c1", "c2", "c3"].map((name) => (stepOf(plan, name).dst - dst) / pitch),
      [1, 4, 6],
    );
  });
  test("copies only what does not begin at a multiple of four", () => {
    assert.equal(copies(compile(joined(6, 2, 4))), 1);
    assert.equal(copies(compile(joined(3, 3, 3))), 2);
  });
  test("of a value with itself copies one of them", () => {
    const graph = small((b, x) => {
      const c = b.conv("c", x, { outChannels: 8, kernel: 1 });
      return { y: b.relu("y", b.concat("all", [c, c])) };
    });
    assert.equal(copies(compile(graph)), 1);
    checkMemory(graph, compile(graph));
  });
});

describe("published networks", () => {
  test("copy nothing, and need at most 1.2 times the lower bound", { skip: needsData }, () => {
    for (const name of published) {
      const plan = compile(read(name));
      assert.equal(copies(plan), 0, name);
      assert.ok(plan.arenaBytes <= 1.2 * plan.memory.lowerBound, `${name}: ${plan.arenaBytes / plan.memory.lowerBound}`);
    }
  });
});

describe("size", () => {
  for (const name of squeezenets) {
    test(`${name}: the arena is at most 1.2 times the lower bound`, () => {
      const { arenaBytes, memory } = compile(seeded(name));
      assert.ok(arenaBytes <= 1.2 * memory.lowerBound, `${arenaBytes} against ${memory.lowerBound}`);
    });
  }
  test("weights are packed over the stored ones", () => {
    const { program, packedBytes, storedBytes, arenaBytes, memoryBytes } = compile(seeded("squeezenet1_1"));
    assert.ok(storedBytes > arenaBytes);
    assert.equal(memoryBytes, program.length + packedBytes + arenaBytes);
    assert.ok(memoryBytes < 16 * 2 ** 20, `${memoryBytes} bytes`);
  });
  test("the lower bound is what one step must hold", () => {
    // x, and what the reader makes of it, and the pool's result, all of nine blocks of 16 bytes, rounded to 64.
    const builder = new GraphBuilder("bound");
    const x = builder.input("x", [1, 4, 3, 3]);
    const plan = compile(builder.build({ y: builder.maxPool("pool", x, { kernel: 1 }) }));
    const flat = 192; // 144 bytes
    const image = 192; // 12 pixels: 9 rounded to whole tiles
    assert.equal(plan.memory.lowerBound, flat + 2 * image);
  });
  test("the map names every allocation", () => {
    const plan = compile(everyKernel());
    const map = describeMemory(plan);
    for (const { name } of plan.memory.allocations) assert.ok(map.includes(name), name);
    assert.match(map, /arena: .* lower bound .* times/);
  });
});

describe("the same graph, the same plan", () => {
  test("bytes and map", () => {
    for (const make of [everyKernel, () => randomGraph(7), () => seeded("squeezenet1_1")]) {
      const [a, b] = [compile(make()), compile(make())];
      assert.deepEqual(a.program, b.program);
      assert.equal(describeMemory(a), describeMemory(b));
    }
  });
});

describe("pitch", () => {
  test("is skewed off multiples of 4096 bytes", () => {
    assert.equal(planePitch(16, 16), 4096 + 64);
    assert.equal(planePitch(64, 64), 65536 + 64);
    assert.equal(planePitch(15, 17), 256 * 16 + 64);
    assert.equal(planePitch(14, 14), 196 * 16);
    assert.equal(planePitch(1, 1), 16);
    assert.equal(planePitch(1, 3), 64);
  });
  test("no image of several planes has a pitch of 4096 bytes", () => {
    const graph = small((b, x) => {
      const big = b.node("Pad", "big", [x], { before: [0, 0, 5, 5], after: [0, 0, 5, 5], value: 0 });
      return { y: b.conv("c", big, { outChannels: 12, kernel: 3, pad: 1 }) };
    });
    for (const plan of [compile(graph), compile(seeded("squeezenet1_0"))]) {
      for (const { fields } of decodeProgram(plan.program).run) {
        if (planesOf(fields.channels) > 1 && fields.pitch > 0) assert.notEqual(fields.pitch % 4096, 0);
        if (planesOf(fields.dstChannels) > 1 && fields.dstPitch > 0) assert.notEqual(fields.dstPitch % 4096, 0);
      }
    }
  });
});
