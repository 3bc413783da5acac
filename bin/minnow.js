#!/usr/bin/env node
// The `minnow` command. It is a file of its own, and not built, so that npx finds it in a checkout before the first build.
import { existsSync } from "node:fs";

const main = new URL("../dist/src/cli/main.js", import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error("minnow: not built yet\n  hint: npm ci && npm run build");
  process.exitCode = 1;
}
