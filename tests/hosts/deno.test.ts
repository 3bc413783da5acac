// Deno, with the package as npm installed it.
import { testClassifyExample } from "./command-line.ts";
import { npmCommand, versions } from "./tools.ts";

testClassifyExample("Deno", () => npmCommand(versions.deno, "deno"), ["run", "-A"]);
