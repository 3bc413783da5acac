// How pixels were scaled in training, read from the words in which people write it down. Files have no agreed field
// for it, and a network whose pixels are scaled wrongly still answers, only wrongly.
import { FormatError } from "../errors.ts";
import type { Normalisation } from "../graph/graph.ts";

/** ImageNet's mean and standard deviation, as torchvision's models expect them. */
const imagenet: Normalisation = { scale: 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

const pixel = "(?:rgb|x|pixels?|image|img)";
const number = "\\d+(?:\\.\\d+)?|\\.\\d+";
const value = `(\\[[\\d.,]+\\]|${number})`;

/** (x/255-a)/b, where /255 and /b may be missing. Spaces are gone and letters are small before this is tried. */
const centred = new RegExp(`\\(${pixel}(?:/(${number}))?-${value}\\)(?:/${value})?`);
/** x/127.5-1 */
const shifted = new RegExp(`${pixel}/(${number})-(${number})`);
/** (x/255-mean)/std */
const named = new RegExp(`\\(${pixel}(?:/(${number}))?-mean\\)/std`);

/** One or three numbers, as three; undefined where they are not. */
function channels(values: readonly unknown[]): number[] | undefined {
  if (!values.every((v): v is number => typeof v === "number" && Number.isFinite(v))) return undefined;
  if (values.length === 1) return [values[0], values[0], values[0]];
  return values.length === 3 ? [...values] : undefined;
}

function normalisation(scale: number, mean: number[] | undefined, std: number[] | undefined): Normalisation | undefined {
  if (mean === undefined || std === undefined || std.includes(0) || !(scale > 0)) return undefined;
  return { scale, mean, std };
}

/** "[1,2,3]" or "1". */
const list = (text: string) =>
  channels(
    text
      .replace(/[[\]]/g, "")
      .split(",")
      .map((v) => (v === "" ? Number.NaN : Number(v))),
  );

/** The numbers that follow a word: "mean 0.485 0.456 0.406", "std = [0.229, 0.224, 0.225]". */
function after(word: string, text: string): number[] | undefined {
  const match = new RegExp(`\\b${word}\\b[\\s:=]*[[(]?\\s*((?:${number})(?:[\\s,]+(?:${number}))*)`).exec(text);
  return match === null ? undefined : channels(match[1].split(/[\s,]+/).map(Number));
}

/**
 * Finds the scaling of pixels x (0…255, RGB) in a text, as model cards and ONNX doc strings write it:
 * "(x/255 - [0.485,0.456,0.406]) / [0.229,0.224,0.225]", "(RGB-[123,117,104])/255", "x/127.5 - 1",
 * "(x/255-mean)/std, mean 0.485 0.456 0.406, std 0.229 0.224 0.225". Where mean and std are named but not given,
 * they are ImageNet's.
 * @returns undefined where the text says nothing that is understood
 */
export function parseNormalisation(text: string): Normalisation | undefined {
  const words = text.toLowerCase().replace(/\s+/g, " ");
  const formula = words.replaceAll(" ", "");
  const byName = named.exec(formula);
  if (byName !== null) {
    const scale = byName[1] === undefined ? 1 : Number(byName[1]);
    const mean = after("mean", words.replace(/-\s*mean\s*\)/g, ""));
    const std = after("std", words.replace(/\/\s*std/g, ""));
    if (mean === undefined && std === undefined) return scale === 255 ? imagenet : undefined;
    return normalisation(scale, mean, std);
  }
  const byCentre = centred.exec(formula);
  if (byCentre !== null) {
    const [, scale = "1", mean, std = "1"] = byCentre;
    return normalisation(Number(scale), list(mean), list(std));
  }
  const byShift = shifted.exec(formula);
  if (byShift !== null) {
    // x/s − m is (x − m·s) / s.
    const [scale, shift] = [Number(byShift[1]), Number(byShift[2])];
    return normalisation(1, channels([shift * scale]), channels([scale]));
  }
  return undefined;
}

/** The metadata keys under which Minnow writes a normalisation, each as JSON. */
export const normalisationKeys = { mean: "minnow.mean", std: "minnow.std", scale: "minnow.scale" } as const;

/**
 * The scaling that a file's metadata gives under {@link normalisationKeys}.
 * @returns undefined where it gives none
 * @throws FormatError where it gives something that is no scaling
 */
export function normalisationFromMetadata(metadata: ReadonlyMap<string, string>): Normalisation | undefined {
  const { mean, std, scale } = normalisationKeys;
  if (![mean, std, scale].some((key) => metadata.has(key))) return undefined;
  const read = (key: string, absent: number): unknown[] => {
    try {
      return [JSON.parse(metadata.get(key) ?? String(absent))].flat();
    } catch {
      return [];
    }
  };
  const [means, stds, scales] = [read(mean, 0), read(std, 1), read(scale, 1)];
  const count = Math.max(means.length, stds.length);
  const spread = (values: unknown[]) => (values.length === 1 ? new Array(count).fill(values[0]) : values);
  const result = { mean: spread(means), std: spread(stds), scale: scales[0] };
  const positive = (v: unknown) => typeof v === "number" && Number.isFinite(v) && v > 0;
  if (
    !positive(result.scale) ||
    result.mean.length !== count ||
    result.std.length !== count ||
    !result.mean.every(Number.isFinite) ||
    !result.std.every(positive)
  ) {
    throw new FormatError(`the metadata ${mean}, ${std} and ${scale} do not describe a scaling of pixels`, {
      hint: 'write JSON: "[0.485,0.456,0.406]" for mean and std, "255" for scale',
    });
  }
  return result as Normalisation;
}
