// wazero from Go: the example, and wazero's own command for modules that are commands.
import { join } from "node:path";
import { output } from "./process.ts";
import { type Host, install } from "./standalone-support.ts";
import { alone, cache, root, systemCommand } from "./tools.ts";

const cwd = join(root, "examples/go");
const program = join(cache, "go", "run");

/** wazero's command line, of the version that the example uses. */
export const wazeroCommand = join(cache, "go", "wazero");

export const wazero: Host = {
  name: "wazero from Go",
  async get() {
    const go = await systemCommand("go", "golang-go");
    // Go's own cache makes this a matter of a second when nothing has changed.
    await alone("go", async () => {
      await install(go, ["build", "-o", program, "."], { cwd });
      await install(go, ["build", "-o", wazeroCommand, "github.com/tetratelabs/wazero/cmd/wazero"], { cwd });
    });
  },
  run: (module, input, to) => output(program, [module, input, to], root),
};
