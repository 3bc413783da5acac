// SqueezeNet (Iandola et al., arXiv:1602.07360): fire modules squeeze the channels with 1×1 convolutions and expand
// them again with a mix of 1×1 and 3×3 ones.
//
//                    parameters   multiply-adds at 224²
//   squeezenet1_0     1,248,424      849 M    conv 7×7/2 96;  pools after conv1, fire4, fire8
//   squeezenet1_1     1,235,496      349 M    conv 3×3/2 64;  pools after conv1, fire3, fire5
//
// Fire module number i (from 0) expands to e_i = base + increment·⌊i / frequency⌋ channels, of which the proportion
// pct3x3 comes from 3×3 filters, and squeezes to SR·e_i. Parameter names are torchvision's, so its weights load.
//
// The paper's figures of 1.0 (55, 27 and 13 pixels after the pools) do not follow from its 224² input and unpadded 7×7
// convolution. We pad that as TensorFlow's SAME does, which gives exactly these; torchvision pads nothing and rounds
// the pools up instead: `{ stemPad: 0, ceilMode: true }`.
import { GraphBuilder, type Padding } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface SqueezeNetConfig {
  /** Which of the two published stems and pool positions. */
  version?: "1.0" | "1.1";
  /** Channels that the first fire module expands to (e). */
  baseExpand?: number;
  /** Channels that are added every `frequency` fire modules (incr_e). */
  expandIncrement?: number;
  frequency?: number;
  /** Proportion of expand filters that are 3×3 (pct_3x3), in (0, 1). */
  proportion3x3?: number;
  /** Squeeze channels divided by expand channels (SR), in (0, 1]. */
  squeezeRatio?: number;
  /** Shortcuts: none; around modules that keep their channels; or around all, with a 1×1 convolution where they change. */
  bypass?: "none" | "simple" | "complex";
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  /** Stop after the last fire module: output `features` instead of class logits. */
  featuresOnly?: boolean;
  /** Padding of the first convolution. */
  stemPad?: Padding;
  /** Round the pools' sizes up. */
  ceilMode?: boolean;
}

/** The published networks: first convolution, and the fire modules (by number) after which a pool follows. */
const versions = {
  "1.0": { channels: 96, kernel: 7, pad: [2, 2, 3, 3], poolAfter: [4, 8] },
  "1.1": { channels: 64, kernel: 3, pad: 0, poolAfter: [3, 5] },
} as const;

/** How many fire modules both versions have; the paper numbers them from 2, after conv1. */
const FIRST_FIRE = 2;
const LAST_FIRE = 9;

function check(config: Required<Omit<SqueezeNetConfig, "stemPad">> & Pick<SqueezeNetConfig, "stemPad">): void {
  const { demand, counts, oneOf } = checker("squeezenet", config);
  counts("baseExpand", "frequency", "classes", "resolution");
  oneOf("version", Object.keys(versions));
  demand("expandIncrement", Number.isInteger(config.expandIncrement) && config.expandIncrement >= 0, "a whole number ≥ 0");
  demand("proportion3x3", config.proportion3x3 > 0 && config.proportion3x3 < 1, "between 0 and 1");
  demand("squeezeRatio", config.squeezeRatio > 0 && config.squeezeRatio <= 1, "above 0 and at most 1");
  oneOf("bypass", ["none", "simple", "complex"]);
  oneOf("featuresOnly", [true, false]);
  oneOf("ceilMode", [true, false]);
  const pads = config.stemPad === undefined ? [] : [config.stemPad].flat();
  const whole = pads.every((pad) => Number.isInteger(pad) && pad >= 0);
  demand("stemPad", whole && [0, 1, 4].includes(pads.length), "a whole number ≥ 0, or four: above, left, below, right");
}

/**
 * Builds a SqueezeNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const squeezenet = family((config: SqueezeNetConfig): Graph => {
  const settings = {
    version: "1.1" as const,
    baseExpand: 128,
    expandIncrement: 128,
    frequency: 2,
    proportion3x3: 0.5,
    squeezeRatio: 0.125,
    bypass: "none" as const,
    classes: 1000,
    resolution: 224,
    featuresOnly: false,
    ceilMode: false,
    ...config,
  };
  check(settings);
  const { version, resolution, bypass, ceilMode } = settings;
  const stem = versions[version];
  const b = new GraphBuilder(`squeezenet${version.replace(".", "_")}`);
  // torchvision numbers everything in `features`: convolution, ReLU, pool, then fire modules and pools.
  let index = 0;
  const next = () => `features.${index++}`;
  const pool = (x: ValueInfo) => b.maxPool(next(), x, { kernel: 3, stride: 2, ceilMode });
  const convRelu = (name: string, relu: string, x: ValueInfo, outChannels: number, kernel: number, pad: Padding, stride = 1) =>
    b.relu(relu, b.conv(name, x, { outChannels, kernel, pad, stride }));

  const fire = (name: string, x: ValueInfo, i: number): ValueInfo => {
    const expand = settings.baseExpand + settings.expandIncrement * Math.floor(i / settings.frequency);
    const expand3x3 = Math.min(expand - 1, Math.max(1, Math.round(expand * settings.proportion3x3)));
    const squeeze = Math.max(1, Math.round(expand * settings.squeezeRatio));
    const part = (what: string, from: ValueInfo, channels: number, kernel: number) =>
      convRelu(`${name}.${what}`, `${name}.${what}_activation`, from, channels, kernel, kernel >> 1);
    const squeezed = part("squeeze", x, squeeze, 1);
    const joined = b.concat(`${name}.concat`, [
      part("expand1x1", squeezed, expand - expand3x3, 1),
      part("expand3x3", squeezed, expand3x3, 3),
    ]);
    if (bypass === "none") return joined;
    const sameChannels = x.dims[1] === expand;
    if (!sameChannels && bypass === "simple") return joined;
    const shortcut = sameChannels ? x : b.conv(`${name}.bypass`, x, { outChannels: expand, kernel: 1 });
    return b.add(`${name}.add`, joined, shortcut);
  };

  const input = b.input("input", [1, 3, resolution, resolution]);
  let x = convRelu(next(), next(), input, stem.channels, stem.kernel, config.stemPad ?? stem.pad, 2);
  x = pool(x);
  for (let number = FIRST_FIRE; number <= LAST_FIRE; ++number) {
    x = fire(next(), x, number - FIRST_FIRE);
    if ((stem.poolAfter as readonly number[]).includes(number)) x = pool(x);
  }
  if (settings.featuresOnly) return b.build({ features: x });
  x = convRelu("classifier.1", "classifier.2", x, settings.classes, 1, 0);
  return b.build({ output: b.flatten("flatten", b.globalAveragePool("classifier.3", x)) });
});
