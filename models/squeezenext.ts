// SqueezeNext (Gholami et al., arXiv:1803.10615): a SqueezeNet with shortcuts, whose modules squeeze twice and filter with
// 1×3 and 3×1 windows in turn.
//
//                           parameters   multiply-adds at 227²
//   squeezenext23_1.0          724,056      282 M     blocks 6, 6, 8, 1
//   squeezenext23v2_1.0        738,408      282 M            4, 8, 8, 1
//   squeezenext23v3_1.0        752,760      282 M            2, 10, 8, 1
//   squeezenext23v4_1.0        865,464      282 M            2, 6, 12, 1
//   squeezenext23v5_1.0        921,816      282 M            2, 4, 14, 1
//   squeezenext23_1.5        1,511,824      546 M     one and a half times as wide
//   squeezenext23v5_1.5      1,953,616      546 M
//   squeezenext23_2.0        2,583,752      891 M     twice as wide
//   squeezenext23v5_2.0      3,366,344      891 M
//
// A block reads C channels and squeezes them to C/2, C/4, and, through a 1×3 and a 3×1 window of C/2, expands them. At 227²
// every pool and stride comes out even, and the counts are the paper's; imgclsmob, from whose implementation the parameter
// names are, runs it at 224². Deeper ones are a matter of `blocks`.
import { GraphBuilder, type Size } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import type { Pads } from "../src/graph/operators.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface SqueezeNextConfig {
  /** Which of the paper's distributions of 21 blocks over the stages; gives `blocks`. */
  variant?: keyof typeof variants;
  /** Blocks of each of the four stages. */
  blocks?: readonly number[];
  /** Multiplies the channels of every layer. */
  width?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** Blocks of each stage. The later versions move them from the first, which has the largest images, to where they cost less. */
const variants = {
  v1: [6, 6, 8, 1],
  v2: [4, 8, 8, 1],
  v3: [2, 10, 8, 1],
  v4: [2, 6, 12, 1],
  v5: [2, 4, 14, 1],
} as const;

/** Channels of the first convolution, of each stage's blocks, and of the last convolution. */
const STEM = 64;
const stageChannels = [32, 64, 128, 256];
const LAST = 128;

/**
 * Builds a SqueezeNext: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const squeezenext = family((config: SqueezeNextConfig): Graph => {
  const { variant = "v1" } = config;
  const settings = { blocks: variants[variant], width: 1, resolution: 227, classes: 1000, ...config, variant };
  const { demand, counts, positive, oneOf } = checker("squeezenext", settings);
  oneOf("variant", Object.keys(variants));
  positive("width");
  counts("resolution", "classes");
  const { blocks, width, resolution, classes } = settings;
  const whole = Array.isArray(blocks) && blocks.every((n) => Number.isSafeInteger(n) && n > 0);
  demand("blocks", whole && blocks.length === stageChannels.length, "four whole numbers ≥ 1");
  const scaled = (channels: number) => Math.max(1, Math.floor(channels * width));

  const b = new GraphBuilder("squeezenext");
  const conv = (name: string, x: ValueInfo, outChannels: number, kernel: Size, stride = 1, pad: number | Pads = 0) =>
    b.relu(`${name}.activ`, b.batchNorm(`${name}.bn`, b.conv(`${name}.conv`, x, { outChannels, kernel, stride, pad })));

  const block = (name: string, x: ValueInfo, channels: number, stride: number): ValueInfo => {
    const changes = stride > 1 || x.dims[1] > channels;
    // A block that halves the image does not squeeze at first; one that narrows squeezes twice as much.
    const divisor = stride > 1 ? 1 : x.dims[1] > channels ? 4 : 2;
    const wide = Math.max(1, Math.floor(x.dims[1] / divisor));
    const narrow = Math.max(1, Math.floor(x.dims[1] / (2 * divisor)));
    let y = conv(`${name}.conv1`, x, wide, 1, stride);
    y = conv(`${name}.conv2`, y, narrow, 1);
    y = conv(`${name}.conv3`, y, wide, [1, 3], 1, [0, 1, 0, 1]);
    y = conv(`${name}.conv4`, y, wide, [3, 1], 1, [1, 0, 1, 0]);
    y = conv(`${name}.conv5`, y, channels, 1);
    const shortcut = changes ? conv(`${name}.identity_conv`, x, channels, 1, stride) : x;
    return b.relu(`${name}.activ`, b.add(`${name}.add`, y, shortcut));
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = conv("features.init_block.conv", x, scaled(STEM), 7, 2, 1);
  x = b.maxPool("features.init_block.pool", x, { kernel: 3, stride: 2, ceilMode: true });
  stageChannels.forEach((channels, stage) => {
    for (let i = 0; i < blocks[stage]; ++i) {
      const name = `features.stage${stage + 1}.unit${i + 1}`;
      x = block(name, x, scaled(channels), stage > 0 && i === 0 ? 2 : 1);
    }
  });
  x = conv("features.final_block", x, scaled(LAST), 1);
  return b.build({ output: b.linear("output", b.flatten("flatten", b.globalAveragePool("features.final_pool", x)), classes) });
});
