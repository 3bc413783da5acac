// The bench within a page: what bench/pages.ts calls there.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Build } from "../src/runtime/engine.ts";
import { benchKernels, type KernelsOptions } from "./kernels.ts";
import { litert } from "./litert.ts";
import { buildsFor } from "./minnow.ts";
import { benchModels, type ModelsOptions, type Progress } from "./models.ts";

setWasmPaths("/node_modules/@tensorflow/tfjs-backend-wasm/dist/");

/** Builds are those that the browser has, unless one is named. */
type InPage<Options extends { builds: unknown }> = Omit<Options, "builds"> & { readonly build: Build | undefined };

/** Functions that the page offers, and the one that it is given. */
export interface Page {
  readonly minnowBench: {
    models(options: InPage<ModelsOptions>): ReturnType<typeof benchModels>;
    kernels(options: InPage<KernelsOptions>): ReturnType<typeof benchKernels>;
  };
  /** Tells Node how far the bench is. */
  readonly minnowStep: Progress["step"];
}

const page = globalThis as unknown as { -readonly [Key in keyof Page]: Page[Key] };
const progress: Progress = { step: (...step) => page.minnowStep(...step) };
page.minnowBench = {
  models: ({ build, ...options }) => benchModels({ ...options, builds: buildsFor(build) }, progress, [litert]),
  kernels: ({ build, ...options }) => benchKernels({ ...options, builds: buildsFor(build) }, progress),
};
