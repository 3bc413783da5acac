// What a page downloads at once, as a bundler makes it: build/size/load.js for one that loads models, ONNX files among them, and
// build/size/whole.js for one that uses all of `minnow`. size-limit bounds them.
import { build, type Plugin } from "esbuild";

const pages = { load: 'export { loadModel, Tensor } from "./dist/src/index.js"', whole: 'export * from "./dist/src/index.js"' };

/** Leaves out what is loaded when it is needed: threads. */
const later: Plugin = {
  name: "later",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

for (const [name, contents] of Object.entries(pages)) {
  await build({
    stdin: { contents, resolveDir: "." },
    outfile: `build/size/${name}.js`,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    logLevel: "error",
    plugins: [later],
  });
}
