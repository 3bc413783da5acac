// The bench within a page: what bench/pages.ts calls there.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { hasRelaxed } from "../src/runtime/engine.ts";
import { benchKernels, type KernelsOptions } from "./kernels.ts";
import { litert } from "./litert.ts";
import { benchModels, type ModelsOptions, type Progress } from "./models.ts";

setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");

/** Functions that the page offers, and the one that it is given. */
export interface Page {
  readonly minnowBench: {
    hasRelaxed(): boolean;
    models(options: ModelsOptions): ReturnType<typeof benchModels>;
    kernels(options: KernelsOptions): ReturnType<typeof benchKernels>;
  };
  /** Tells Node how far the bench is. */
  readonly minnowStep: Progress["step"];
}

const page = globalThis as unknown as { -readonly [Key in keyof Page]: Page[Key] };
const progress: Progress = { step: (...step) => page.minnowStep(...step) };
page.minnowBench = {
  hasRelaxed,
  models: (options) => benchModels(options, progress, [litert]),
  kernels: (options) => benchKernels(options, progress),
};
