// What bench/cold.ts starts as a process of its own: imports one engine, runs a model once, and prints how long that took
// and how much memory the process then has. Arguments: the engine, and the ONNX file.
import { readFile } from "node:fs/promises";

const [engine, file] = process.argv.slice(2);

/** By the engine's name: from nothing to the first output. Imports are within, since they are part of what is measured. */
const starts: Record<string, () => Promise<unknown>> = {
  nothing: async () => undefined,
  minnow: async () => {
    const { loadModel, Tensor } = await import("minnow");
    const model = await loadModel(file);
    const [{ name, dims }] = model.inputs;
    return model.run({ [name]: new Tensor("float32", new Float32Array(pixelsOf(dims)), dims) });
  },
  "onnxruntime-web": async () => {
    const ort = await import("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    ort.env.logLevel = "error";
    const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
    const [input] = session.inputMetadata;
    const dims = input.isTensor ? (input.shape as number[]) : [];
    return session.run({ [input.name]: new ort.Tensor("float32", new Float32Array(pixelsOf(dims)), dims) });
  },
  "tfjs-backend-wasm": async () => {
    const { readOnnx } = await import("../src/formats/onnx/read.ts");
    const { Tensor } = await import("../src/tensor.ts");
    const { tfjs } = await import("./tfjs.ts");
    const onnx = await readFile(file);
    const graph = readOnnx(onnx);
    const [{ dims }] = graph.inputs;
    const input = new Tensor("float32", new Float32Array(pixelsOf(dims)), dims);
    return (await tfjs.load({ graph, onnx, input })).run();
  },
};

const pixelsOf = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);

const start = performance.now();
await starts[engine]();
const ms = performance.now() - start;
console.log(JSON.stringify({ ms, rss: process.memoryUsage().rss }));
