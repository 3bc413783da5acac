// The engine for several threads: everything that index.ts exports, over a shared memory, and what its instances need to run one
// plan together. Every thread has an instance of its own; thread 0 is the plan's owner, the others sleep until it calls them.
//
// A plan for n threads has n records for each step beside the whole one, its parts: thread p runs part p. `sync` says before which
// steps all of them must have arrived. They meet at a counter that only grows during a run, so that nothing has to be reset between
// two meetings. Who comes early spins for a while, since a meeting takes less than a microsecond then, and sleeps if it takes longer.
//
// An owner that must not sleep (a page's main thread) and one whose threads have died both return to their caller with WAITING.
// He looks at his clock and calls `proceed` again, or gives up. How far each thread has come is therefore kept in memory.
import { runStep } from "./dispatch";
import { setTogether } from "./kernels/touch";
import { Control, Header, Status, Step, ThreadState } from "./plan";

export * from "./index";

/** How long a thread sleeps before it looks whether it is still wanted. */
const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3600 * SECOND;

// V8 up to Node 20 compiles what follows an atomic wait or notify wrongly in its first tier: it forgets that a register is in use.
// So those two are the last thing that their functions do; and functions that call themselves are not inlined elsewhere.

/** Looks `spins` times whether the value has changed, then sleeps until it is notified. Returns false after `nanoseconds`. */
function watch(address: usize, value: i32, spins: i32, nanoseconds: i64): bool {
  for (; spins > 0; --spins) {
    if (atomic.load<i32>(address) != value) return true;
  }
  // Naps that together have no end.
  while (nanoseconds > HOUR) {
    if (watch(address, value, 0, HOUR)) return true;
    nanoseconds -= HOUR;
  }
  return atomic.wait<i32>(address, value, nanoseconds) != 2;
}

/** Wakes as many threads as sleep at the address. */
function wake(address: usize, sleepers: i32): void {
  if (sleepers <= 0) return;
  wake(address, sleepers - 1);
  atomic.notify(address, 1);
}

/** Waits until `target` threads have arrived. Returns whether they have within `spins` looks and `nanoseconds` of sleep. */
function arrived(control: usize, target: i32, spins: i32, nanoseconds: i64): bool {
  for (; spins > 0; --spins) {
    if (atomic.load<i32>(control, Control.arrived) >= target) return true;
  }
  if (nanoseconds == 0) return false;
  // Whoever arrives last looks at `sleeping` after it has raised `arrived`, and so either sees this thread or is seen by it.
  atomic.add<i32>(control, 1, Control.sleeping);
  let count = atomic.load<i32>(control, Control.arrived);
  while (count < target && watch(control + Control.arrived, count, 0, nanoseconds)) {
    count = atomic.load<i32>(control, Control.arrived);
  }
  atomic.sub<i32>(control, 1, Control.sleeping);
  return atomic.load<i32>(control, Control.arrived) >= target;
}

/** Says that this thread has arrived, and wakes the others if it is the last. */
function arrive(control: usize, target: i32): void {
  const count = atomic.add<i32>(control, 1, Control.arrived) + 1;
  if (count == target) wake(control + Control.arrived, atomic.load<i32>(control, Control.sleeping));
}

/** Where a thread keeps how far it has come. */
function stateOf(control: usize, part: i32): usize {
  return control + Control.BYTES + part * ThreadState.BYTES;
}

/** At the first step, with nobody to wait for. */
function rewind(control: usize, part: i32): void {
  const state = stateOf(control, part);
  store<i32>(state, load<i32>(control, Control.from), ThreadState.step);
  store<i32>(state, 0, ThreadState.target);
  store<i32>(state, 0, ThreadState.waiting);
}

/**
 * Runs a thread's part of what is left of the steps. Returns false where the other threads do not arrive at a meeting within
 * `spins` looks and `nanoseconds` of sleep; it has to be called again then. At the end only the owner waits for the others.
 */
