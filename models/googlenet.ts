// GoogLeNet, Inception v1 (Szegedy et al., arXiv:1409.4842): each module looks at its input through 1×1, 3×3 and 5×5
// convolutions and a pool side by side, with 1×1 convolutions before the larger ones to keep them cheap.
//
//                  parameters   multiply-adds at 224²
//   googlenet       6,998,552      1.58 G    local response normalisation, as in the paper and Caffe
//   googlenet_bn    6,624,904      1.50 G    batch normalisation, as in torchvision
//
// The first follows Caffe's network (pools rounded up, LRN with k = 1, α = 1e-4, n = 5, β = 0.75; α is divided by n there
// as in ONNX). The second is torchvision's, which has 3×3 where the paper has 5×5, and a 2×2 pool before module 5a. Both
// have torchvision's parameter names.
//
// The auxiliary classifiers, which only training uses, are left out unless `auxiliary` is set: with them 13,378,280 parameters
// (batch normalisation: 13,004,888) and the outputs `aux1` and `aux2`, after modules 4a and 4d. They average 5×5 pixels every
// third, as in the paper; torchvision's adaptive pooling has windows of 4 pixels instead, 3 or 4 apart, which fit its weights
// as well.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface GoogLeNetConfig {
  normalisation?: "lrn" | "batch";
  /** The classifiers after modules 4a and 4d, as further outputs. */
  auxiliary?: boolean;
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
}

/** The paper's table 1: channels of 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5 and pool projection; "pool" between modules. */
const modules = [
  ["3a", 64, 96, 128, 16, 32, 32],
  ["3b", 128, 128, 192, 32, 96, 64],
  "pool3",
  ["4a", 192, 96, 208, 16, 48, 64],
  ["4b", 160, 112, 224, 24, 64, 64],
  ["4c", 128, 128, 256, 24, 64, 64],
  ["4d", 112, 144, 288, 32, 64, 64],
  ["4e", 256, 160, 320, 32, 128, 128],
  "pool4",
  ["5a", 256, 160, 320, 32, 128, 128],
  ["5b", 384, 192, 384, 48, 128, 128],
] as const;

/** The auxiliary classifiers' outputs, by the module that each follows. */
const heads: Readonly<Record<string, string>> = { "4a": "aux1", "4d": "aux2" };

const LRN = { size: 5, alpha: 1e-4, beta: 0.75, bias: 1 };

/** Of torchvision's batch normalisations. */
const EPSILON = 1e-3;

/**
 * Builds a GoogLeNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits; with auxiliary
 * classifiers also `aux1` and `aux2` [1,classes].
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const googlenet = family((config: GoogLeNetConfig): Graph => {
  const settings = { normalisation: "lrn" as const, auxiliary: false, width: 1, classes: 1000, resolution: 224, ...config };
  const { counts, positive, oneOf } = checker("googlenet", settings);
  oneOf("normalisation", ["lrn", "batch"]);
  oneOf("auxiliary", [true, false]);
  positive("width");
  counts("classes", "resolution");
  const { normalisation, auxiliary, width, classes, resolution } = settings;
  const batch = normalisation === "batch";

  const b = new GraphBuilder("googlenet");
  const scaled = (channels: number) => Math.max(1, Math.round(channels * width));
  const conv = (name: string, x: ValueInfo, channels: number, kernel: number, stride = 1): ValueInfo => {
    const y = b.conv(`${name}.conv`, x, { outChannels: scaled(channels), kernel, stride, pad: kernel >> 1, bias: !batch });
    return b.relu(`${name}.relu`, batch ? b.batchNorm(`${name}.bn`, y, EPSILON) : y);
  };
  const lrn = (name: string, x: ValueInfo) => (batch ? x : b.node("LRN", name, [x], LRN));
  const pool = (name: string, x: ValueInfo, kernel: number) => b.maxPool(name, x, { kernel, stride: 2, ceilMode: true });

  const head = (name: string, x: ValueInfo): ValueInfo => {
    const pooled = b.averagePool(`${name}.pool`, x, { kernel: 5, stride: 3 });
    const y = b.flatten(`${name}.flatten`, conv(`${name}.conv`, pooled, 128, 1));
    return b.linear(`${name}.fc2`, b.relu(`${name}.relu`, b.linear(`${name}.fc1`, y, scaled(1024))), classes);
  };

  const outputs: Record<string, ValueInfo> = {};
  let x = b.input("input", [1, 3, resolution, resolution]);
  x = lrn("norm1", pool("maxpool1", conv("conv1", x, 64, 7, 2), 3));
  x = lrn("norm2", conv("conv3", conv("conv2", x, 64, 1), 192, 3));
  x = pool("maxpool2", x, 3);
  for (const module of modules) {
    if (typeof module === "string") {
      x = pool(`max${module}`, x, batch && module === "pool4" ? 2 : 3);
      continue;
    }
    const [number, c1, reduce3, c3, reduce5, c5, projection] = module;
    const name = `inception${number}`;
    x = b.concat(`${name}.concat`, [
      conv(`${name}.branch1`, x, c1, 1),
      conv(`${name}.branch2.1`, conv(`${name}.branch2.0`, x, reduce3, 1), c3, 3),
      conv(`${name}.branch3.1`, conv(`${name}.branch3.0`, x, reduce5, 1), c5, batch ? 3 : 5),
      conv(`${name}.branch4.1`, b.maxPool(`${name}.branch4.0`, x, { kernel: 3, pad: 1 }), projection, 1),
    ]);
    if (auxiliary && number in heads) outputs[heads[number]] = head(heads[number], x);
  }
  const output = b.linear("fc", b.flatten("flatten", b.globalAveragePool("avgpool", x)), classes);
  return b.build({ output, ...outputs });
});
