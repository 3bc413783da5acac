// Bands: a convolution and what reads its result, a few rows at a time, give the bits that they give at once.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { compile } from "../../src/plan/index.ts";
import { verifyProgram } from "../../src/plan/verify.ts";
import { withData } from "./graphs.ts";
import { outputsOf } from "./run.ts";
import { checkMemory } from "./shadow.ts";

const convolutions = {
  "3×3": { kernel: 3, pad: 1 },
  "3×3/2": { kernel: 3, stride: 2 },
  "7×7/2": { kernel: 7, stride: 2, pad: 3 },
  "5×5, five groups": { kernel: 5, pad: 2, group: 5 },
  "1×1": { kernel: 1 },
  "1×1, five groups": { kernel: 1, group: 5 },
} as const;

const depthwise = (b: GraphBuilder, x: ValueInfo, kernel: number, stride: number, pad: number, dilation = 1) =>
  b.conv("depthwise", x, { outChannels: 25, group: 25, kernel, stride, pad, dilation });

const readers: Record<string, (b: GraphBuilder, x: ValueInfo) => ValueInfo> = {
  "2×2/2": (b, x) => b.maxPool("pool", x, { kernel: 2, stride: 2 }),
  "3×3/2": (b, x) => b.maxPool("pool", x, { kernel: 3, stride: 2 }),
  "3×3/2, padded": (b, x) => b.maxPool("pool", x, { kernel: 3, stride: 2, pad: 1 }),
  "3×3/2, ceil": (b, x) => b.maxPool("pool", x, { kernel: 3, stride: 2, ceilMode: true }),
  "3×3/1": (b, x) => b.maxPool("pool", x, { kernel: 3, stride: 1, pad: 1 }),
  "2×2/3": (b, x) => b.maxPool("pool", x, { kernel: 2, stride: 3 }),
  "4×4/1, average": (b, x) => b.averagePool("pool", x, { kernel: 4, stride: 1, pad: 2 }),
  "depthwise 3×3": (b, x) => depthwise(b, x, 3, 1, 1),
  "depthwise 3×3/2": (b, x) => depthwise(b, x, 3, 2, 1),
  "depthwise 5×5": (b, x) => depthwise(b, x, 5, 1, 2),
  "depthwise 5×5/2": (b, x) => depthwise(b, x, 5, 2, 2),
  "depthwise 3×3, dilated": (b, x) => depthwise(b, x, 3, 1, 2, 2),
};

/** With channels enough for Winograd's convolution where that can be. */
function pairOf(convolution: keyof typeof convolutions, reader: string, size: number): Graph {
  const builder = new GraphBuilder(`${convolution}, ${reader}, ${size}²`);
  const x = builder.input("x", [1, 20, size, size + 3]);
  const conv = builder.conv("conv", x, { ...convolutions[convolution], outChannels: 25 });
  return withData(builder.build({ y: readers[reader](builder, builder.relu("relu", conv)) }));
}

const names = (graph: Graph, bandBytes?: number) => compile(graph, { bandBytes }).steps.map(({ name }) => name);

describe("the bits of the whole", () => {
  for (const convolution of Object.keys(convolutions) as (keyof typeof convolutions)[]) {
    for (const reader of Object.keys(readers)) {
      test(`${convolution}, then ${reader}`, () => {
        let most = 0;
        for (let size = 9; size <= 40; size += 5) {
          const graph = pairOf(convolution, reader, size);
          const [expected] = outputsOf(compile(graph, { bandBytes: Number.POSITIVE_INFINITY }));
          for (const bandBytes of [1000, 10_000, 30_000]) {
            const plan = compile(graph, { bandBytes });
            verifyProgram(plan.program);
            checkMemory(graph, plan, bandBytes);
            const [actual] = outputsOf(plan);
            assert.ok(actual.equals(expected), `${graph.name} in bands of ${bandBytes} bytes`);
            most = Math.max(most, plan.steps.filter(({ name }) => name.startsWith("conv")).length);
          }
        }
        assert.ok(most >= 3, `only ${most} bands`);
      });
    }
  }
});

describe("no bands", () => {
  const small = (build: (b: GraphBuilder, x: ValueInfo) => Record<string, ValueInfo>, batch = 1) => {
    const builder = new GraphBuilder("small");
    return withData(builder.build(build(builder, builder.input("x", [batch, 4, 16, 16]))));
  };
  const conv = (b: GraphBuilder, x: ValueInfo) => b.conv("conv", x, { outChannels: 4, kernel: 3, pad: 1 });
  const pool = (b: GraphBuilder, x: ValueInfo) => b.maxPool("pool", x, { kernel: 2, stride: 2 });
  const whole = ["conv", "pool"];

  test("where the image is not large", () => {
    const graph = small((b, x) => ({ y: pool(b, conv(b, x)) }));
    assert.deepEqual(
      names(graph).filter((name) => whole.includes(name)),
      whole,
    );
    assert.ok(names(graph, 1000).includes("conv (rows 0–3)"));
  });
  test("where something else needs the image", () => {
    const graphs = [
      small((b, x) => {
        const image = conv(b, x);
        return { image, y: pool(b, image) };
      }),
      small((b, x) => {
        const image = conv(b, x);
        return { y: pool(b, image), z: b.globalAveragePool("mean", image) };
      }),
      small((b, x) => ({ y: pool(b, b.concat("joined", [conv(b, x), x])) })),
    ];
    for (const graph of graphs)
      assert.deepEqual(
        names(graph, 1000).filter((name) => whole.includes(name)),
        whole,
      );
  });
  test("for several images, or with a residual", () => {
    const batch = small((b, x) => ({ y: pool(b, conv(b, x)) }), 2);
    const sum = small((b, x) => ({ y: pool(b, b.add("sum", conv(b, x), x)) }));
    const reader = small((b, x) => {
      const image = conv(b, x);
      return { y: b.add("sum", b.conv("depthwise", image, { outChannels: 4, group: 4, kernel: 3, pad: 1 }), x) };
    });
    for (const graph of [batch, sum, reader]) assert.ok(!names(graph, 1000).some((name) => name.includes("rows")));
  });
});
