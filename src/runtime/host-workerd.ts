// What the runtime needs of workerd (Cloudflare's edge functions), which compiles no WebAssembly while it runs: modules
// that were compiled when the function was deployed. Chosen by the "#host" import in package.json.
import relaxed from "../../wasm/relaxed.wasm";
import strict from "../../wasm/strict.wasm";
import type { Build } from "./engine.ts";

export async function readEngine(build: Build): Promise<WebAssembly.Module> {
  return build === "relaxed" ? relaxed : strict;
}

/** The bytes of an absolute URL. */
export { fetchBytes as readSource } from "./fetch-bytes.ts";
