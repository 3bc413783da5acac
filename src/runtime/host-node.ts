// What the runtime needs of Node (Deno and Bun alike): bytes of files. Chosen by the "#host" import in package.json.
import { readFile } from "node:fs/promises";
import type { Build } from "./engine.ts";
import { fetchBytes } from "./fetch-bytes.ts";

/** The engine's bytes, from the file beside this package's code. Written so that bundlers see the files they must copy. */
export async function readEngine(build: Build): Promise<Uint8Array> {
  const url =
    build === "relaxed"
      ? new URL("../../wasm/relaxed.wasm", import.meta.url)
      : new URL("../../wasm/strict.wasm", import.meta.url);
  return readFile(url);
}

/** The bytes of a path, a file: URL, or a URL that fetch understands. */
export async function readSource(source: string | URL): Promise<Uint8Array> {
  const url = source instanceof URL ? source : /^[a-z][a-z0-9+.-]+:/i.test(source) ? new URL(source) : undefined;
  if (url === undefined || url.protocol === "file:") return readFile(url ?? source);
  return fetchBytes(url);
}
