// Whether two cores are two. A virtual machine's may be hardware threads, whose other halves this machine or another keeps busy for
// minutes at a time, which no processor time tells: so two threads do the same arithmetic at once, as fast as one ever did it alone.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { strictModule } from "../src/measure/peak.ts";

/** Turns of the arithmetic: about half a millisecond, short beside a run of a model and long beside a thread's waking. */
const TURNS = 500_000;

/** Words of the memory that both threads see: rounds called for, for which the second is ready, begun, ended; and its µs. */
enum Word {
  called,
  ready,
  begun,
  ended,
  took,
}

/** A clock of so many turns. */
function microseconds(module: WebAssembly.Module, turns: number): () => number {
  const { run } = new WebAssembly.Instance(module).exports as { run: (turns: number, one: number) => number };
  return () => {
    const start = performance.now();
    run(turns, 1);
    return (performance.now() - start) * 1000;
  };
}

/** The second thread. As text, since workers begin with a file of JavaScript, and there is none where the bench runs from its sources. */
const second = `
  const { parentPort, workerData: { module, words } } = require("node:worker_threads");
  const time = (${microseconds})(module, ${TURNS});
  parentPort.postMessage("ready");
  for (let round = 1; ; ++round) {
    Atomics.wait(words, ${Word.called}, round - 1);
    Atomics.store(words, ${Word.ready}, round);
    while (Atomics.load(words, ${Word.begun}) !== round);
    words[${Word.took}] = time();
    Atomics.store(words, ${Word.ended}, round);
  }`;

export class Cores {
  readonly #module = new WebAssembly.Module(strictModule);
  readonly #words = new Int32Array(new SharedArrayBuffer(32));
  readonly #time = microseconds(this.#module, TURNS);
  /** The fewest microseconds. */
  #best = Number.POSITIVE_INFINITY;
  readonly #thread = new Worker(second, { eval: true, workerData: { module: this.#module, words: this.#words } });

  private constructor() {}

  /** @throws whatever the second thread does as it starts */
  static async start(): Promise<Cores> {
    const cores = new Cores();
    await once(cores.#thread, "message");
    // By then both threads' code comes from the optimising compiler.
    for (let n = 0; n < 20; ++n) cores.share();
    return cores;
  }

  /** How fast the slower of two threads computes, 1 being as fast as this one ever was. */
  share(): number {
    const words = this.#words;
    this.#best = Math.min(this.#best, this.#time());
    const round = Atomics.add(words, Word.called, 1) + 1;
    Atomics.notify(words, Word.called);
    while (Atomics.load(words, Word.ready) !== round);
    Atomics.store(words, Word.begun, round);
    const together = this.#time();
    while (Atomics.load(words, Word.ended) !== round);
    return this.#best / Math.max(together, words[Word.took]);
  }

  /** Ends the second thread. */
  dispose(): Promise<number> {
    return this.#thread.terminate();
  }
}
