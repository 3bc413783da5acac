// EfficientNet (Tan and Le, arXiv:1905.11946): inverted residuals with squeeze-and-excitation, found by search at B0, and
// scaled in depth, width and resolution together.
//
//                      parameters   multiply-adds   resolution
//   efficientnet_b0     5,288,548       0.39 G         224
//   efficientnet_b1     7,794,184       0.69 G         240
//   efficientnet_b2     9,109,994       0.99 G         260
//   efficientnet_b3    12,233,232       1.83 G         300
//   efficientnet_b4    19,341,616       4.39 G         380
//   efficientnet_b5    30,389,784      10.27 G         456
//   efficientnet_b6    43,040,704      19.07 G         528
//   efficientnet_b7    66,347,960      37.75 G         600
//   efficientnet_lite0  4,652,008       0.39 G         224
//   efficientnet_lite1  5,416,680       0.60 G         240
//   efficientnet_lite2  6,092,072       0.86 G         260
//   efficientnet_lite3  8,197,096       1.38 G         280
//   efficientnet_lite4 13,006,568       2.55 G         300
//
// Compound scaling: depth α^φ, width β^φ, resolution 224·γ^φ, with α·β²·γ² ≈ 2, so that each step of φ doubles the
// multiply-adds. The published B1–B7 (φ = ½, 1, 2, … 6) use coefficients rounded by hand, which `variant` gives; `phi`
// gives the formula's own. Parameter names, pads and rounding are torchvision's, so its weights load (which it trained at
// 288² for B2). Lite, for integer arithmetic on phones, is without squeeze-and-excitation, has ReLU6 for swish, and scales
// neither the stem, nor the head, nor the depth of the first and last stage; its names follow B's.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import type { Activation } from "../src/graph/operators.ts";
import { checker, roundChannels } from "./config.ts";
import { family } from "./family.ts";
import { squeezeExcite } from "./squeeze_excite.ts";

