// What the runtime needs of workerd (Cloudflare's edge functions), which compiles no WebAssembly while it runs: modules
// that were compiled when the function was deployed. Chosen by the "#host" import in package.json.
import relaxed from "../../wasm/relaxed.wasm";
import strict from "../../wasm/strict.wasm";
import { HostError } from "../errors.ts";
import type { EngineFile } from "./engine.ts";
import type { Port } from "./worker-port.ts";

export async function readEngine(file: EngineFile): Promise<WebAssembly.Module> {
  return file === "relaxed" ? relaxed : strict;
}

/** The bytes of an absolute URL. */
export { fetchBytes as readSource } from "./fetch-bytes.ts";

/** URLs are absolute here. */
export const resolveSource = (source: string | URL): string => String(source);

/** @throws HostError always */
export function startWorker(): Port {
  throw new HostError("edge functions have no workers", "use loadModel");
}

/** @throws HostError always */
export const workerPort = startWorker;

/** @throws HostError always */
export const startThread = startWorker;

/** V8's version is not told; workerd follows the newest. */
export const v8Version = (): number | undefined => Number.POSITIVE_INFINITY;

/** Relaxed SIMD is there or not. */
export const enableRelaxedSimd = (): void => {};

/** There are no workers. */
export const processors = (): number => 0;

/** Called before a run. Nothing is known to slow a thread down here, as there is in Node (host-node.ts). */
export const fullSpeed = (): void => {};
