// SqueezeNet with seeded weights on one thread and on two: their outputs, and how the second came by its threads.
import { createWorkerModel, loadModel, seedWeights, Tensor } from "minnow";
import { squeezenet } from "minnow/models";

/** @param how "page", or "worker" to load the model with threads in a worker */
export async function compareThreads(how) {
  const graph = squeezenet({ version: "1.1", classes: 10 });
  const options = { weights: seedWeights(graph), build: "strict" };
  const one = await loadModel(graph, options);
  const two = await (how === "worker" ? createWorkerModel : loadModel)(graph, { ...options, threads: 2 });
  const [{ name, dims }] = one.inputs;
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
  const outputs = async (model) => [...Object.values(await model.run({ [name]: new Tensor("float32", data, dims) }))[0].data];
  const expected = await outputs(one);
  const results = [];
  for (let n = 0; n < 5; ++n) results.push(await outputs(two));
  two.dispose();
  const same = results.every((result) => result.every((value, i) => Object.is(value, expected[i])));
  return { threads: two.threads, reason: two.threadsReason ?? "", same };
}

if (globalThis.document === undefined) console.log(JSON.stringify(await compareThreads(globalThis.process.argv[2])));
else {
  globalThis.result = compareThreads(location.search.slice(1)).then(
    (value) => ({ value }),
    ({ name, message }) => ({ error: { name, message } }),
  );
}
