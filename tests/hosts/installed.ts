// Minnow as its users get it: packed, and installed from the tarball into an empty project.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";
import { alone, cache, root } from "./tools.ts";

const run = promisify(execFile);

export interface Tarball {
  readonly path: string;
  /** Paths within the package. */
  readonly files: readonly string[];
}

/** Packs what was built last, into the cache. */
export async function pack(): Promise<Tarball> {
  const folder = mkdtempSync(join(tmpdir(), "minnow-pack-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: root, maxBuffer: 2 ** 24 });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
  return { path: join(folder, filename), files: files.map(({ path }) => path) };
}

let project: Promise<string> | undefined;

/** The folder of a project that has nothing but Minnow installed. Made anew when the package changes. */
export function installed(): Promise<string> {
  project ??= alone("package", async () => {
    const { path } = await pack();
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16);
    const folder = join(cache, `package-${hash}`);
    if (!existsSync(folder)) {
      for (const old of readdirSync(cache)) {
        if (old.startsWith("package-")) rmSync(join(cache, old), { recursive: true, force: true });
      }
      const unfinished = `${folder}.unfinished`;
      mkdirSync(unfinished);
      writeFileSync(join(unfinished, "package.json"), '{ "name": "empty", "private": true, "type": "module" }\n');
      await run("npm", ["install", "--no-audit", "--no-fund", path], { cwd: unfinished });
      renameSync(unfinished, folder);
    }
    rmSync(join(path, ".."), { recursive: true });
    return folder;
  });
  return project;
}

/**
 * A folder within that project, for one test file's programs; removed when its tests have ended.
 * @param sources files and folders of this repository that are copied into it
 */
export async function workplace(...sources: string[]): Promise<string> {
  const folder = mkdtempSync(join(await installed(), "test-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const source of sources) cpSync(join(root, source), join(folder, source.replace(/.*\//, "")), { recursive: true });
  return folder;
}
