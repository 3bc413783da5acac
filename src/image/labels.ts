// Names of classes, by index: one a line, or JSON.
import { FormatError } from "../errors.ts";

/**
 * Parses a labels file: one name a line in index order (an empty line is a class without a name), a JSON array of names, or
 * a JSON object from index to name.
 *
 * @param text the file's content
 * @param file what to call it in a message
 * @returns names by index; undefined where a class has none
 * @throws FormatError where there is no name in it, or the JSON is not of one of these shapes
 */
export function parseLabels(text: string, file = "labels file"): (string | undefined)[] {
  const content = text.replace(/^\uFEFF/, "").trimEnd();
  if (content === "") throw new FormatError(`${file} has no labels in it`);
  if (/[\0\uFFFD]/.test(content)) throw new FormatError(`${file} is not text`, { hint: shapes });
  if (!/^\s*[[{]/.test(content)) {
    return content.split(/\r?\n/).map((line) => (line.trim() === "" ? undefined : line.trim()));
  }
  const value = parseJson(content, file);
  if (Array.isArray(value)) return value.map((label, index) => checked(label, index, file));
  const labels: (string | undefined)[] = [];
  for (const [key, label] of Object.entries(value)) {
    const index = Number(key);
    if (!/^\d+$/.test(key) || index > largestIndex) {
      throw new FormatError(`${file}: ${JSON.stringify(key)} is not the index of a class`, { hint: shapes });
    }
    while (labels.length <= index) labels.push(undefined);
    labels[index] = checked(label, index, file);
  }
  return labels;
}

const shapes = 'a labels file has one name a line, or is a JSON array ["cat", …] or object {"0": "cat", …}';

/** Far more classes than any network has, and few enough for an array. */
const largestIndex = 1_000_000;

function parseJson(content: string, file: string): object {
  try {
    return JSON.parse(content) as object;
  } catch (error) {
    throw new FormatError(`${file} is not valid JSON: ${(error as Error).message}`, { hint: shapes });
  }
}

function checked(label: unknown, index: number, file: string): string {
  if (typeof label === "string") return label;
  throw new FormatError(`${file}: label ${index} is not a string`, { hint: shapes });
}
