// wasmtime from Python, in a virtual environment of its own.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { output } from "./process.ts";
import { type Host, install } from "./standalone-support.ts";
import { alone, cache, root, systemCommand } from "./tools.ts";

/** The version that the tests were written for. */
const WASMTIME = "wasmtime==50.0.1";

const venv = join(cache, "python");

/** The interpreter of the virtual environment. */
export const python = join(venv, "bin", "python");

export const wasmtime: Host = {
  name: "wasmtime from Python",
  async get() {
    const python3 = await systemCommand("python3", "python3-venv");
    await alone("python", async () => {
      // It is complete only if wasmtime can be imported: an interrupted installation is made anew.
      if (existsSync(python) && (await install(python, ["-c", "import wasmtime"]).catch(() => undefined)) !== undefined) return;
      rmSync(venv, { recursive: true, force: true });
      await install(python3, ["-m", "venv", venv]);
      await install(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", WASMTIME]);
    });
  },
  run: (module, input, to) => output(python, [join(root, "examples/python/run.py"), module, input, to], root),
};
