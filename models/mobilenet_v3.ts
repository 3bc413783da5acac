// MobileNet v3 (Howard et al., arXiv:1905.02244): v2's inverted residuals, whose channels a search chose one by one, with
// squeeze-and-excitation in some, hard-swish in the deeper ones, and a head that pools before its widest layer.
//
//                              parameters   multiply-adds at 224²
//   mobilenet_v3_large          5,483,032      217 M
//   mobilenet_v3_large_0.75     3,993,528      155 M
//   mobilenet_v3_small          2,542,856       57 M
//   mobilenet_v3_small_0.75     2,041,872       43 M
//
// Parameter names, pads (as wide as half the window), the rounding of channels and of squeezed channels to multiples of 8,
// and ε are torchvision's, so its weights, which are all of α = 1, load. Other widths are the paper's (4.0 M and 155 M for
// large_0.75): a block expands by the ratio that the table's channels have, and the head keeps its width; torchvision scales
// the expanded channels and the head by α instead.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import type { Activation } from "../src/graph/operators.ts";
import { checker, roundChannels } from "./config.ts";
import { family } from "./family.ts";
import { squeezeExcite } from "./squeeze_excite.ts";

export interface MobileNetV3Config {
  /** Which of the two published networks. */
  variant?: keyof typeof variants;
  /** Width multiplier. The head is never narrowed. */
  alpha?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

const RELU: Activation = { op: "Relu" };
const SWISH: Activation = { op: "HardSwish" };

/** The paper's tables 1 and 2: kernel, expanded and output channels, squeeze-and-excitation, nonlinearity, stride. */
const variants = {
  large: {
    blocks: [
      { kernel: 3, expand: 16, channels: 16, excite: false, activation: RELU, stride: 1 },
      { kernel: 3, expand: 64, channels: 24, excite: false, activation: RELU, stride: 2 },
      { kernel: 3, expand: 72, channels: 24, excite: false, activation: RELU, stride: 1 },
      { kernel: 5, expand: 72, channels: 40, excite: true, activation: RELU, stride: 2 },
      { kernel: 5, expand: 120, channels: 40, excite: true, activation: RELU, stride: 1 },
      { kernel: 5, expand: 120, channels: 40, excite: true, activation: RELU, stride: 1 },
      { kernel: 3, expand: 240, channels: 80, excite: false, activation: SWISH, stride: 2 },
      { kernel: 3, expand: 200, channels: 80, excite: false, activation: SWISH, stride: 1 },
      { kernel: 3, expand: 184, channels: 80, excite: false, activation: SWISH, stride: 1 },
      { kernel: 3, expand: 184, channels: 80, excite: false, activation: SWISH, stride: 1 },
      { kernel: 3, expand: 480, channels: 112, excite: true, activation: SWISH, stride: 1 },
      { kernel: 3, expand: 672, channels: 112, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 672, channels: 160, excite: true, activation: SWISH, stride: 2 },
      { kernel: 5, expand: 960, channels: 160, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 960, channels: 160, excite: true, activation: SWISH, stride: 1 },
    ],
    head: 1280,
  },
  small: {
    blocks: [
      { kernel: 3, expand: 16, channels: 16, excite: true, activation: RELU, stride: 2 },
      { kernel: 3, expand: 72, channels: 24, excite: false, activation: RELU, stride: 2 },
      { kernel: 3, expand: 88, channels: 24, excite: false, activation: RELU, stride: 1 },
      { kernel: 5, expand: 96, channels: 40, excite: true, activation: SWISH, stride: 2 },
      { kernel: 5, expand: 240, channels: 40, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 240, channels: 40, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 120, channels: 48, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 144, channels: 48, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 288, channels: 96, excite: true, activation: SWISH, stride: 2 },
      { kernel: 5, expand: 576, channels: 96, excite: true, activation: SWISH, stride: 1 },
      { kernel: 5, expand: 576, channels: 96, excite: true, activation: SWISH, stride: 1 },
    ],
    head: 1024,
  },
} as const;

/** Channels of the first convolution. */
const STEM = 16;

/** Channels of the last convolution for each of the last block's. */
const LAST = 6;

/** Squeezed channels, as a part of the expanded ones. */
const SQUEEZE = 1 / 4;

const EPSILON = 1e-3;

interface Layer {
  outChannels: number;
  kernel: number;
  stride?: number;
  group?: number;
}

/**
 * Builds a MobileNet v3: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const mobilenetV3 = family((config: MobileNetV3Config): Graph => {
  const settings = { variant: "large" as const, alpha: 1, resolution: 224, classes: 1000, ...config };
  const { counts, positive, oneOf } = checker("mobilenet_v3", settings);
  oneOf("variant", Object.keys(variants));
  counts("resolution", "classes");
  positive("alpha");
  const { variant, alpha, resolution, classes } = settings;
  const { blocks, head } = variants[variant];
  const scaled = (channels: number) => roundChannels(channels * alpha);

  const b = new GraphBuilder(`mobilenet_v3_${variant}`);
  const convNorm = (name: string, x: ValueInfo, layer: Layer): ValueInfo =>
    b.batchNorm(`${name}.1`, b.conv(`${name}.0`, x, { ...layer, pad: layer.kernel >> 1, bias: false }), EPSILON);
  const layer = (name: string, x: ValueInfo, activation: Activation, options: Layer): ValueInfo =>
    b.activation(`${name}.2`, convNorm(name, x, options), activation);

  const block = (name: string, x: ValueInfo, shape: Block, nominal: number): ValueInfo => {
    const { kernel, expand, channels, excite, activation, stride } = shape;
    const inner = roundChannels((x.dims[1] * expand) / nominal);
    const outChannels = scaled(channels);
    let part = 0;
    const next = () => `${name}.block.${part++}`;
    let y = inner === x.dims[1] ? x : layer(next(), x, activation, { outChannels: inner, kernel: 1 });
    y = layer(next(), y, activation, { outChannels: inner, kernel, stride, group: inner });
    if (excite) {
      const squeezed = roundChannels(Math.floor(inner * SQUEEZE));
      y = squeezeExcite(b, next(), y, squeezed, RELU, { op: "HardSigmoid", alpha: 1 / 6, beta: 0.5 });
    }
    y = convNorm(next(), y, { outChannels, kernel: 1 });
    return stride === 1 && x.dims[1] === outChannels ? b.add(`${name}.add`, y, x) : y;
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  let index = 0;
  const next = () => `features.${index++}`;
  x = layer(next(), x, SWISH, { outChannels: scaled(STEM), kernel: 3, stride: 2 });
  blocks.forEach((shape, i) => {
    x = block(next(), x, shape, blocks[i - 1]?.channels ?? STEM);
  });
  x = layer(next(), x, SWISH, { outChannels: LAST * x.dims[1], kernel: 1 });
  x = b.linear("classifier.0", b.flatten("flatten", b.globalAveragePool("avgpool", x)), head);
  return b.build({ output: b.linear("classifier.3", b.activation("classifier.1", x, SWISH), classes) });
});

type Block = (typeof variants)[keyof typeof variants]["blocks"][number];
