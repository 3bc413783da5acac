// LiteRT.js, TensorFlow Lite's runtime for pages: XNNPACK on one thread. It has no reader for ONNX, so the graph is translated.
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { transpose } from "../src/formats/elements.ts";
import type { Engine } from "./engine.ts";
import { byAxis } from "./nhwc.ts";
import { writeTflite } from "./tflite.ts";

/** Where a page of the project's finds its WebAssembly. */
const FOLDER = "/node_modules/@litertjs/core/wasm/";

let started: Promise<unknown> | undefined;

export const litert: Engine = {
  name: "litertjs",
  async load({ graph, input }) {
    started ??= loadLiteRt(FOLDER, { threads: false });
    await started;
    const model = await loadAndCompile(writeTflite(graph), { accelerator: "wasm" });
    const pixels = transpose(input.data, input.dims, [0, 2, 3, 1]);
    return {
      async run() {
        const x = new Tensor(pixels, byAxis(input.dims));
        const outputs = await model.run(x);
        const data = outputs[0].toTypedArray() as Float32Array;
        for (const tensor of [x, ...outputs]) tensor.delete();
        return data;
      },
      dispose: () => model.delete(),
    };
  },
};
