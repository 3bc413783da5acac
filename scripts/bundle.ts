// Sources to what is published, dist/: one file for each entry point, and chunks of what they share. A file for each source would be
// about seventy to open or fetch before a first result: 27 ms more in Node (bench -- cold), and in a page without a bundler a request
// for each. Minified, since such a page downloads them as they are. Declarations, which tsc writes, stay apart.
import { build } from "esbuild";

const entries = [
  ...["src/index", "src/inline", "src/image/index", "src/standalone/index", "models/index"],
  ...["src/runtime/worker", "src/runtime/thread", "src/runtime/host-node", "src/runtime/host-web", "src/runtime/host-workerd"],
  "src/cli/main",
];

await build({
  entryPoints: entries.map((entry) => `${entry}.ts`),
  outbase: ".",
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "neutral",
  // Which host it is, and where modules of other packages and engines are, is decided where the package is used.
  packages: "external",
  external: ["#host", "*.wasm"],
  charset: "utf8",
  logLevel: "warning",
});

// Workers know no import map, so theirs are whole.
await build({
  entryPoints: ["worker", "thread"].map((name) => ({ in: `dist/src/runtime/${name}.js`, out: `${name}-web` })),
  outdir: "dist/src/runtime",
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  charset: "utf8",
  logLevel: "warning",
  // Chunks have no side effects, and are imported for their order alone.
  logOverride: { "ignored-bare-import": "silent" },
});
