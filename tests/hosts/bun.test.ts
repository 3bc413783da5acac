// Bun, whose engine is WebKit's.
import { testClassifyExample } from "./command-line.ts";
import { npmCommand, versions } from "./tools.ts";

testClassifyExample("Bun", () => npmCommand(versions.bun, "bun"), ["run"]);
