// compile: graph → plan. Everything above the plan ends here; the runtime takes it from there.
import type { DataType } from "../../assembly/plan.ts";
import { MemoryError } from "../errors.ts";
import type { Graph, ValueInfo } from "../graph/graph.ts";
import { optimise } from "../passes/index.ts";
import { elementBytes, elementCount } from "../tensor.ts";
import { type EncodedStep, encodeProgram, programBytes } from "./encode.ts";
import { kernels } from "./kernels.ts";
import { type CompileOptions, lower } from "./lower.ts";
import type { LoweredPort } from "./lowerings/ports.ts";
import { type MemoryPlan, planMemory } from "./memory.ts";
import type { LoweredStep } from "./step.ts";

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
  /** Weights as the model's file has them; offsets from the first byte of the stored weights. */
  readonly stored: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly packedBytes: number;
  readonly arenaBytes: number;
  readonly storedBytes: number;
  readonly memory: MemoryPlan;
  readonly inputs: readonly PlanPort[];
  readonly outputs: readonly PlanPort[];
  readonly steps: readonly StepInfo[];
}

/** Largest linear memory a 32-bit WebAssembly module can have. */
const MAX_MEMORY = 2 ** 32 - 65536;

const portOf = ({ name, type, dims, place }: LoweredPort): PlanPort => ({
  name,
  type,
  dims,
  address: place.at,
  bytes: elementCount(dims) * elementBytes(type),
});

/** A step's record, now that places have addresses. */
function record(step: LoweredStep, packedAt: number, scratchAt: number): EncodedStep {
  const { fields, src, src2, dst, weights, bias, scratchBytes } = step;
  return {
    name: step.name,
    fields: {
      ...fields,
      opcode: step.opcode,
      batchStride: fields.batchStride ?? src.batchStride,
      src2BatchStride: fields.src2BatchStride ?? src2?.batchStride ?? 0,
      dstBatchStride: fields.dstBatchStride ?? dst.batchStride,
      src: src.at,
      src2: src2?.at ?? 0,
      dst: dst.at,
      weights: weights === undefined ? 0 : packedAt + weights.offset,
      bias: bias === undefined ? 0 : packedAt + bias.offset,
      scratch: scratchBytes === 0 ? 0 : scratchAt,
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
  const { steps, inputs, outputs, packer } = lower(graph, options);
  const places = (ports: readonly LoweredPort[]) => ports.map(({ place }) => place);
  const { plan: memory, settle } = planMemory(steps, places(inputs), places(outputs));

  const names = [...packer.steps, ...steps, ...inputs, ...outputs].map(({ name }) => name);
  const packedAt = programBytes(packer.steps.length + steps.length, inputs.length + outputs.length, names);
  const { packedBytes, storedBytes } = packer;
  const { arenaBytes } = memory;
  const arenaAt = packedAt + packedBytes;
  const total = arenaAt + Math.max(arenaBytes, storedBytes);
  if (total > MAX_MEMORY) {
    const GiB = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
    throw new MemoryError(
      `the model needs ${GiB(total)} GiB (${GiB(packedBytes)} of weights, ${GiB(arenaBytes)} of activations)`,
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
      src: from === undefined ? 0 : arenaAt + from.offset,
      src2: scale === undefined ? 0 : arenaAt + scale.offset,
      dst: packedAt + to.offset,
    },
  }));
  const run = steps.map((step, i) => record(step, packedAt, arenaAt + memory.scratch[i]));
  const encoded = (ports: readonly LoweredPort[]) =>
    ports.map((port) => ({ ...portOf(port), layout: port.layout, dataType: port.dataType as DataType }));
  return {
    program: encodeProgram(prepare, run, encoded(inputs), encoded(outputs), { packedBytes, arenaBytes, storedBytes }),
    stored: packer.stored,
    packedBytes,
    arenaBytes,
    storedBytes,
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
