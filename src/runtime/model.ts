// Model: a compiled network in its linear memory, ready to run.
import { fullSpeed } from "#host";
import { Status } from "../../assembly/plan.ts";
import { InputError, MinnowError, OptionError } from "../errors.ts";
import { countParameters } from "../graph/count.ts";
import type { Graph, Normalisation, ValueInfo } from "../graph/graph.ts";
import type { WeightsReport } from "../graph/weights.ts";
import { multiplyAddsOf, type Plan, type PlanPort, type StepInfo } from "../plan/index.ts";
import { arrayOf, elementCount, formatDims, Tensor, type TensorData } from "../tensor.ts";
import { checkTensors } from "./check-tensors.ts";
import type { Build, BuildChoice, EngineExports, StartedEngine } from "./engine.ts";
import type { EngineSource } from "./engine-source.ts";
import { startPlan } from "./start.ts";
import type { ThreadTeam } from "./threads.ts";
import { wanted } from "./wanted.ts";
import { yieldToHost } from "./yield.ts";

/** Sizes of a model, in numbers of things or bytes. */
export interface Statistics {
  /** Trained numbers; BatchNormalization's running statistics are not counted, as in publications. */
  readonly parameters: number;
  /** Of convolutions and fully connected layers, for one run. */
  readonly multiplyAdds: number;
  /** Weights as the model's file stores them. */
  readonly weightBytes: number;
  /** Weights as the kernels read them. */
  readonly packedBytes: number;
  /** Memory for activations, inputs, outputs and scratch. */
  readonly arenaBytes: number;
  /** The most of that which is in use at any one step: no arena can be smaller. */
  readonly arenaLowerBound: number;
  /** The whole WebAssembly memory. */
  readonly linearMemoryBytes: number;
}

export interface RunOptions {
  /**
   * Gives the thread back to its host about every so many milliseconds, for pages and servers that have no worker to run
   * models in. One step is never cut in two. Other runs wait meanwhile; the inputs' views must be left alone.
   */
  readonly sliceMs?: number;
}

/** How long one step took. */
export interface StepProfile {
  readonly name: string;
  readonly kernel: string;
  /** Median over the runs. */
  readonly ms: number;
  /** Billions of multiplications and additions a second; 0 for steps that have none to speak of. */
  readonly gflops: number;
  /** Bytes read and written, each once. */
  readonly bytes: number;
}

/** A model in memory. Made by `loadModel`. */
export class Model {
  readonly name: string;
  /** Which engine runs it; undefined for one that the caller supplied. */
  readonly build: Build | undefined;
  /** What `run` takes: names, element types and dims. */
  readonly inputs: readonly ValueInfo[];
  /** What `run` gives. */
  readonly outputs: readonly ValueInfo[];
  /** How the model wants pixels scaled, where its file says so. */
  readonly normalisation: Normalisation | undefined;
  /** The steps of a run, in order. */
  readonly steps: readonly StepInfo[];
  /** How often each operator occurs in the model as it was loaded. */
  readonly operators: Readonly<Record<string, number>>;
  readonly statistics: Statistics;
  /** Which of the weights it took, and which not; undefined unless it was loaded with `strict: false`. */
  readonly weights: WeightsReport | undefined;
  /** How many threads run it. */
  readonly threads: number;
  /** Why they are fewer than were asked for; undefined where they are not. */
  readonly threadsReason: string | undefined;
  readonly #plan: Plan;
  readonly #base: number;
  readonly #team: ThreadTeam | undefined;
  #engine: EngineExports | undefined;
  /** Resolves when the run in slices that is under way has ended. */
  #sliced: Promise<void> | undefined;

  /**
   * Starts an engine and prepares the plan in it.
   * @param source the engine itself; only for plans for one thread
   * @param notes what `weights` and `threadsReason` of the model say
   */
  static async start(
    graph: Graph,
    plan: Plan,
    choice: BuildChoice,
    source?: EngineSource,
    notes: Partial<Pick<Model, "weights" | "threadsReason">> = {},
  ): Promise<Model> {
    const started = await startPlan(plan, choice, source);
    const model = new Model(graph, plan, started, notes);
    started.team?.endWith(model);
    return model;
  }

