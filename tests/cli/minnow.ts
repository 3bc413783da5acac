// The command as a user runs it, and files for it to work on.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { presets } from "../../models/index.ts";
import { writeSafetensors } from "../../src/formats/safetensors.ts";
import { seedWeights } from "../../src/graph/seed.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs minnow with these arguments. */
export function minnow(...args: string[]): Promise<Outcome> {
  return script("src/cli/main.ts", args);
}

/** Runs a TypeScript file of the project. */
export function script(file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...args], { cwd: root, env: { ...process.env, ...env } });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** A folder that is gone after the tests of this file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "minnow-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Writes a PNG of one colour. */
export async function writePicture(file: string, background: string): Promise<void> {
  await sharp({ create: { width: 300, height: 260, channels: 3, background } })
    .png()
    .toFile(file);
}

/**
 * Writes seeded weights of an architecture as safetensors.
 *
 * @param input what the file says about the scaling of pixels
 */
export function writeSeededWeights(file: string, architecture: string, input?: string): void {
  const weights = seedWeights(presets[architecture](), 1);
  writeFileSync(file, writeSafetensors(weights, input === undefined ? {} : { input }));
}