export interface EfficientNetConfig {
  /** A published network. */
  variant?: keyof typeof variants;
  /** Build a Lite: without squeeze-and-excitation, with ReLU6, stem and head fixed. Follows from the variant. */
  lite?: boolean;
  /** Compound coefficient φ: scales by the formula instead of the published coefficients. */
  phi?: number;
  /** Bases of depth, width and resolution for φ. */
  alpha?: number;
  beta?: number;
  gamma?: number;
  /** Multiplies the number of blocks in each stage. */
  depth?: number;
  /** Multiplies the channels of each stage. */
  width?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** Width, depth and resolution of the published networks, ε of their batch normalisations, and whether they are Lites. */
const variants = {
  b0: { width: 1.0, depth: 1.0, resolution: 224, epsilon: 1e-5, lite: false },
  b1: { width: 1.0, depth: 1.1, resolution: 240, epsilon: 1e-5, lite: false },
  b2: { width: 1.1, depth: 1.2, resolution: 260, epsilon: 1e-5, lite: false },
  b3: { width: 1.2, depth: 1.4, resolution: 300, epsilon: 1e-5, lite: false },
  b4: { width: 1.4, depth: 1.8, resolution: 380, epsilon: 1e-5, lite: false },
  b5: { width: 1.6, depth: 2.2, resolution: 456, epsilon: 1e-3, lite: false },
  b6: { width: 1.8, depth: 2.6, resolution: 528, epsilon: 1e-3, lite: false },
  b7: { width: 2.0, depth: 3.1, resolution: 600, epsilon: 1e-3, lite: false },
  lite0: { width: 1.0, depth: 1.0, resolution: 224, epsilon: 1e-3, lite: true },
  lite1: { width: 1.0, depth: 1.1, resolution: 240, epsilon: 1e-3, lite: true },
  lite2: { width: 1.1, depth: 1.2, resolution: 260, epsilon: 1e-3, lite: true },
  lite3: { width: 1.2, depth: 1.4, resolution: 280, epsilon: 1e-3, lite: true },
  lite4: { width: 1.4, depth: 1.8, resolution: 300, epsilon: 1e-3, lite: true },
};

/** The paper's table 1: expansion, kernel, stride of a stage's first block, channels, blocks. */
const stages = [
  { expand: 1, kernel: 3, stride: 1, channels: 16, blocks: 1 },
  { expand: 6, kernel: 3, stride: 2, channels: 24, blocks: 2 },
  { expand: 6, kernel: 5, stride: 2, channels: 40, blocks: 2 },
  { expand: 6, kernel: 3, stride: 2, channels: 80, blocks: 3 },
  { expand: 6, kernel: 5, stride: 1, channels: 112, blocks: 3 },
  { expand: 6, kernel: 5, stride: 2, channels: 192, blocks: 4 },
  { expand: 6, kernel: 3, stride: 1, channels: 320, blocks: 1 },
] as const;

/** Squeezed channels, as a part of those a block reads. */
const SQUEEZE = 1 / 4;

/** Channels of the first convolution. */
const STEM = 32;

/** Channels of the last convolution for each of the last stage's; a Lite's are those of B0. */
const HEAD = 4;
const LITE_HEAD = 1280;

const SWISH: Activation = { op: "Swish" };

interface Layer {
  outChannels: number;
  kernel: number;
  stride?: number;
  group?: number;
}

/**
 * Builds an EfficientNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const efficientnet = family((config: EfficientNetConfig): Graph => {
  const { variant = "b0", phi, alpha = 1.2, beta = 1.1, gamma = 1.15 } = config;
  const scaling =
    phi === undefined ? {} : { depth: alpha ** phi, width: beta ** phi, resolution: Math.round(224 * gamma ** phi) };
  const { epsilon, ...published } = variants[variant] ?? variants.b0;
  const settings = { classes: 1000, ...published, ...scaling, ...config, variant, alpha, beta, gamma };
  const { demand, counts, positive, oneOf } = checker("efficientnet", settings);
  oneOf("variant", Object.keys(variants));
  oneOf("lite", [true, false]);
  demand("phi", phi === undefined || (Number.isFinite(phi) && config.variant === undefined), "a number, without a variant");
  positive("alpha", "beta", "gamma", "depth", "width");
  counts("classes", "resolution");
  const { depth, width, resolution, classes, lite } = settings;
  const activation: Activation = lite ? { op: "Clip", min: 0, max: 6 } : SWISH;

  const b = new GraphBuilder(phi === undefined ? `efficientnet_${variant}` : "efficientnet");
  const convNorm = (name: string, x: ValueInfo, layer: Layer): ValueInfo =>
    b.batchNorm(`${name}.1`, b.conv(`${name}.0`, x, { ...layer, pad: layer.kernel >> 1, bias: false }), epsilon);
  const convNormActivation = (name: string, x: ValueInfo, layer: Layer): ValueInfo =>
    b.activation(`${name}.2`, convNorm(name, x, layer), activation);

  const block = (name: string, x: ValueInfo, { expand, kernel }: (typeof stages)[number], channels: number, stride: number) => {
    const inner = x.dims[1] * expand;
    let part = 0;
    const next = () => `${name}.block.${part++}`;
    let y = expand === 1 ? x : convNormActivation(next(), x, { outChannels: inner, kernel: 1 });
    y = convNormActivation(next(), y, { outChannels: inner, kernel, stride, group: inner });
    const squeezed = Math.max(1, Math.floor(x.dims[1] * SQUEEZE));
    if (!lite) y = squeezeExcite(b, next(), y, squeezed, SWISH, { op: "Sigmoid" });
    y = convNorm(next(), y, { outChannels: channels, kernel: 1 });
    return stride === 1 && x.dims[1] === channels ? b.add(`${name}.add`, y, x) : y;
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = convNormActivation("features.0", x, { outChannels: lite ? STEM : roundChannels(STEM * width), kernel: 3, stride: 2 });
  stages.forEach((stage, s) => {
    const channels = roundChannels(stage.channels * width);
    const fixed = lite && (s === 0 || s === stages.length - 1);
    const blocks = fixed ? stage.blocks : Math.ceil(stage.blocks * depth);
    for (let i = 0; i < blocks; ++i) x = block(`features.${s + 1}.${i}`, x, stage, channels, i === 0 ? stage.stride : 1);
  });
  x = convNormActivation(`features.${stages.length + 1}`, x, { outChannels: lite ? LITE_HEAD : HEAD * x.dims[1], kernel: 1 });
  return b.build({ output: b.linear("classifier.1", b.flatten("flatten", b.globalAveragePool("avgpool", x)), classes) });
});
