// Hosts and tools that are no dependencies of the project: npm packages, installed into a folder that git ignores, and
// Debian packages. A host that cannot be had is skipped, loudly; in continuous integration that is a failure.
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const cache = join(root, ".cache", "hosts");

/** The versions that the tests were written for. */
export const versions = {
  attw: "@arethetypeswrong/cli@0.18",
  bun: "bun@1.4",
  deno: "deno@2.9",
  jpeg: "jpeg-js@0.4",
  vite: "vite@8.3",
  webpack: "webpack@5.112 webpack-cli@7.3",
  workerd: "workerd@1.20261117",
} as const;

/** Lets one process at a time into `work`: test files run side by side. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(cache, `${name}.lock`);
  mkdirSync(cache, { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // Whoever has held it for ten minutes has died.
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
      if (since !== undefined && Date.now() - since > 600_000) rmSync(lock, { recursive: true, force: true });
      await delay(100);
    }
  }
  try {
    return await work();
  } finally {
    rmdirSync(lock);
  }
}

/**
 * Installs npm packages once, in a project of their own.
 * @param packages names with versions, separated by spaces
 * @returns the project's folder
 */
export async function npmInstalled(packages: string): Promise<string> {
  const name = packages.replaceAll(/[/@ ]+/g, "_");
  const folder = join(cache, "tools", name);
  return alone(name, async () => {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, "package.json"), '{ "private": true, "type": "module" }\n');
    await run("npm", ["install", "--no-audit", "--no-fund", ...packages.split(" ")], { cwd: unfinished });
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(unfinished, folder);
    return folder;
  });
}

/** A command of npm packages. */
export async function npmCommand(packages: string, command: string): Promise<string> {
  return join(await npmInstalled(packages), "node_modules", ".bin", command);
}

/** Node of a version such as "24". The package's command is a script that starts another process: this is that process. */
export async function nodeCommand(version: string): Promise<string> {
  return join(await npmInstalled(`node@${version}`), "node_modules", "node", "bin", "node");
}

/** A command of the system, from a Debian package where it is missing. */
export async function systemCommand(command: string, debian: string): Promise<string> {
  const find = () => execFileSync("which", [command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  return alone("apt", async () => {
    try {
      return find();
    } catch {}
    if (process.getuid?.() !== 0) throw new Error(`there is no ${command}: apt-get install ${debian}`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await run("apt-get", ["update"], { env });
    await run("apt-get", ["install", "-y", "--no-install-recommends", debian], { env });
    return find();
  });
}

/**
 * A test on a host that must be got first.
 * @param get finds or installs what the test needs
 */
export function hostTest<T>(name: string, get: () => Promise<T>, body: (t: TestContext, host: T) => Promise<void>): void {
  test(name, async (t) => {
    let host: T;
    try {
      host = await get();
    } catch (error) {
      if (process.env.CI === "true") throw error;
      const reason = `NOT TESTED, the host could not be had: ${(error as Error).message.trim()}`;
      console.error(`\n*** ${name}: ${reason}\n`);
      t.skip(reason);
      return;
    }
    await body(t, host);
  });
}

/** Hosts that run a program by a command: their names, where the command is, and what it wants before the program's file. */
export const programHosts: readonly [name: string, command: () => Promise<string>, args: readonly string[]][] = [
  ...["20", "22", "24", "26"].map((version): (typeof programHosts)[number] => [
    `Node ${version}`,
    () => nodeCommand(version),
    [],
  ]),
  ["Deno", () => npmCommand(versions.deno, "deno"), ["run", "-A"]],
  ["Bun", () => npmCommand(versions.bun, "bun"), ["run"]],
];
