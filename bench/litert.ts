// LiteRT.js, TensorFlow Lite's runtime for pages: XNNPACK on one thread. It has no reader for ONNX, so the graph is translated.
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { transpose } from "../src/formats/elements.ts";
import type { Engine } from "./engine.ts";
import { writeTflite } from "./tflite.ts";

let started: Promise<unknown> | undefined;

/** @param folder where the page finds its WebAssembly */
export const litert = (folder: string): Engine => ({
  name: "litertjs",
  async load({ graph, input }) {
    started ??= loadLiteRt(folder, { threads: false });
    await started;
    const model = await loadAndCompile(writeTflite(graph), { accelerator: "wasm" });
    const [n, c, h, w] = input.dims;
    const pixels = transpose(input.data, input.dims, [0, 2, 3, 1]);
    return {
      async run() {
        const x = new Tensor(pixels, [n, h, w, c]);
        const outputs = await model.run(x);
        const data = outputs[0].toTypedArray() as Float32Array;
        for (const tensor of [x, ...outputs]) tensor.delete();
        return data;
      },
      dispose: () => model.delete(),
    };
  },
});
