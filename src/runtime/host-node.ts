// What the runtime needs of Node (Deno and Bun alike): bytes of files. Chosen by the "#host" import in package.json.
import { readFile } from "node:fs/promises";

/** The engine's bytes, from the file beside this package's code. */
export async function readEngine(build: string): Promise<Uint8Array> {
  return readFile(new URL(`../../wasm/${build}.wasm`, import.meta.url));
}

/** The bytes of a path, a file: URL, or a URL that fetch understands. */
export async function readSource(source: string | URL): Promise<Uint8Array> {
  const url = source instanceof URL ? source : /^[a-z][a-z0-9+.-]+:/i.test(source) ? new URL(source) : undefined;
  if (url === undefined || url.protocol === "file:") return readFile(url ?? source);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
