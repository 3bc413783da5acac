// The files that every host reads: three trained networks, and one photo as pixels.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { readNpy } from "../../src/formats/npy.ts";
import { dataPath } from "../data.ts";

export const networks = ["squeezenet1_1", "mobilenet_v1_0.25_224", "densenet_bc_40_12_cifar10"] as const;

/** Makes a folder of them: `into` if it is given, else one that is removed when the file's tests have ended. */
export function hostData(into?: string): string {
  const folder = into ?? mkdtempSync(join(tmpdir(), "minnow-hosts-"));
  mkdirSync(folder, { recursive: true });
  if (into === undefined) after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of networks) copyFileSync(dataPath("models", `${name}.onnx`), join(folder, `${name}.onnx`));
  const photo = readNpy(readFileSync(dataPath("photos", "pizza.rgb.npy")));
  writeFileSync(join(folder, "photo.rgb"), photo.data as Uint8Array);
  return folder;
}
