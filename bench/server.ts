// Serves files to a page on this machine, isolated from other origins so that its clock is fine-grained.
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export interface Site {
  /** The folder of its files. */
  readonly folder: string;
  /** Pages and files that are in no folder, by path: their content, or where they lie. */
  readonly pages?: Readonly<Record<string, string | { readonly file: string }>>;
  /** Beside those of cross-origin isolation. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers before anything else does; false leaves it to the files. */
  readonly intercept?: (path: string, response: ServerResponse) => boolean;
}

export interface Server {
  /** Ends in a slash. */
  readonly url: string;
  close(): void;
}

export async function serve({ folder, pages = {}, headers = {}, intercept }: Site): Promise<Server> {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (intercept?.(path, response)) return;
    const page = pages[path];
    if (typeof page === "string") return response.setHeader("Content-Type", "text/html").end(page);
    try {
      const file = path.endsWith("/") ? `${path}index.html` : path;
      const bytes = await readFile(page?.file ?? join(folder, normalize(file)));
      response.setHeader("Content-Type", types[extname(file)] ?? "application/octet-stream").end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
