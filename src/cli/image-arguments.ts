// IMAGE… on the command line: files, and folders of them.
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { FormatError } from "../errors.ts";
import { imageExtensions } from "../image/decode.ts";

/**
 * Replaces each folder by the images in it, sorted by name. A path that does not exist stays: it gets its error when its
 * turn comes.
 *
 * @throws FormatError where a folder has no image in it
 */
export async function expandFolders(paths: readonly string[]): Promise<string[]> {
  const files = await Promise.all(paths.map(async (path) => ((await isFolder(path)) ? imagesIn(path) : [path])));
  return files.flat();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

async function imagesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => imageExtensions.includes(extname(name).toLowerCase())).sort();
  if (names.length === 0) throw new FormatError(`there is no image in ${folder}`, { hint: imageExtensions.join(" ") });
  return names.map((name) => join(folder, name));
}
