// Bytes of a URL, where there is fetch and nothing else.

/** @throws Error where the server does not answer, or not with success */
export async function fetchBytes(source: string | URL): Promise<Uint8Array> {
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
  return new Uint8Array(await response.arrayBuffer());
}
