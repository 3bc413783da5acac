// What pages download at once: build/size/load.js for one that loads models, ONNX files among them, as a bundler makes it; and
// build/size/page/ for one without a bundler, which downloads the package's own files. size-limit bounds them.
import { cpSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

/** Leaves out what is loaded when it is needed: threads, and a memory map. */
const later: Plugin = {
  name: "later",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

const common = { bundle: true, format: "esm", logLevel: "error", plugins: [later] } as const satisfies BuildOptions;

await build({
  ...common,
  stdin: { contents: 'export { loadModel, Tensor } from "./dist/web/index.js"', resolveDir: "." },
  outfile: "build/size/load.js",
  minify: true,
});

const { metafile } = await build({ ...common, entryPoints: ["dist/web/index.js"], write: false, metafile: true });
rmSync("build/size/page", { recursive: true, force: true });
for (const file of Object.keys(metafile.inputs)) cpSync(file, `build/size/page/${basename(file)}`);
