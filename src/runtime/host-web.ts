// What the runtime needs of a browser or worker: fetch. Chosen by the "#host" import in package.json.
import type { Build } from "./engine.ts";

/** The engine, from beside this package's code. Written so that bundlers see the files they must copy. */
export async function readEngine(build: Build): Promise<Response> {
  const url =
    build === "relaxed"
      ? new URL("../../wasm/relaxed.wasm", import.meta.url)
      : new URL("../../wasm/strict.wasm", import.meta.url);
  return fetch(url);
}

/** The bytes of a URL, relative to the page. */
export { fetchBytes as readSource } from "./fetch-bytes.ts";
