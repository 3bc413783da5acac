// The shared test data: published models, vectors, photographs and conformance cases. Too large for the repository;
// tests that need it are skipped where it is missing, except in continuous integration, where they must not be.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = process.env.MINNOW_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));

/** The path of a file or folder in the test data. */
export function dataPath(...parts: string[]): string {
  return join(root, ...parts);
}

/** For node:test's `skip`: false where the data is there; also false in CI, so that the test runs and fails. */
export const needsData: string | false =
  existsSync(root) || process.env.CI === "true" ? false : `no test data at ${root} (set MINNOW_DATA)`;
