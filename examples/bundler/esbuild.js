// main.js for esbuild, which copies no files: the engine is inside, and the worker is a bundle of its own.
import "minnow/inline";

globalThis.bundledWorker = new URL("worker.js", import.meta.url);
await import("./main.js");
