// compile: graph → plan. Everything above the plan ends here; the runtime takes it from there.
import type { DataType } from "../../assembly/plan.ts";
import { MemoryError } from "../errors.ts";
import type { Graph, ValueInfo } from "../graph/graph.ts";
import { optimise } from "../passes/index.ts";
import { elementBytes, elementCount } from "../tensor.ts";
import { inBands } from "./bands.ts";
import { type EncodedStep, encodeProgram, programBytes } from "./encode.ts";
import { kernels } from "./kernels.ts";
import { type CompileOptions, lower } from "./lower.ts";
import type { LoweredPort } from "./lowerings/ports.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import type { LoweredStep, Part } from "./step.ts";

/** One line of the step table. */
export interface StepInfo {
  readonly name: string;
  /** The operator it computes, and those fused into it. */
  readonly operator: string;
  readonly fused: string;
  readonly kernel: string;
  /** [N,C,H,W] */
  readonly inputDims: readonly number[];
  readonly outputDims: readonly number[];
  readonly multiplyAdds: number;
  /** Bytes it reads and writes, each once. */
  readonly bytes: number;
}

export interface PlanPort extends ValueInfo {
  readonly address: number;
  readonly bytes: number;
}

export interface Plan {
  readonly program: Uint8Array;
  /** How many threads run it. */
  readonly threads: number;
  /** Weights as the model's file has them; offsets from the first byte of the stored weights. */
  readonly stored: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly packedBytes: number;
  readonly arenaBytes: number;
  /** Where the stored weights begin in memory, until they are packed, and how much room they take. */
  readonly storedAt: number;
  readonly storedBytes: number;
  /** All the memory that the plan needs. */
  readonly memoryBytes: number;
  readonly memory: MemoryPlan;
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  readonly steps: readonly StepInfo[];
}

/** Of a run. */
export const multiplyAddsOf = ({ steps }: Plan): number => steps.reduce((sum, step) => sum + step.multiplyAdds, 0);

/** Largest linear memory a 32-bit WebAssembly module can have. */
const MAX_MEMORY = 2 ** 32 - 65536;

const portOf = ({ name, type, dims, place }: LoweredPort): PlanPort => ({
  name,
  type,
  dims,
  address: place.at,
  bytes: elementCount(dims) * elementBytes(type),
});

const wholeStep = ({ scratchBytes }: LoweredStep): Part => ({ fields: {}, offsets: {}, firstImage: 0, scratchBytes });

/** A step's record, or a part's, now that places have addresses. */
function record(step: LoweredStep, packedAt: number, scratchAt: number, part = wholeStep(step)): EncodedStep {
  const { fields, src, src2, dst, weights, bias, factors, addends } = step;
  const { offsets, firstImage, scratchBytes } = part;
  const batchStride = fields.batchStride ?? src.batchStride;
  const src2BatchStride = fields.src2BatchStride ?? src2?.batchStride ?? 0;
  const dstBatchStride = fields.dstBatchStride ?? dst.batchStride;
  const factorsBatchStride = factors === undefined || factors.dims[0] === 1 ? 0 : factors.batchStride;
  return {
    name: step.name,
    fields: {
      ...fields,
      opcode: step.opcode,
      batchStride,
      src2BatchStride,
      dstBatchStride,
      factorsBatchStride,
      src: src.at + (offsets.src ?? 0) + firstImage * batchStride,
      src2: src2 === undefined ? 0 : src2.at + (offsets.src2 ?? 0) + firstImage * src2BatchStride,
      dst: dst.at + (offsets.dst ?? 0) + firstImage * dstBatchStride,
      weights: weights === undefined ? 0 : packedAt + weights.offset + (offsets.weights ?? 0),
      bias: bias === undefined ? 0 : packedAt + bias.offset + (offsets.bias ?? 0),
      factors: factors === undefined ? 0 : factors.at + firstImage * factorsBatchStride,
      addends: addends === undefined ? 0 : packedAt + addends.offset,
      scratch: scratchBytes === 0 ? 0 : scratchAt,
      ...part.fields,
    },
  };
}

/**
 * Compiles a graph whose parameters have their data. The result is a pure function of graph and options.
 * @throws UnsupportedError where no kernel computes a node
 * @throws MemoryError where the model cannot fit into 4 GiB
 */
export function compile(source: Graph, options: CompileOptions = {}): Plan {
  const graph = optimise(source);
  const { threading } = options;
  const parts = threading?.threads ?? 0;
  const { steps: lowered, inputs, outputs, packer } = lower(graph, options);
  const places = (ports: readonly LoweredPort[]) => ports.map(({ place }) => place);
  const whole = inBands(lowered, places(outputs), options.bandBytes);
  const steps = threading === undefined ? whole : whole.map((step) => threading.split(step));
  const { plan: memory, settle } = planMemory(steps, places(inputs), places(outputs));

  const names = [...packer.steps, ...steps, ...inputs, ...outputs].map(({ name }) => name);
  const packedAt = programBytes(packer.steps.length + steps.length * (1 + parts), inputs.length + outputs.length, names);
  const { packedBytes, storedBytes } = packer;
  const { arenaBytes } = memory;
  const arenaAt = packedAt + packedBytes;
  const storedAt = packedAt + packer.storedAt;
  const memoryBytes = Math.max(arenaAt + arenaBytes, storedAt + storedBytes);
  if (memoryBytes > MAX_MEMORY) {
    const GiB = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
    throw new MemoryError(
      `the model needs ${GiB(memoryBytes)} GiB (${GiB(packedBytes)} of weights, ${GiB(arenaBytes)} of activations)`,
      "a WebAssembly memory holds 4 GiB at most: use a smaller input, batch or width",
    );
  }
  settle(arenaAt);
  packer.placeConstants(packedAt);

  const prepare = packer.steps.map(({ name, opcode, from, scale, to, fields }) => ({
    name,
    fields: {
      ...fields,
      opcode,
      src: from === undefined ? 0 : storedAt + from.offset,
      src2: scale === undefined ? 0 : storedAt + scale.offset,
      dst: packedAt + to.offset,
    },
  }));
  const scratchOf = (i: number) => arenaAt + memory.scratch[i];
  const recordOf = (step: LoweredStep, scratchAt: number, part?: Part) => record(step, packedAt, scratchAt, part);
  const run = steps.map((step, i) => recordOf(step, scratchOf(i)));
  const split = threading?.encode(steps, scratchOf, recordOf) ?? [];
  const encoded = (ports: readonly LoweredPort[]) =>
    ports.map((port) => ({ ...portOf(port), layout: port.layout, dataType: port.dataType as DataType }));
  return {
    program: encodeProgram(prepare, run, split, encoded(inputs), encoded(outputs), {
      packedBytes,
      arenaBytes,
      storedAt,
      storedBytes,
      parts,
    }),
    threads: threading?.threads ?? 1,
    stored: packer.stored,
    packedBytes,
    arenaBytes,
    storedAt,
    storedBytes,
    memoryBytes,
    memory,
    inputs: inputs.map(portOf),
    outputs: outputs.map(portOf),
    steps: steps.map((step) => ({
      name: step.name,
      operator: step.operator,
      fused: step.fused,
      kernel: kernels[step.opcode]!.name,
      inputDims: step.src.dims,
      outputDims: step.dst.dims,
      multiplyAdds: step.multiplyAdds,
      bytes: step.src.bytes + (step.src2?.bytes ?? 0) + step.dst.bytes + (step.weights?.bytes ?? 0) + (step.bias?.bytes ?? 0),
    })),
  };
}