function advance(control: usize, part: i32, spins: i32, nanoseconds: i64): bool {
  const state = stateOf(control, part);
  const plan = <usize>load<i32>(control, Control.plan);
  const to = load<i32>(control, Control.to);
  const parts = load<i32>(plan, Header.parts);
  const first = plan + load<i32>(plan, Header.runAt) + load<i32>(plan, Header.runCount) * Step.BYTES;
  for (let index = load<i32>(state, ThreadState.step); index <= to; ++index) {
    const last = index == to;
    const step = first + (index * parts + part) * Step.BYTES;
    if (last || load<i32>(step, Step.sync) != 0) {
      let target = load<i32>(state, ThreadState.target);
      if (load<i32>(state, ThreadState.waiting) == 0) {
        target += parts;
        store<i32>(state, target, ThreadState.target);
        arrive(control, target);
      }
      // Once the others have arrived, the owner may begin the next run: nothing of this one may be touched any more.
      if (last && part != 0) return true;
      if (!arrived(control, target, spins, nanoseconds)) {
        store<i32>(state, index, ThreadState.step);
        store<i32>(state, 1, ThreadState.waiting);
        return false;
      }
      store<i32>(state, 0, ThreadState.waiting);
      if (last) return true;
    }
    // After a failure the threads only keep meeting until the run ends.
    const opcode = load<i32>(step, Step.opcode);
    if (opcode == 0 || atomic.load<i32>(control, Control.status) != Status.OK) continue;
    const status = runStep(opcode, plan, step);
    if (status != Status.OK) atomic.store<i32>(control, (index << 8) | status, Control.status);
  }
  return true;
}

/** Sets the threads of the control block to run steps [from, to) of a plan. `proceed` then does the owner's part. */
export function begin(control: usize, plan: usize, from: i32, to: i32): void {
  store<i32>(control, <i32>plan, Control.plan);
  store<i32>(control, from, Control.from);
  store<i32>(control, to, Control.to);
  atomic.store<i32>(control, Status.OK, Control.status);
  atomic.store<i32>(control, 0, Control.arrived);
  rewind(control, 0);
  call(control);
}

/** Calls the threads that wait between runs. */
function call(control: usize): void {
  atomic.add<i32>(control, 1, Control.generation);
  wake(control + Control.generation, atomic.load<i32>(control, Control.idle));
}

/**
 * Runs part 0 of the steps that `begin` named, or what is left of it. Returns as `run` does, or Status.WAITING where the others
 * have not arrived yet; then it has to be called again.
 */
export function proceed(control: usize, spins: i32, nanoseconds: i64): i32 {
  setTogether(true);
  const done = advance(control, 0, spins, nanoseconds);
  // The owner may run whole steps next.
  setTogether(false);
  if (!done) return Status.WAITING;
  return atomic.load<i32>(control, Control.status);
}

/** Waits for the run after `generation`; which it is. */
function nextRun(control: usize, generation: i32, spins: i32): i32 {
  atomic.add<i32>(control, 1, Control.idle);
  while (atomic.load<i32>(control, Control.generation) == generation) {
    watch(control + Control.generation, generation, spins, i64.MAX_VALUE);
  }
  atomic.sub<i32>(control, 1, Control.idle);
  return atomic.load<i32>(control, Control.generation);
}

/** What a thread other than the owner does until `stop`: sleeps, and runs its part of whatever the owner begins. */
export function work(control: usize, part: i32, spins: i32): void {
  let generation = 0;
  setTogether(true);
  for (;;) {
    generation = nextRun(control, generation, spins);
    if (atomic.load<i32>(control, Control.stopped) != 0) return;
    rewind(control, part);
    while (!advance(control, part, spins, SECOND)) {
      if (atomic.load<i32>(control, Control.stopped) != 0) return;
    }
  }
}

/** Ends `work` in all threads. */
export function stop(control: usize): void {
  atomic.store<i32>(control, 1, Control.stopped);
  call(control);
}
