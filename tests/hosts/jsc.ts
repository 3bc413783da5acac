// WebKit's JavaScript engine, which stands in for Safari. Its shell has no fetch, no import by name, and few of a page's
// functions: the program is bundled.
import { join } from "node:path";
import { build } from "esbuild";
import { output } from "./process.ts";
import { systemCommand } from "./tools.ts";

export const jscCommand = () => systemCommand("jsc", "libjavascriptcoregtk-4.0-bin");

/**
 * What a program prints there.
 * @param command jsc
 * @param folder a workplace that has the program
 */
export async function jscOutput(command: string, folder: string, entry: string, args: readonly string[]): Promise<string> {
  const outfile = join(folder, "built-jsc.js");
  await build({ entryPoints: [join(folder, entry)], outfile, bundle: true, format: "esm", logLevel: "error" });
  return output(command, ["-m", outfile, "--", ...args], folder);
}
