// --node VERSION: the same command again in another Node, which npm fetches and keeps. (Were the npm package "node" a
// dependency, its command would take the place of the system's Node in every script of this project.)
import { spawnSync } from "node:child_process";

/** @returns the exit code */
export function runInNode(version: string, script: string, args: readonly string[]): number {
  const node = ["--yes", "--package", `node@${version}`, "--", "node", ...process.execArgv, script, ...args];
  const { status, error } = spawnSync("npx", node, { stdio: "inherit" });
  if (error !== undefined) throw error;
  return status ?? 1;
}
