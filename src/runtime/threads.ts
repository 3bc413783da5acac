// The threads that run a model together: starting them, a run, and their end. Loaded where there are to be some.
// What they say to each other during a run goes through shared memory, in assembly/threads.ts.
import { startThread } from "#host";
import { Control, Status } from "../../assembly/plan.ts";
import { HostError } from "../errors.ts";
import type { EngineExports } from "./engine.ts";
import { Pace } from "./pace.ts";
import type { Port } from "./worker-port.ts";

/** What assembly/threads.ts exports beside what every engine does. */
export interface ThreadsEngine extends EngineExports {
  begin(control: number, plan: number, from: number, to: number): void;
  proceed(control: number, spins: number, nanoseconds: bigint): number;
  work(control: number, part: number, spins: number): void;
  stop(control: number): void;
}

/** What a thread is told when it starts. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly part: number;
  readonly spins: number;
}

/** What it answers: that it is ready, or why it is not. */
export type ThreadReply = { readonly ready: true } | { readonly error: string };

/**
 * Looks at what other threads have done before one sleeps: about 200 µs. Waking one takes about 50. With a quarter of them two
 * threads were 5 per cent slower, with twice as many no faster.
 */
const SPINS = 200_000;
/** How long the owner sleeps before its caller looks at the clock. */
const SLEEP_MS = 100;
/** How long threads may take to start, and how long one may seem dead. */
const START_MS = 10_000;
const PATIENCE_MS = 5_000;
/** Multiply-adds in a millisecond of the slowest machine thinkable. */
const SLOWEST = 100_000;

/** Whether this thread may sleep: a page's main thread must not. */
function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends the threads of models that nobody disposed of. Hosts without threads may lack such a registry. */
let forgotten: FinalizationRegistry<ThreadTeam> | undefined;

/** The threads of one model, this one among them. */
export class ThreadTeam {
  readonly #engine: ThreadsEngine;
  readonly #control: number;
  readonly #ports: Port[] = [];
  readonly #nanoseconds = maySleep() ? BigInt(SLEEP_MS) * 1_000_000n : 0n;
  readonly #patience: number;
  readonly #pace = new Pace();
  #ended: HostError | undefined;

  private constructor(engine: ThreadsEngine, control: number, multiplyAdds: number) {
    this.#engine = engine;
    this.#control = control;
    this.#patience = PATIENCE_MS + multiplyAdds / SLOWEST;
  }

  /**
   * Starts all threads but this one.
   * @param control address of the block through which they meet, all zeros
   * @param multiplyAdds of a run: how long it can take at most depends on it
   * @throws HostError where one does not start
   */
  static async start(
    engine: ThreadsEngine,
    module: WebAssembly.Module,
    control: number,
    threads: number,
    multiplyAdds: number,
  ): Promise<ThreadTeam> {
    const team = new ThreadTeam(engine, control, multiplyAdds);
    const starting = Array.from({ length: threads - 1 }, (_, i) =>
      team.#start({ module, memory: engine.memory, control, part: i + 1, spins: SPINS }),
    );
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it is not ready after ${START_MS / 1000} s`)), START_MS);
    });
    try {
      await Promise.race([Promise.all(starting), late]);
    } catch (error) {
      team.dispose();
      throw new HostError(`a thread did not start: ${(error as Error).message}`, undefined, { cause: error });
    } finally {
      clearTimeout(timer);
    }
    return team;
  }

  async #start(start: ThreadStart): Promise<void> {
    const port = startThread();
    this.#ports.push(port);
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error) => {
        this.#end(`one of the model's threads has ended: ${error.message}`);
        reject(error);
      };
      port.listen((message) => {
        const reply = message as ThreadReply;
        if ("error" in reply) failed(new Error(reply.error));
        else resolve();
      }, failed);
      port.post(start, []);
    });
    // A process does not wait for a thread that sleeps.
    port.keepAlive(false);
  }

  /**
   * Runs all `count` steps of a plan, on the threads or, where those are slower than one, alone.
   * @returns as the engine's `run` does
   * @throws HostError where a thread has died; the model cannot run any more
   */
  runAll(plan: number, count: number): number {
    if (this.#ended !== undefined) throw this.#ended;
    const start = performance.now();
    const status = this.#pace.isAlone ? this.#engine.run(plan, 0, count) : this.run(plan, 0, count);
    if (status === Status.OK) this.#pace.record(performance.now() - start);
    return status;
  }

  /**
   * Runs steps [from, to) of a plan.
   * @returns as the engine's `run` does
   * @throws HostError where a thread has died; the model cannot run any more
   */
  run(plan: number, from: number, to: number): number {
    if (this.#ended !== undefined) throw this.#ended;
    this.#engine.begin(this.#control, plan, from, to);
    const state = new Int32Array(this.#engine.memory.buffer, this.#control, Control.BYTES / 4);
    let seen = Number.NaN;
    let since = 0;
    for (;;) {
      const status = this.#engine.proceed(this.#control, SPINS, this.#nanoseconds);
      if (status !== Status.WAITING) return status;
      const now = performance.now();
      const arrived = Atomics.load(state, Control.arrived / 4);
      if (arrived !== seen) [seen, since] = [arrived, now];
      else if (now - since > this.#patience) throw this.#end("one of the model's threads does not answer");
    }
  }

  /** Ends the threads when their model is garbage. */
  endWith(model: object): void {
    forgotten ??= new FinalizationRegistry((team) => team.dispose());
    forgotten.register(model, this);
  }

  /** Ends the threads. */
  dispose(): void {
    this.#end("the model's threads have been ended");
  }

  #end(why: string): HostError {
    if (this.#ended === undefined) {
      this.#ended = new HostError(why, "load the model again");
      this.#engine.stop(this.#control);
      for (const port of this.#ports) port.close();
    }
    return this.#ended;
  }
}
