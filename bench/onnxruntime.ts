// onnxruntime-web: its WebAssembly back end on one thread, with all of its graph optimisations.
import * as ort from "onnxruntime-web";
import type { Engine } from "./engine.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export const onnxruntime: Engine = {
  name: "onnxruntime-web",
  async load({ onnx, input }) {
    const session = await ort.InferenceSession.create(onnx, { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
    const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", input.data, input.dims) };
    const [output] = session.outputNames;
    return {
      run: async () => (await session.run(feeds))[output].data as Float32Array,
      dispose: () => session.release(),
    };
  },
};
