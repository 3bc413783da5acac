// The plan's bytes: what is written can be read back, nothing but the graph decides them, and the records that both sides
// of the ABI share are laid out soundly.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import * as abi from "../../assembly/plan.ts";
import { PlanError } from "../../src/errors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { decodeProgram, type EncodedPort, type EncodedStep, encodeProgram, programBytes } from "../../src/plan/encode.ts";
import { compile } from "../../src/plan/index.ts";
import type { StepField, StepRecord } from "../../src/plan/step.ts";
import type { EngineExports } from "../../src/runtime/engine.ts";
import { randomTensor } from "../random.ts";
import { everyKernel, randomGraph } from "./graphs.ts";

const { Abi, DataType, Header, Layout, Magic, Port, Step } = abi;

/** Names and numbers of an enum, without the reverse mapping. */
const entries = (enumeration: object): [string, number][] =>
  Object.entries(enumeration).filter((entry): entry is [string, number] => typeof entry[1] === "number");

/** The program of a small network. Its bytes change only if graph, lowering or ABI do. */
function golden(): Uint8Array {
  const builder = new GraphBuilder("golden");
  const x = builder.input("image", [1, 3, 9, 9]);
  const dims = [8, 3, 3, 3];
  const weight = builder.parameter("conv.weight", dims, randomTensor(dims, 1).data);
  const bias = builder.parameter("conv.bias", [8], randomTensor([8], 2).data);
  const window = { kernelShape: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
  const conv = builder.relu("relu", builder.node("Conv", "conv", [x, weight, bias], { ...window, group: 1 }));
  const pooled = builder.maxPool("pool", conv, { kernel: 2, stride: 2 });
  return compile(builder.build({ classes: builder.node("Softmax", "softmax", [pooled], { axis: 1 }) })).program;
}

/** SHA-256 of golden(). To update it, run this file and copy the digest that the failure prints. */
const GOLDEN = "85da7a1ebdcb82ebe4f60985ffa99423d8aa5a4f731457bd86e2f611e4653f62";

describe("the ABI", () => {
  for (const [name, record] of [
    ["Header", Header],
    ["Port", Port],
    ["Step", Step],
  ] as const) {
    test(`${name}: every field is distinct, aligned and inside the record`, () => {
      const fields = entries(record).filter(([field]) => field !== "BYTES");
      assert.equal(new Set(fields.map(([, at]) => at)).size, fields.length);
      for (const [field, at] of fields) {
        assert.ok(at >= 0 && at % 4 === 0 && at + 4 <= record.BYTES, `${name}.${field} at ${at}`);
      }
      assert.equal(record.BYTES % 64, 0, "records are whole cache lines");
    });
  }
  test("a port has room for six dims", () => assert.ok(Port.dims + 6 * 4 <= Port.BYTES));
  test("the numbers of every enum are distinct", () => {
    for (const [name, enumeration] of Object.entries(abi)) {
      const numbers = entries(enumeration).map(([, number]) => number);
      assert.equal(new Set(numbers).size, numbers.length, name);
    }
  });
  test("the engines are of this version", () => {
    for (const build of ["strict", "relaxed"]) {
      const bytes = readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url));
      if (!WebAssembly.validate(bytes)) continue; // relaxed SIMD on a host without it
      const engine = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as EngineExports;
      assert.equal(engine.abiVersion(), Abi.VERSION);
      assert.equal(engine.planBase() % 64, 0);
    }
  });
});

describe("encoding", () => {
  const integers = entries(Step).filter(
    ([name]) => !["BYTES", "name", "nameBytes", "alpha", "beta", "low", "high"].includes(name),
  );
  const step = (name: string, first: number): EncodedStep => {
    const fields: StepRecord = { alpha: 0.5, beta: -1.25, low: -Infinity, high: 6 };
    integers.forEach(([field], i) => {
      fields[field as StepField] = first + i;
    });
    return { name, fields };
  };
  const port = (name: string, dims: number[]): EncodedPort => ({
    name,
    dataType: DataType.float32,
    layout: Layout.nhwc,
    address: 4096,
    bytes: 2 ** 32 - 4,
    dims,
  });
  const prepare = [step("weights", 1)];
  const run = [step("größe → 卷积", 100), step("again", -100), step("again", 2 ** 31 - 100)];
  const inputs = [port("image", [1, 2, 3, 4, 5, 6])];
  const outputs = [port("scalar", []), port("again", [7])];
  const sizes = { packedBytes: 64, arenaBytes: 2 ** 31 + 64, storedAt: 192, storedBytes: 128, parts: 0 };
  const bytes = encodeProgram(prepare, run, [], inputs, outputs, sizes);

  test("gives back what it was given", () => {
    const decoded = decodeProgram(bytes);
    const plain = (steps: typeof decoded.run) =>
      steps.map(({ name, fields: { name: _, nameBytes: __, ...fields } }) => ({ name, fields }));
    assert.deepEqual(plain(decoded.prepare), prepare);
    assert.deepEqual(plain(decoded.run), run);
    assert.deepEqual(decoded.inputs, inputs);
    assert.deepEqual(decoded.outputs, outputs);
    const { packedBytes, arenaBytes, storedAt, storedBytes, parts } = decoded.header;
    assert.deepEqual({ packedBytes, arenaBytes, storedAt, storedBytes, parts }, sizes);
    assert.equal(decoded.header.magic, Magic.PLAN);
    assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "MNWP");
  });
  test("is as long as foretold, a multiple of 64", () => {
    const names = [...prepare, ...run, ...inputs, ...outputs].map(({ name }) => name);
    assert.equal(bytes.length, programBytes(4, 3, names));
    assert.equal(bytes.length % 64, 0);
    assert.equal(decodeProgram(bytes).header.programBytes, bytes.length);
  });
  test("decodes and encodes to the same bytes", () => {
    for (const { program } of [everyKernel, () => randomGraph(1), () => randomGraph(2)].map((make) => compile(make()))) {
      const { prepare, run, split, inputs, outputs, header } = decodeProgram(program);
      assert.deepEqual(encodeProgram(prepare, run, split, inputs, outputs, header), program);
    }
  });
  test("decodes from the middle of a buffer", () => {
    const within = new Uint8Array(bytes.length + 20);
    within.set(bytes, 12);
    assert.deepEqual(decodeProgram(within.subarray(12)), decodeProgram(bytes));
  });
  test("refuses another version, and says so", () => {
    const other = bytes.slice();
    other[Header.version] = 99;
    assert.throws(() => decodeProgram(other), { name: "PlanError", message: /version 99.*version \d/ });
  });
  test("refuses what is no plan", () => {
    assert.throws(() => decodeProgram(new Uint8Array(0)), PlanError);
    assert.throws(() => decodeProgram(new Uint8Array(1000)), { name: "PlanError", message: /not a plan/ });
  });
});

describe("the same graph gives the same bytes", () => {
  test("twice", () => {
    for (const make of [golden, () => compile(everyKernel()).program]) assert.deepEqual(make(), make());
  });
  test("as when this was written", () => {
    const digest = createHash("sha256").update(golden()).digest("hex");
    assert.equal(digest, GOLDEN, `the golden program changed; if that is meant, set GOLDEN to "${digest}"`);
  });
});
