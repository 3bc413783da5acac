// wabt's interpreter: a second opinion that shares no code with any compiler.
import { join } from "node:path";
import { output } from "./process.ts";
import type { Host } from "./standalone-support.ts";
import { root, systemCommand } from "./tools.ts";

export const wabt: Host = {
  name: "wasm-interp (wabt)",
  async get() {
    await systemCommand("wasm-interp", "wabt");
  },
  run: (module, input, to) => output(process.execPath, [join(root, "examples/wasm-interp/run.js"), module, input, to], root),
};
