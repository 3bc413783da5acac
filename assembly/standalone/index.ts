// What standalone modules are made of: the engine, and the exports that an embedder finds in them. `minnow standalone` takes
// those that a module needs, under the names that src/standalone/exports.ts gives them, puts the plan in, and drops the rest.
import { planBase, prepare, run as runPlan } from "../index";
import { Header, Status } from "../plan";
import { outputAddress, outputBytes, planAt } from "./ports";
import { Record, StandaloneAbi, Text } from "./record";
import { topK } from "./top";
import { check, readInputs, writeOutputs, writeTop } from "./wasi";

// Not for embedders: where the record lies, and the two switches that are cut down to the plan's opcodes.
export { planBase } from "../index";
export { prepareStep, runStep } from "../dispatch";

export {
  inputAddress,
  inputBytes,
  inputCount,
  inputDim,
  inputRank,
  inputType,
  outputAddress,
  outputBytes,
  outputCount,
  outputDim,
  outputRank,
  outputType,
} from "./ports";

let found: i32 = 0;

/** The version of these exports. */
export function abiVersion(): i32 {
  return StandaloneAbi.VERSION;
}

/** Brings those weights that are stored in less than their packed form into it. The module's start function. */
export function initialise(): void {
  prepare(planAt());
}

/** Runs the model on what its inputs hold. Returns Status.OK, or a status with the step's index above it. */
export function run(): i32 {
  return runPlan(planAt(), 0, load<i32>(planAt(), Header.runCount));
}

/** As `run`, and finds the most probable classes of the one output. */
export function runTop(): i32 {
  found = 0;
  const status = run();
  if (status == Status.OK) {
    const count = outputBytes(0) / sizeof<f32>();
    found = topK(outputAddress(0), count, load<i32>(planBase(), Record.topCount), topAddress());
  }
  return status;
}

/** How many entries the last run found: as many as were asked for, fewer only where the output holds NaN. */
export function topCount(): i32 {
  return found;
}

export function topAddress(): usize {
  return load<u32>(planBase(), Record.topAt);
}

function labelAt(index: u32): usize {
  if (index >= load<u32>(planBase(), Record.labelCount)) unreachable();
  return load<u32>(planBase(), Record.labelsAt) + index * Text.BYTES;
}

/** Where the label of a class begins, in UTF-8. */
export function labelAddress(index: u32): usize {
  return load<u32>(labelAt(index), Text.at);
}

/** How long it is; 0 where the class has none. */
export function labelBytes(index: u32): u32 {
  return load<u32>(labelAt(index), Text.bytes);
}

/** The command of a classifier. */
export function commandTop(): void {
  readInputs();
  check(runTop());
  writeTop(topAddress(), topCount());
}

/** The command of any model. */
export function command(): void {
  readInputs();
  check(run());
  writeOutputs();
}
