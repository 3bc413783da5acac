// A program that bundlers bundle as it is. Random weights, so that it needs no download.
import { createWorkerModel, loadModel, seedWeights, Tensor } from "minnow";
import { squeezenet } from "minnow/models";

const graph = squeezenet({ version: "1.1", classes: 10 });
const weights = seedWeights(graph);
const input = new Tensor("float32", new Float32Array(3 * 224 * 224).fill(0.5), [1, 3, 224, 224]);

async function show(where, load) {
  const line = document.createElement("p");
  line.id = where;
  try {
    const model = await load();
    const { output } = await model.run({ input });
    line.textContent = `In the ${where}: ${Array.from(output.data, (value) => value.toFixed(4)).join(" ")}`;
  } catch (error) {
    line.textContent = String(error);
  }
  document.body.append(line);
}

await show("page", () => loadModel(graph, { weights }));
// Vite and webpack find Minnow's worker. esbuild does not: there, bundle worker.js too and start that.
const worker = globalThis.bundledWorker && new Worker(globalThis.bundledWorker, { type: "module" });
await show("worker", () => createWorkerModel(graph, { weights, worker }));
