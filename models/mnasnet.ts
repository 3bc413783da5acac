// MnasNet (Tan et al., arXiv:1807.11626): inverted residuals whose kernels, expansions and repetitions a search chose, with
// the latency measured on a phone as part of what it looked for.
//
//                 parameters   multiply-adds at 224²
//   mnasnet0_5     2,218,512      104 M                 B1, without squeeze-and-excitation, at a width of α
//   mnasnet0_75    3,170,208      215 M
//   mnasnet1_0     4,383,312      314 M
//   mnasnet1_3     6,282,256      526 M
//   mnasnet_a1     3,887,038      312 M                 A1, the paper's figure 7
//
// B1's parameter names, rounding and ε are torchvision's, so its weights load; A1 has the same names, and its
// squeeze-and-excitation lies between the depthwise convolution and the last one.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker, roundChannels } from "./config.ts";
import { family } from "./family.ts";
import { squeezeExcite } from "./squeeze_excite.ts";

export interface MnasNetConfig {
  /** Which of the published networks: with squeeze-and-excitation (A1) or without (B1). */
  variant?: keyof typeof variants;
  /** Width multiplier. The last convolution is never scaled. */
  alpha?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** Expansion t, channels c, repetitions n, stride s of the first of them, kernel k; excite where a block has squeezes. */
const variants = {
  A1: [
    { t: 6, c: 24, n: 2, s: 2, k: 3, excite: false },
    { t: 3, c: 40, n: 3, s: 2, k: 5, excite: true },
    { t: 6, c: 80, n: 4, s: 2, k: 3, excite: false },
    { t: 6, c: 112, n: 2, s: 1, k: 3, excite: true },
    { t: 6, c: 160, n: 3, s: 2, k: 5, excite: true },
    { t: 6, c: 320, n: 1, s: 1, k: 3, excite: false },
  ],
  B1: [
    { t: 3, c: 24, n: 3, s: 2, k: 3, excite: false },
    { t: 3, c: 40, n: 3, s: 2, k: 5, excite: false },
    { t: 6, c: 80, n: 3, s: 2, k: 5, excite: false },
    { t: 6, c: 96, n: 2, s: 1, k: 3, excite: false },
    { t: 6, c: 192, n: 4, s: 2, k: 5, excite: false },
    { t: 6, c: 320, n: 1, s: 1, k: 3, excite: false },
  ],
} as const;

/** Channels of the first convolution, of the separable one after it, and of the last. */
const STEM = 32;
const SEPARABLE = 16;
const LAST = 1280;

/** Squeezed channels, as a part of those a block reads. */
const SQUEEZE = 1 / 4;

/**
 * Builds a MnasNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const mnasnet = family((config: MnasNetConfig): Graph => {
  const settings = { variant: "B1" as const, alpha: 1, resolution: 224, classes: 1000, ...config };
  const { counts, positive, oneOf } = checker("mnasnet", settings);
  oneOf("variant", Object.keys(variants));
  counts("resolution", "classes");
  positive("alpha");
  const { variant, alpha, resolution, classes } = settings;
  const scaled = (channels: number) => roundChannels(channels * alpha);

  const b = new GraphBuilder("mnasnet");
  /** A sequence of layers, numbered one by one: convolutions, normalisations and activations. */
  const sequence = (prefix: string) => {
    let index = 0;
    const next = () => `${prefix}.${index++}`;
    const convNorm = (x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1): ValueInfo => {
      const y = b.conv(next(), x, { outChannels, kernel, stride, pad: kernel >> 1, group, bias: false });
      return b.batchNorm(next(), y);
    };
    return {
      next,
      convNorm,
      convNormRelu: (...options: Parameters<typeof convNorm>) => {
        const y = convNorm(...options);
        return b.relu(next(), y);
      },
    };
  };

  const block = (name: string, x: ValueInfo, { t, k, excite }: Stage, outChannels: number, stride: number): ValueInfo => {
    const { convNorm, convNormRelu } = sequence(`${name}.layers`);
    const inner = x.dims[1] * t;
    let y = convNormRelu(convNormRelu(x, inner, 1), inner, k, stride, inner);
    const squeezed = Math.max(1, Math.floor(x.dims[1] * SQUEEZE));
    if (excite) y = squeezeExcite(b, `${name}.se`, y, squeezed, { op: "Relu" }, { op: "Sigmoid" });
    y = convNorm(y, outChannels, 1);
    return stride === 1 && x.dims[1] === outChannels ? b.add(`${name}.add`, y, x) : y;
  };

  const { next, convNorm, convNormRelu } = sequence("layers");
  let x = convNormRelu(b.input("input", [1, 3, resolution, resolution]), scaled(STEM), 3, 2);
  x = convNorm(convNormRelu(x, x.dims[1], 3, 1, x.dims[1]), scaled(SEPARABLE), 1);
  for (const stage of variants[variant]) {
    const name = next();
    for (let i = 0; i < stage.n; ++i) x = block(`${name}.${i}`, x, stage, scaled(stage.c), i === 0 ? stage.s : 1);
  }
  x = convNormRelu(x, LAST, 1);
  return b.build({ output: b.linear("classifier.1", b.flatten("flatten", b.globalAveragePool("pool", x)), classes) });
});

type Stage = (typeof variants)[keyof typeof variants][number];
