// How as-pect runs the specs of the kernels, assembly/__tests__/*.spec.ts. Which build they run in is the choice of
// --as-config: as-pect.asconfig.json (optimised, strict), as-pect.relaxed.asconfig.json, as-pect.debug.asconfig.json.
import v8 from "node:v8";

// Until V8 11.4 (Node 20) relaxed SIMD hid behind a flag, which must be set before a module is compiled.
if (Number(process.versions.node.split(".")[0]) < 21) v8.setFlagsFromString("--experimental-wasm-relaxed-simd");

export default {
  entries: ["assembly/__tests__/*.spec.ts"],
  include: [],
  disclude: [/node_modules/],
  reporter: "./tests/assembly/reporter.js",
  outputBinary: false,
  instantiate: (memory, createImports, instantiate, binary) => instantiate(binary, createImports({ env: { memory } })),
};
