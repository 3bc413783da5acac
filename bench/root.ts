// Where the project's files are, whether the bench runs from its sources or compiled.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export const root = dirname(createRequire(import.meta.url).resolve("minnow/package.json"));

/**
 * A compiled file: fresh processes and pages read no TypeScript.
 * @throws Error where it is missing
 */
export function compiled(path: string): string {
  const file = join(root, "build", path);
  if (!existsSync(file)) throw new Error(`there is no ${file}: npm run bench compiles the bench before it runs it`);
  return file;
}
