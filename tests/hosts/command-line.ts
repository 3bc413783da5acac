// Hosts with a command line all run one example: a photo in, classes out.
import assert from "node:assert/strict";
import { dataPath, needsData } from "../data.ts";
import { workplace } from "./installed.ts";
import { output } from "./process.ts";
import { hostTest } from "./tools.ts";

/**
 * @param get gets the host's command
 * @param args come before the script
 */
export function testClassifyExample(host: string, get: () => Promise<string>, args: readonly string[] = []): void {
  if (needsData !== false) return;
  hostTest(`the example in ${host} says what is in a photo`, get, async (_, command) => {
    const folder = await workplace("examples/node/classify.js");
    const files = [
      ["models", "squeezenet1_1.onnx"],
      ["photos", "pizza.jpg"],
      ["labels", "imagenet1000.txt"],
    ] as const;
    const printed = await output(command, [...args, "classify.js", ...files.map((path) => dataPath(...path))], folder);
    assert.match(printed, /^ *\d+\.\d % {2}pizza, pizza pie\n/);
    assert.equal(printed.trim().split("\n").length, 5);
  });
}
