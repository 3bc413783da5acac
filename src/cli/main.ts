// The minnow command: reads the command line and turns errors into messages and exit codes.
// 0: all went well. 1: a file, a model or an image is at fault. 2: the command line is.
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { MinnowError } from "../errors.ts";
import { addBench } from "./bench.ts";
import { addClassify } from "./classify.ts";
import { addExport } from "./export.ts";
import { addInspect } from "./inspect.ts";
import { addModels } from "./models.ts";
import { addRun } from "./run.ts";
import { addStandalone } from "./standalone.ts";
import { addSuite } from "./suite.ts";

// Both the sources and the build find the package by its own name.
const { version, description } = createRequire(import.meta.url)("minnow/package.json") as Record<string, string>;

const program = new Command("minnow")
  .description(description)
  .version(version)
  .showHelpAfterError("(--help tells how to use it)")
  .exitOverride();
addClassify(program);
addRun(program);
addInspect(program);
addBench(program);
addExport(program);
addStandalone(program);
addModels(program);
addSuite(program);

// Whoever reads our output may stop early, as head does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Prints what went wrong, unless commander already did. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof MinnowError) console.error(`minnow: ${error.message}`);
  else console.error(error);
  return 1;
}
