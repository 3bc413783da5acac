// MobileNet v2 (Sandler et al., arXiv:1801.04381): inverted residuals. A 1×1 convolution expands the channels t-fold, a
// depthwise 3×3 filters them, and a 1×1 without activation projects them down again; shortcuts join the narrow ends.
//
//                         parameters   multiply-adds at 224²
//   mobilenet_v2           3,504,872      301 M
//   mobilenet_v2_1.4       6,108,776      582 M
//
// Parameter names, pads (1 all round) and the rounding of channels to multiples of 8 are torchvision's, so its weights
// load. imgclsmob's narrower networks do not round (`multiple: 1`) and its classifier has no bias.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker, roundChannels } from "./config.ts";
import { family } from "./family.ts";

export interface MobileNetV2Config {
  /** Width multiplier. The last convolution is never narrowed. */
  alpha?: number;
  /** Channels are rounded to multiples of this. */
  multiple?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** The paper's table 2: expansion t, channels c, repetitions n, stride s of the first of them. */
const stages = [
  { t: 1, c: 16, n: 1, s: 1 },
  { t: 6, c: 24, n: 2, s: 2 },
  { t: 6, c: 32, n: 3, s: 2 },
  { t: 6, c: 64, n: 4, s: 2 },
  { t: 6, c: 96, n: 3, s: 1 },
  { t: 6, c: 160, n: 3, s: 2 },
  { t: 6, c: 320, n: 1, s: 1 },
] as const;

/**
 * Builds a MobileNet v2: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const mobilenetV2 = family((config: MobileNetV2Config): Graph => {
  const settings = { alpha: 1, multiple: 8, resolution: 224, classes: 1000, ...config };
  const { counts, positive } = checker("mobilenet_v2", settings);
  counts("multiple", "resolution", "classes");
  positive("alpha");
  const { alpha, multiple, resolution, classes } = settings;

  const b = new GraphBuilder("mobilenet_v2");
  interface Layer {
    outChannels: number;
    kernel: number;
    stride?: number;
    group?: number;
  }
  const convNorm = (conv: string, norm: string, x: ValueInfo, layer: Layer) =>
    b.batchNorm(norm, b.conv(conv, x, { ...layer, pad: layer.kernel >> 1, bias: false }));
  const convNormRelu = (name: string, x: ValueInfo, layer: Layer) =>
    b.activation(`${name}.2`, convNorm(`${name}.0`, `${name}.1`, x, layer), { op: "Clip", min: 0, max: 6 });

  const invertedResidual = (name: string, x: ValueInfo, t: number, outChannels: number, stride: number): ValueInfo => {
    const hidden = x.dims[1] * t;
    let part = 0;
    const next = () => `${name}.conv.${part++}`;
    let y = t === 1 ? x : convNormRelu(next(), x, { outChannels: hidden, kernel: 1 });
    y = convNormRelu(next(), y, { outChannels: hidden, kernel: 3, stride, group: hidden });
    y = convNorm(next(), next(), y, { outChannels, kernel: 1 });
    return stride === 1 && x.dims[1] === outChannels ? b.add(`${name}.add`, x, y) : y;
  };

  const input = b.input("input", [1, 3, resolution, resolution]);
  let index = 0;
  const next = () => `features.${index++}`;
  let x = convNormRelu(next(), input, { outChannels: roundChannels(32 * alpha, multiple), kernel: 3, stride: 2 });
  for (const { t, c, n, s } of stages) {
    for (let i = 0; i < n; ++i) x = invertedResidual(next(), x, t, roundChannels(c * alpha, multiple), i === 0 ? s : 1);
  }
  x = convNormRelu(next(), x, { outChannels: roundChannels(1280 * Math.max(1, alpha), multiple), kernel: 1 });
  return b.build({ output: b.linear("classifier.1", b.flatten("flatten", b.globalAveragePool("pool", x)), classes) });
});
