// WorkerModel: a model that runs in a worker of its own, so that the thread it is called from stays free.
import { resolveSource, startWorker } from "#host";
import { HostError, MinnowError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { checkTensors } from "./check-tensors.ts";
import { givenModules } from "./engine-modules.ts";
import { compileEngine } from "./engine-source.ts";
import { bytesOf, isGraph, type LoadOptions, type ModelSource } from "./load.ts";
import type { StepProfile } from "./model.ts";
import {
  buffersOf,
  type Description,
  type Reply,
  type Requests,
  receiveError,
  receiveTensors,
  type Tensors,
} from "./worker-messages.ts";
import { type Port, webPort } from "./worker-port.ts";

export interface WorkerModelOptions extends LoadOptions {
  /** A worker whose script imports "minnow/worker", where the package's own cannot be started. It serves one model. */
  readonly worker?: Worker;
}

export interface WorkerRunOptions {
  /**
   * Hands the inputs' buffers over instead of copying them: nothing is copied, and the caller's arrays are empty
   * afterwards. A tensor that is part of a larger buffer takes the whole of it along.
   */
  readonly transfer?: boolean;
}

interface Pending {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A model in a worker. Made by `createWorkerModel`; described by the same properties as `Model`. */
export class WorkerModel {
  readonly name: Description["name"];
  readonly build: Description["build"];
  readonly inputs: Description["inputs"];
  readonly outputs: Description["outputs"];
  readonly normalisation: Description["normalisation"];
  readonly steps: Description["steps"];
  readonly operators: Description["operators"];
  readonly statistics: Description["statistics"];
  readonly weights: Description["weights"];
  readonly threads: Description["threads"];
  readonly threadsReason: Description["threadsReason"];
  readonly #connection: Connection;

  /** Use `createWorkerModel`. */
  constructor(description: Description, connection: Connection) {
    this.name = description.name;
    this.build = description.build;
    this.inputs = description.inputs;
    this.outputs = description.outputs;
    this.normalisation = description.normalisation;
    this.steps = description.steps;
    this.operators = description.operators;
    this.statistics = description.statistics;
    this.weights = description.weights;
    this.threads = description.threads;
    this.threadsReason = description.threadsReason;
    this.#connection = connection;
  }

  /**
   * Runs the model once. Runs that are asked for before one has ended follow it, in order.
   * @param inputs a tensor for each of `inputs`, by name; copied unless `transfer` is set
   * @returns a tensor for each of `outputs`, which belongs to the caller
   * @throws what `Model.run` throws; HostError where the worker has ended
   */
  async run(inputs: Readonly<Tensors>, { transfer = false }: WorkerRunOptions = {}): Promise<Tensors> {
    // Here, and not only in the worker, so that a tensor that does not fit is not handed over and lost.
    checkTensors("input", this.inputs, inputs, true);
    const sent: Tensors = {};
    for (const { name } of this.inputs) {
      const { type, data, dims } = inputs[name];
      sent[name] = { type, data: transfer ? data : data.slice(), dims } as Tensor;
    }
    return receiveTensors(await this.#connection.ask("run", sent, buffersOf(sent)));
  }

  /** As `Model.profile`. */
  profile(runs?: number): Promise<StepProfile[]> {
    return this.#connection.ask("profile", runs);
  }

  /** Ends the worker. What it has not answered yet is rejected. */
  dispose(): void {
    this.#connection.close(new MinnowError(`model "${this.name}" has been disposed of`, "load it again"));
  }
}

/** Questions to a worker, and its answers. */
class Connection {
  readonly #port: Port;
  readonly #pending = new Map<number, Pending>();
  #next = 0;
  #closed: Error | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.keepAlive(false);
    port.listen(
      (message) => this.#settle(message as Reply),
      (cause) =>
        this.close(
          new HostError(
            `the model's worker has ended: ${cause.message}`,
            'is worker-web.js served beside Minnow\'s code? If not, give a worker of your own that imports "minnow/worker"',
            { cause },
          ),
        ),
    );
  }

  /** @throws what the worker throws, as the same class */
  ask<Kind extends keyof Requests>(
    kind: Kind,
    ask: Requests[Kind]["ask"],
    transfer: Transferable[] = [],
  ): Promise<Requests[Kind]["answer"]> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw this.#closed;
      const id = this.#next++;
      this.#port.post({ id, kind, ask }, transfer);
      this.#pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      this.#port.keepAlive(true);
    });
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#port.keepAlive(false);
    if ("error" in reply) pending?.reject(receiveError(reply.error));
    else pending?.resolve(reply.answer);
  }

  /** Ends the worker; every question, pending or to come, is answered by this error. */
  close(error: Error): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
    this.#port.close();
  }
}

/** What `createWorkerModel` promises. */
export async function startWorkerModel(source: ModelSource, options: WorkerModelOptions): Promise<WorkerModel> {
  const { worker, engine, ...rest } = options;
  const what = await sendable(source);
  const module = engine === undefined ? undefined : await compileEngine(engine);
  const connection = new Connection(worker === undefined ? startWorker() : webPort(worker));
  try {
    const given = module === undefined ? givenModules() : { any: module };
    return new WorkerModel(await connection.ask("load", { source: what, options: rest, given }), connection);
  } catch (error) {
    connection.close(error as Error);
    throw error;
  }
}

/** A source that can be sent, and means the same in the worker, whose own URL is another. */
async function sendable(source: ModelSource): Promise<ModelSource> {
  if (typeof source === "string" || source instanceof URL) return resolveSource(source);
  if (source === null || typeof source !== "object" || isGraph(source)) return source;
  return bytesOf(source);
}