  private constructor(
    graph: Graph,
    plan: Plan,
    { engine, base, build, team }: StartedEngine,
    { weights, threadsReason }: Partial<Pick<Model, "weights" | "threadsReason">>,
  ) {
    const describe = ({ name, type, dims }: ValueInfo): ValueInfo => ({ name, type, dims });
    this.name = graph.name;
    this.build = build;
    this.inputs = plan.inputs.map(describe);
    this.outputs = plan.outputs.map(describe);
    this.normalisation = graph.normalisation;
    this.steps = plan.steps;
    this.operators = countOperators(graph);
    this.weights = weights;
    this.statistics = {
      parameters: countParameters(graph),
      multiplyAdds: multiplyAddsOf(plan),
      weightBytes: plan.stored.reduce((sum, { bytes }) => sum + bytes.length, 0),
      packedBytes: plan.packedBytes,
      arenaBytes: plan.arenaBytes,
      arenaLowerBound: plan.memory.lowerBound,
      linearMemoryBytes: engine.memory.buffer.byteLength,
    };
    // The weights live in linear memory now: the plan must not keep the file's bytes alive.
    this.#plan = { ...plan, stored: [] };
    this.threads = plan.threads;
    this.threadsReason = threadsReason;
    this.#team = team;
    this.#engine = engine;
    this.#base = base;
  }

