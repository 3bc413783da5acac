// The networks' outputs in a page; from files under data/. ?worker runs them in a Web Worker.
import { createWorkerModel, loadModel } from "minnow";
import { outputs } from "./outputs.js";

const read = async (name) => new Uint8Array(await (await fetch(`/data/${name}`)).arrayBuffer());
const load = location.search === "?worker" ? createWorkerModel : loadModel;
globalThis.result = outputs(read, load).then(
  (value) => ({ value }),
  ({ name, message }) => ({ error: { name, message } }),
);
