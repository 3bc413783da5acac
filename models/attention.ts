// Residual Attention Network (Wang et al., arXiv:1704.06904): beside a trunk T of residual units, a mask M looks at the image
// from far off, by pools and bilinear upsampling, and says where to look: (1 + M)·T.
//
//                   parameters   multiply-adds at 224²
//   attention56     31,810,728      6.27 G   1, 1, 1 modules; the paper says 31.9 M, 6.2 G
//   attention92     52,466,344     10.53 G   1, 2, 3 modules; the paper says 51.3 M, 10.4 G
//
// With the normalisations' statistics the first has 31,883,432, which is the paper's figure; the second's does not follow from
// the model that the authors published, which has these modules and these units in each, and which we follow.
//
// Units are ResNet v2's bottlenecks. Where implementations differ we follow the authors' Caffe model: pools without padding,
// their sizes rounded up; upsampling that aligns corners; shortcuts within the mask, and no trunk added to it. The mask ends
// in the paper's sigmoid; a later form of that model has tanh. Parameter names are tengshaofeng's PyTorch port's, which has
// further shortcuts and a 1×1 convolution in every unit, used or not.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";
import { EXPANSION } from "./resnet.ts";

export interface AttentionConfig {
  /** Attention modules of the three stages (m). */
  modules?: readonly number[];
  /** Units before a module's branches part, and after they meet (p). */
  preprocessing?: number;
  /** Units of the trunk (t). */
  trunk?: number;
  /** Units between two pools of the mask (r); at its smallest size there are twice as many. */
  between?: number;
  /** Attention residual learning (1 + M)·T, or naive attention M·T. */
  learning?: "residual" | "naive";
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
}

/** How often the masks of the three stages halve the image: at 224² each ends at 7×7. */
const DEPTHS = [3, 2, 1] as const;

/** Units after the last stage. */
const LAST_UNITS = 3;

/**
 * Builds a residual attention network: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const attention = family((config: AttentionConfig): Graph => {
  const settings = {
    modules: [1, 1, 1],
    preprocessing: 1,
    trunk: 2,
    between: 1,
    learning: "residual" as const,
    width: 1,
    classes: 1000,
    resolution: 224,
    ...config,
  };
  const { demand, counts, positive, oneOf } = checker("attention", settings);
  counts("preprocessing", "trunk", "between", "classes", "resolution");
  oneOf("learning", ["residual", "naive"]);
  positive("width");
  const { modules, preprocessing, trunk, between, learning, width, classes, resolution } = settings;
  const valid = Array.isArray(modules) && modules.length === 3 && modules.every((n) => Number.isSafeInteger(n) && n >= 0);
  demand("modules", valid, "three whole numbers ≥ 0");
  const base = Math.max(1, Math.round(64 * width));

  const b = new GraphBuilder("attention");
  const normRelu = (name: string, norm: string, x: ValueInfo) =>
    b.relu(`${name}.relu_${norm}`, b.batchNorm(`${name}.${norm}`, x));
  const pool = (name: string, x: ValueInfo) => b.maxPool(name, x, { kernel: 3, stride: 2, ceilMode: true });

  /** A residual unit; its 1×1 shortcut `conv4` is there only where it changes channels or halves the image. */
  const unit = (name: string, x: ValueInfo, outChannels = x.dims[1], stride = 1): ValueInfo => {
    const inner = outChannels / EXPANSION;
    const conv = (i: number, from: ValueInfo, channels: number, kernel: number, step = 1) =>
      b.conv(`${name}.conv${i}`, from, { outChannels: channels, kernel, stride: step, pad: kernel >> 1, bias: false });
    const activated = normRelu(name, "bn1", x);
    let y = conv(1, activated, inner, 1);
    y = conv(2, normRelu(name, "bn2", y), inner, 3, stride);
    y = conv(3, normRelu(name, "bn3", y), outChannels, 1);
    const changes = stride > 1 || x.dims[1] !== outChannels;
    return b.add(`${name}.add`, y, changes ? conv(4, activated, outChannels, 1, stride) : x);
  };
  const units = (name: string, x: ValueInfo, count: number): ValueInfo => {
    if (count === 1) return unit(name, x);
    return Array.from({ length: count }, (_, i) => `${name}.${i}`).reduce((y, one) => unit(one, y), x);
  };
  const upsample = (name: string, x: ValueInfo, { dims: [, , height, width] }: ValueInfo) =>
    b.node("Resize", name, [x], {
      mode: "linear",
      coordinateTransformation: "align_corners",
      nearestMode: "round_prefer_floor",
      sizes: [height, width],
    });

  /** The mask: down `depth` halvings and up again, with a unit as shortcut at each size between, then two 1×1 convolutions. */
  const mask = (name: string, x: ValueInfo, depth: number): ValueInfo => {
    let number = 0;
    const next = () => `${name}.softmax${++number}_blocks`;
    const levels: ValueInfo[] = [];
    let y = x;
    for (let level = 1; level < depth; ++level) {
      y = units(next(), pool(`${name}.mpool${level}`, y), between);
      levels.push(y);
    }
    y = units(next(), pool(`${name}.mpool${depth}`, y), 2 * between);
    for (let level = depth - 1; level >= 1; --level) {
      const carried = unit(`${name}.skip${level}_connection_residual_block`, levels[level - 1]);
      y = b.add(`${name}.add${level}`, upsample(`${name}.interpolation${level + 1}`, y, carried), carried);
      y = units(next(), y, between);
    }
    const last = next();
    const linear = (from: ValueInfo, i: number) =>
      b.conv(`${last}.${i + 2}`, normRelu(last, `${i}`, from), { outChannels: x.dims[1], kernel: 1, bias: false });
    y = linear(linear(upsample(`${name}.interpolation1`, y, x), 0), 3);
    return b.activation(`${last}.6`, y, { op: "Sigmoid" });
  };

  const attend = (name: string, x: ValueInfo, depth: number): ValueInfo => {
    const before = units(`${name}.first_residual_blocks`, x, preprocessing);
    const trunkOutput = units(`${name}.trunk_branches`, before, trunk);
    const masked = b.mul(`${name}.masked`, trunkOutput, mask(name, before, depth));
    const y = learning === "naive" ? masked : b.add(`${name}.fusion`, masked, trunkOutput);
    return units(`${name}.last_blocks`, y, preprocessing);
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = b.conv("conv1.0", x, { outChannels: base, kernel: 7, stride: 2, pad: 3, bias: false });
  x = pool("mpool1", b.relu("conv1.2", b.batchNorm("conv1.1", x)));
  DEPTHS.forEach((depth, stage) => {
    x = unit(`residual_block${stage + 1}`, x, base * EXPANSION * 2 ** stage, stage > 0 ? 2 : 1);
    for (let i = 1; i <= modules[stage]; ++i) {
      x = attend(`attention_module${stage + 1}${i === 1 ? "" : `_${i}`}`, x, depth);
    }
  });
  for (let i = 0; i < LAST_UNITS; ++i) {
    x = unit(`residual_block${DEPTHS.length + 1 + i}`, x, base * EXPANSION * 8, i === 0 ? 2 : 1);
  }
  x = b.globalAveragePool("mpool2.2", b.relu("mpool2.1", b.batchNorm("mpool2.0", x)));
  return b.build({ output: b.linear("fc", b.flatten("flatten", x), classes) });
});
