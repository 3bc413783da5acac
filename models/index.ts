// Architectures: `import { squeezenet } from "minnow/models"`, and the presets that the command line knows by name.
import type { Graph } from "../src/graph/graph.ts";
import { squeezenet } from "./squeezenet.ts";

export { type SqueezeNetConfig, squeezenet } from "./squeezenet.ts";

/** Published networks by name; `classes` fits them to weights for another number of classes. */
export const presets: Readonly<Record<string, (classes?: number) => Graph>> = {
  squeezenet1_0: (classes = 1000) => squeezenet({ version: "1.0", classes }),
  squeezenet1_1: (classes = 1000) => squeezenet({ version: "1.1", classes }),
};
