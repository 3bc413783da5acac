// wazero from Go: the example, and wazero's own command for modules that are commands.
import { join } from "node:path";
import { cacheFolder, type Host, root, run } from "./standalone-support.ts";

const example = join(root, "examples/go");
const program = join(cacheFolder("go"), "run");

/** wazero's command line, of the version that the example uses. */
export const wazeroCommand = join(cacheFolder("go"), "wazero");

export const wazero: Host = {
  name: "wazero from Go",
  async prepare() {
    // Go's own cache makes this a matter of a second when nothing has changed.
    await run("go", ["build", "-o", program, "."], example);
    await run("go", ["build", "-o", wazeroCommand, "github.com/tetratelabs/wazero/cmd/wazero"], example);
  },
  run: (module, input, output) => run(program, [module, input, output]),
};
