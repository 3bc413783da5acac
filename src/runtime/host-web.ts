// What the runtime needs of a browser or worker: fetch. Chosen by the "#host" import in package.json.

/** The engine, from beside this package's code. Written so that bundlers see the files they must copy. */
export async function readEngine(build: string): Promise<Response> {
  const url =
    build === "relaxed"
      ? new URL("../../wasm/relaxed.wasm", import.meta.url)
      : new URL("../../wasm/strict.wasm", import.meta.url);
  return fetch(url);
}

/** The bytes of a URL, relative to the page. */
export async function readSource(source: string | URL): Promise<Uint8Array> {
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
