// Every Node that is maintained, and the oldest that the package allows.
import { testClassifyExample } from "./command-line.ts";
import { nodeCommand } from "./tools.ts";

for (const version of ["20", "22", "24", "26"]) testClassifyExample(`Node ${version}`, () => nodeCommand(version));
