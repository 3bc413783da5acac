// Reading and writing files, with errors that say which file and why.
import { readFile, writeFile } from "node:fs/promises";
import { FormatError } from "../errors.ts";

/** @throws FormatError where the file cannot be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new FormatError(`cannot read ${path}: ${reasonOf(error)}`);
  }
}

/** @throws FormatError where the file cannot be written */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes);
  } catch (error) {
    throw new FormatError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file or folder";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "permission denied";
  return message;
}

/**
 * Runs `action`, and puts the name of the file it works on before the message of a FormatError that does not have it.
 */
export async function naming<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof FormatError && !error.message.includes(path)) error.message = `${path}: ${error.message}`;
    throw error;
  }
}
