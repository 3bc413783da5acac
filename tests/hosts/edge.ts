// An edge function in workerd, bundled as wrangler does it.
import { readdirSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { build } from "esbuild";
import { startServer } from "./process.ts";

const kinds: Readonly<Record<string, string>> = { ".js": "esModule", ".wasm": "wasm", ".txt": "text" };

export interface Edge {
  readonly url: string;
  stop(): void;
}

/**
 * @param command workerd
 * @param folder a workplace
 * @param entry the function's module in it
 * @param modules folders where npm packages are looked for, beside the workplace's
 */
export async function startEdge(command: string, folder: string, entry: string, modules: readonly string[] = []): Promise<Edge> {
  const out = join(folder, "built-workerd");
  await build({
    entryPoints: [join(folder, entry)],
    outdir: out,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".onnx": "copy", ".rgb": "copy", ".txt": "copy" },
    assetNames: "[name]",
    nodePaths: [...modules],
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
  const server = await startServer(command, ["serve", "--control-fd=1", "config.capnp"], out, /"port":\s*(\d+)/);
  return { url: `http://127.0.0.1:${server.found}/`, stop: server.stop };
}
