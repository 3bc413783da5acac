// What the engine exports. It imports nothing; its memory grows once, before a plan is loaded, and never during a run.
import { prepareStep, runStep } from "./dispatch";
import { Abi, Header, Status, Step } from "./plan";

export { useLongTiles } from "./kernels/panel";
export { arithmeticIsSound } from "./probe";

/** The plan format this engine reads. */
export function abiVersion(): i32 {
  return Abi.VERSION;
}

/** The first address that the engine itself does not use: where a plan may be put. */
export function planBase(): usize {
  return (__heap_base + 63) & ~63;
}

/** Packs the stored weights of the plan at that address. Returns Status.OK or a status with the step's index above it. */
export function prepare(plan: usize): i32 {
  const count = load<i32>(plan, Header.prepareCount);
  let step = plan + load<i32>(plan, Header.prepareAt);
  for (let i = 0; i < count; ++i, step += Step.BYTES) {
    const status = prepareStep(load<i32>(step, Step.opcode), plan, step);
    if (status != Status.OK) return (i << 8) | status;
  }
  return Status.OK;
}

/** Runs steps [from, to) of the plan at that address. Returns as `prepare` does, and stops at the first trouble. */
export function run(plan: usize, from: i32, to: i32): i32 {
  let step = plan + load<i32>(plan, Header.runAt) + from * Step.BYTES;
  for (let i = from; i < to; ++i, step += Step.BYTES) {
    const status = runStep(load<i32>(step, Step.opcode), plan, step);
    if (status != Status.OK) return (i << 8) | status;
  }
  return Status.OK;
}
