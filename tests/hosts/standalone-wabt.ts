// wabt's interpreter: a second opinion that shares no code with any compiler.
import { join } from "node:path";
import { type Host, root, run } from "./standalone-support.ts";

export const wabt: Host = {
  name: "wasm-interp (wabt)",
  async prepare() {
    const installed = () => run("wasm-interp", ["--version"]).then(() => run("spectest-interp", ["--version"]));
    try {
      await installed();
    } catch {
      await run("apt-get", ["install", "-y", "wabt"]).catch(async () => {
        await run("apt-get", ["update"]);
        await run("apt-get", ["install", "-y", "wabt"]);
      });
      await installed();
    }
  },
  run: (module, input, output) => run(process.execPath, [join(root, "examples/wasm-interp/run.js"), module, input, output]),
};
