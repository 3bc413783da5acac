// What the runtime needs of a browser or worker: fetch. Chosen by the "#host" import in package.json.
import { HostError } from "../errors.ts";
import type { EngineFile } from "./engine.ts";
import { type Port, webPort } from "./worker-port.ts";

/** The engine, from beside this package's code. Written so that bundlers see the files they must copy. */
export async function readEngine(file: EngineFile): Promise<Response> {
  const url = {
    strict: () => new URL("../../wasm/strict.wasm", import.meta.url),
    relaxed: () => new URL("../../wasm/relaxed.wasm", import.meta.url),
    "strict-threads": () => new URL("../../wasm/strict-threads.wasm", import.meta.url),
    "relaxed-threads": () => new URL("../../wasm/relaxed-threads.wasm", import.meta.url),
  }[file]();
  return fetch(url);
}

/** The bytes of a URL, relative to the page. */
export { fetchBytes as readSource } from "./fetch-bytes.ts";

/** The same source for a worker, whose own URL is another: an absolute URL. */
export const resolveSource = (source: string | URL): string =>
  new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href).href;

/** Starts runtime/worker.ts, which the build bundles into one file: workers know no import map. */
export function startWorker(): Port {
  if (typeof Worker === "undefined") throw new HostError("this host has no workers", "use loadModel, and run with sliceMs");
  return webPort(new Worker(new URL("./worker-web.js", import.meta.url), { type: "module", name: "minnow" }));
}

/** Starts runtime/thread.ts, bundled likewise. */
export const startThread = (): Port =>
  webPort(new Worker(new URL("./thread-web.js", import.meta.url), { type: "module", name: "minnow thread" }));

/** V8's version, as Chromium numbers it; NaN for another engine. */
export const v8Version = (): number | undefined => Number(/Chrom(?:e|ium)\/(\d+)/.exec(globalThis.navigator?.userAgent)?.[1]);

/** Relaxed SIMD is there or not. */
export const enableRelaxedSimd = (): void => {};

/** How many threads run at a time; 0 where there are no workers. */
export const processors = (): number => (typeof Worker === "undefined" ? 0 : (globalThis.navigator?.hardwareConcurrency ?? 1));

/** Within a worker: the port to its owner. */
export const workerPort = (): Port => webPort(globalThis as unknown as Worker);

/** Called before a run. Nothing is known to slow a thread down here, as there is in Node (host-node.ts). */
export const fullSpeed = (): void => {};
