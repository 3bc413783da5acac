// An edge function in workerd, bundled as wrangler does it.
import { readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { build } from "esbuild";
import { startServer } from "./process.ts";

const kinds: Readonly<Record<string, string>> = { ".js": "esModule", ".wasm": "wasm" };

export interface Edge {
  readonly url: string;
  stop(): void;
}

/**
 * Bundles and serves a function.
 * @param command workerd
 * @param folder a workplace
 * @param entry the function's module in it
 */
export async function startEdge(command: string, folder: string, entry: string): Promise<Edge> {
  const out = join(folder, "built-workerd");
  await build({
    entryPoints: [join(folder, entry)],
    outdir: out,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".onnx": "copy", ".rgb": "copy" },
    assetNames: "[name]",
    logLevel: "error",
  });
  const main = entry.replace(/.*\//, "");
  const files = readdirSync(out).sort((a, b) => Number(b === main) - Number(a === main));
  const embedded = files.map((file) => `(name = "${file}", ${kinds[extname(file)] ?? "data"} = embed "${file}")`);
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (compatibilityDate = "2025-01-01", modules = [${embedded.join(", ")}]);
`;
  writeFileSync(join(out, "config.capnp"), config);
  return serveEdge(command, out);
}

/** Serves what a folder's config.capnp describes, on a port that is free. */
export async function serveEdge(command: string, folder: string): Promise<Edge> {
  const args = ["serve", "--control-fd=1", "--socket-addr=http=127.0.0.1:0", "config.capnp"];
  const server = await startServer(command, args, folder, /"port":\s*(\d+)/);
  return { url: `http://127.0.0.1:${server.found}/`, stop: server.stop };
}
