// --labels on the command line.
import { parseLabels } from "../image/labels.ts";
import { readBytes } from "./files.ts";

/**
 * Names of classes, by index.
 *
 * @throws FormatError where the file cannot be read or is no labels file
 */
export async function readLabels(file: string): Promise<(string | undefined)[]> {
  const bytes = await readBytes(file);
  return parseLabels(new TextDecoder().decode(bytes), file);
}
