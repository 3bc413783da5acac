// createWorkerModel, which loads its code when it is called: pages that run models themselves do not download it.
import type { ModelSource } from "./load.ts";
import { wanted } from "./wanted.ts";
import type { WorkerModel, WorkerModelOptions } from "./worker-model.ts";

/**
 * Loads a model into a worker of its own: `loadModel`, but reading, compiling and running it happen off this thread.
 * @param source as for `loadModel`; bytes and graphs are copied into the worker
 * @throws what `loadModel` throws; HostError where the host has no workers, or this one does not start
 */
export async function createWorkerModel(source: ModelSource, options: WorkerModelOptions = {}): Promise<WorkerModel> {
  const { startWorkerModel } = await wanted(import("./worker-model.ts"));
  return startWorkerModel(source, options);
}
