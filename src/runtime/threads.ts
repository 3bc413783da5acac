// The threads that run a model together: how many there can be and why no more, starting them, a run, and their end.
// What they say to each other during a run goes through shared memory, in assembly/threads.ts.
import { processors, startThread } from "#host";
import { Control, Status } from "../../assembly/plan.ts";
import { HostError, OptionError } from "../errors.ts";
import { MAX_PARTS } from "../plan/encode.ts";
import type { EngineExports } from "./engine.ts";
import { Pace } from "./pace.ts";
import type { Port } from "./worker-port.ts";

/** So many threads, or as many as the host has cores to give. */
export type ThreadsChoice = number | "auto";

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

/** Threads beyond these gain little, and processors that share a core are counted as two. */
const MOST_AUTOMATIC = 8;

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

/**
 * How many threads there will be.
 * @param supplied whether the engine is one that the caller supplied
 * @returns with a reason where they are fewer than asked for
 * @throws OptionError where `asked` is no number of threads
 */
export function chooseThreads(
  asked: ThreadsChoice | undefined = 1,
  supplied: boolean,
): { readonly threads: number; readonly reason?: string } {
  if (asked !== "auto" && !(Number.isInteger(asked) && asked >= 1 && asked <= MAX_PARTS)) {
    throw new OptionError(`threads must be "auto" or a whole number in 1…${MAX_PARTS}, got ${JSON.stringify(asked)}`);
  }
  if (asked === 1) return { threads: 1 };
  const cores = processors();
  const one = (reason: string) => ({ threads: 1, reason });
  if (cores === 0) return one("this host has no workers");
  if (typeof SharedArrayBuffer === "undefined" || (globalThis.crossOriginIsolated === false && "document" in globalThis)) {
    return one(
      "this page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  if (supplied) return one("the engine was supplied by the caller or by minnow/inline; only the package's own have threads");
  if (cores === 1) return one("this machine has one core");
  const wanted = asked === "auto" ? Math.min(cores, MOST_AUTOMATIC) : asked;
  return wanted <= cores ? { threads: wanted } : { threads: cores, reason: `this machine has ${cores} cores` };
}

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
