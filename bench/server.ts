// Serves the project's files to a page on this machine, isolated from other origins so that its clock is fine-grained.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { root } from "./root.ts";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** What the page's modules import by name. tfjs' file for browsers names modules of Node that it does not use there. */
const imports = {
  "#host": "/dist/src/runtime/host-web.js",
  "@assemblyscript/loader": "/node_modules/@assemblyscript/loader/index.js",
  pbf: "/node_modules/pbf/index.js",
  "onnxruntime-web": "/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
  "@tensorflow/tfjs-core": "/node_modules/@tensorflow/tfjs-core/dist/tf-core.fesm.min.js",
  "@tensorflow/tfjs-backend-wasm": "/node_modules/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.fesm.min.js",
  ...Object.fromEntries(["fs", "path", "perf_hooks", "os"].map((name) => [name, "data:text/javascript,export default {}"])),
};

const page = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/dist/bench/page.js"></script>
`;

export interface Server {
  readonly url: string;
  close(): void;
}

export async function serve(): Promise<Server> {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (path === "/") return response.setHeader("Content-Type", "text/html").end(page);
    try {
      const bytes = await readFile(join(root, normalize(path)));
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}