  /**
   * Runs the model once.
   * @param inputs a tensor for each of `inputs`, by name. One that `view` gave is used where it lies, without a copy
   * @param outputs tensors to fill, by name; outputs without one get new tensors, which belong to the caller
   * @param options.sliceMs runs in slices, and lets the host do other things in between
   * @returns a tensor for each of `outputs`
   * @throws InputError where an input is missing, unknown, of another type or dims, or holds NaN or an infinity
   */
  async run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs: Readonly<Record<string, Tensor>> = {},
    { sliceMs }: RunOptions = {},
  ): Promise<Record<string, Tensor>> {
    if (sliceMs !== undefined && !(typeof sliceMs === "number" && sliceMs >= 0)) {
      throw new OptionError(`sliceMs must be a number ≥ 0, got ${sliceMs}`);
    }
    while (this.#sliced !== undefined) await this.#sliced;
    this.#live();
    checkTensors("input", this.#plan.inputs, inputs, true);
    checkTensors("output", this.#plan.outputs, outputs, false);
    if (sliceMs === undefined) {
      this.#prepare(inputs);
      const count = this.steps.length;
      this.#check(this.#team === undefined ? this.#execute(0, count) : this.#team.runAll(this.#base, count));
      return this.#read(outputs);
    }
    let end = () => {};
    this.#sliced = new Promise((resolve) => {
      end = resolve;
    });
    try {
      this.#prepare(inputs);
      await this.#runInSlices(sliceMs);
      return this.#read(outputs);
    } finally {
      this.#sliced = undefined;
      end();
    }
  }

  /**
   * An input or output as it lies in linear memory: write an input's data before `run`, read an output's after it.
   * Valid until `dispose`.
   * @throws InputError where the model has no input or output of that name
   */
  view(name: string): Tensor {
    this.#live();
    const port = [...this.#plan.inputs, ...this.#plan.outputs].find((other) => other.name === name);
    if (port === undefined) throw new InputError(`the model has no input or output "${name}"`, this.#names());
    return new Tensor(port.type, this.#view(port), port.dims);
  }

  /**
   * Times every step on whatever the inputs hold (zeros at first), after a run to warm up.
   * @param runs how many runs the medians are taken over
   * @throws OptionError where `runs` is not a whole number ≥ 1
   */
  profile(runs = 10): StepProfile[] {
    this.#live();
    if (this.#sliced !== undefined) throw new MinnowError("a run in slices is under way", "await it before profiling");
    if (!Number.isInteger(runs) || runs < 1) throw new OptionError(`profile's runs must be a whole number ≥ 1, got ${runs}`);
    this.#check(this.#execute(0, this.steps.length));
    const times = this.steps.map((): number[] => []);
    for (let n = 0; n < runs; ++n) {
      this.steps.forEach((_, i) => {
        const start = performance.now();
        this.#execute(i, i + 1);
        times[i].push(performance.now() - start);
      });
    }
    return this.steps.map(({ name, kernel, multiplyAdds, bytes }, i) => {
      const ms = times[i].sort((a, b) => a - b)[runs >> 1];
      return { name, kernel, ms, gflops: ms > 0 ? (2 * multiplyAdds) / ms / 1e6 : 0, bytes };
    });
  }

  /**
   * The memory map, as text: what lies where, and during which steps.
   * @throws HostError where its code, which is loaded when it is asked for, does not come
   */
  async memoryMap(): Promise<string> {
    const { describeMemory } = await wanted(import("../plan/report.ts"));
    return describeMemory(this.#plan);
  }

  /** Frees the model's memory and ends its threads. Views of it, and the model, can no longer be used. */
  dispose(): void {
    this.#engine = undefined;
    this.#team?.dispose();
  }

  /** Runs steps [from, to), on all threads. */
  #execute(from: number, to: number): number {
    return this.#team === undefined ? this.#live().run(this.#base, from, to) : this.#team.run(this.#base, from, to);
  }

  /** Inputs into memory, and the thread ready to compute. */
  #prepare(inputs: Readonly<Record<string, Tensor>>): void {
    for (const port of this.#plan.inputs) {
      const { data } = inputs[port.name];
      const view = this.#view(port);
      if (data.buffer !== view.buffer || data.byteOffset !== view.byteOffset) (view as Float32Array).set(data as Float32Array);
    }
    fullSpeed();
  }

  #read(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const results: Record<string, Tensor> = {};
    for (const port of this.#plan.outputs) {
      const view = this.#view(port);
      const given = outputs[port.name];
      if (given === undefined) results[port.name] = new Tensor(port.type, view.slice(), port.dims);
      else {
        if (given.data.buffer !== view.buffer || given.data.byteOffset !== view.byteOffset) {
          (given.data as Float32Array).set(view as Float32Array);
        }
        results[port.name] = given;
      }
    }
    return results;
  }

  async #runInSlices(sliceMs: number): Promise<void> {
    let start = performance.now();
    for (let i = 0; i < this.steps.length; ++i) {
      this.#check(this.#execute(i, i + 1));
      if (performance.now() - start < sliceMs) continue;
      await yieldToHost();
      this.#live();
      start = performance.now();
    }
  }

  #live(): EngineExports {
    if (this.#engine === undefined) throw new MinnowError(`model "${this.name}" has been disposed of`, "load it again");
    return this.#engine;
  }

  #view({ type, address, dims }: PlanPort): TensorData {
    const array = arrayOf(type) as Float32ArrayConstructor;
    return new array(this.#engine!.memory.buffer as ArrayBuffer, this.#base + address, elementCount(dims));
  }

  #names(): string {
    const list = (ports: readonly ValueInfo[]) =>
      ports.map(({ name, type, dims }) => `"${name}" ${type} ${formatDims(dims)}`).join(", ");
    return `its inputs are ${list(this.inputs)}; its outputs ${list(this.outputs)}`;
  }

  #check(status: number): void {
    if (status === Status.OK) return;
    if ((status & 0xff) === Status.NOT_FINITE) {
      const port = this.#plan.inputs.find(({ name }) => name === this.steps[status >> 8].name)!;
      const data = this.#view(port) as Float32Array;
      const index = data.findIndex((value) => !Number.isFinite(value));
      throw new InputError(
        `input "${port.name}" holds ${data[index]} at index ${index}`,
        "every input value must be finite; look where the data is scaled or decoded",
      );
    }
    throw new MinnowError(`the engine stopped at step ${status >> 8} (status ${status & 0xff})`);
  }
}

function countOperators(graph: Graph): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { op } of graph.nodes) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}
