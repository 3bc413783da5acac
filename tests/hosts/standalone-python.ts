// wasmtime from Python, in a virtual environment of its own.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, type Host, root, run } from "./standalone-support.ts";

/** The version that the tests are known to pass with. */
const WASMTIME = "wasmtime==50.0.1";

const venv = join(cacheFolder(), "python");

/** The interpreter of the virtual environment. */
export const python = join(venv, "bin", "python");

export const wasmtime: Host = {
  name: "wasmtime from Python",
  async prepare() {
    // The environment is complete only if wasmtime can be imported: an interrupted installation is made anew.
    if (existsSync(python) && (await run(python, ["-c", "import wasmtime"]).catch(() => undefined)) !== undefined) return;
    rmSync(venv, { recursive: true, force: true });
    await run("python3", ["-m", "venv", venv]);
    await run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", WASMTIME]);
  },
  run: (module, input, output) => run(python, [join(root, "examples/python/run.py"), module, input, output]),
};
