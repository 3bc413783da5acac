// The worker that runs one model for its owner: what `createWorkerModel` starts. `import "minnow/worker"` in a worker of
// your own makes it one, where a bundler cannot find the package's.
import { workerPort } from "#host";
import { MinnowError } from "../errors.ts";
import { giveModules } from "./engine-modules.ts";
import { loadModel } from "./load.ts";
import type { Model } from "./model.ts";
import { buffersOf, type Description, type Reply, type Request, receiveTensors, sendError } from "./worker-messages.ts";

const port = workerPort();
let model: Model | undefined;

async function answer(request: Request): Promise<{ answer: unknown; transfer?: Transferable[] }> {
  if (request.kind === "load") {
    const { source, options, given } = request.ask;
    giveModules(given);
    model = await loadModel(source, options);
    const { name, build, inputs, outputs, normalisation, steps, operators, statistics, weights } = model;
    const { threads, threadsReason } = model;
    const described = { name, build, inputs, outputs, normalisation, steps, operators, statistics, weights };
    const description: Description = { ...described, threads, threadsReason };
    return { answer: description };
  }
  if (model === undefined) throw new MinnowError("the worker holds no model");
  if (request.kind === "profile") return { answer: model.profile(request.ask) };
  const outputs = await model.run(receiveTensors(request.ask));
  return { answer: outputs, transfer: buffersOf(outputs) };
}

port.listen(
  (message) => {
    const request = message as Request;
    const reply = (content: Reply, transfer: Transferable[] = []) => port.post(content, transfer);
    answer(request).then(
      ({ answer, transfer }) => reply({ id: request.id, answer }, transfer),
      (error) => reply({ id: request.id, error: sendError(error) }),
    );
  },
  () => {},
);
