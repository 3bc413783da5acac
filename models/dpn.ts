// Dual path networks (Chen et al., arXiv:1707.01629): what a block computes is partly added to a residual path, as in
// ResNeXt, and partly joined to a path that grows, as in DenseNet. Normalisation and activation come before each convolution.
//
//              parameters   multiply-adds at 224²
//   dpn68      12,611,602      2.33 G
//   dpn92      37,668,392      6.50 G    the paper says 37.8 M, which counts normalisations' statistics too; 6.5 G
//   dpn98      61,570,728     11.67 G    61.7 M, 11.7 G
//   dpn131     79,254,504     16.01 G    79.5 M, 16.0 G
//   dpn107     86,917,800     18.30 G    published with the authors' code
//
// Parameter names are those of the PyTorch ports (timm, Cadene), whose weights were converted from the authors'. As there, the
// classifier is a 1×1 convolution, and ELU follows the last normalisation.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface DpnConfig {
  /** A published network. */
  variant?: keyof typeof variants;
  /** Groups of the 3×3 convolutions (G). */
  groups?: number;
  /** Channels that each block of a stage adds to the growing path (k), for the four stages. */
  increments?: readonly number[];
  /** Blocks of the four stages. */
  blocks?: readonly number[];
  /** Channels of every group, residual path and increment, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
}

/**
 * The paper's table 1: kernel and channels of the stem, channels of the first stage's 3×3 convolutions, their groups, channels
 * of the first stage's residual path, blocks, and increments of the growing path.
 */
const variants = {
  68: { kernel: 3, stem: 10, inner: 128, groups: 32, residual: 64, blocks: [3, 4, 12, 3], increments: [16, 32, 32, 64] },
  92: { kernel: 7, stem: 64, inner: 96, groups: 32, residual: 256, blocks: [3, 4, 20, 3], increments: [16, 32, 24, 128] },
  98: { kernel: 7, stem: 96, inner: 160, groups: 40, residual: 256, blocks: [3, 6, 20, 3], increments: [16, 32, 32, 128] },
  131: { kernel: 7, stem: 128, inner: 160, groups: 40, residual: 256, blocks: [4, 8, 28, 3], increments: [16, 32, 32, 128] },
  107: { kernel: 7, stem: 128, inner: 200, groups: 50, residual: 256, blocks: [4, 8, 20, 3], increments: [20, 64, 64, 128] },
} as const;

/** Of the published weights' batch normalisations. */
const EPSILON = 1e-3;

/** The two paths. */
interface Paths {
  readonly residual: ValueInfo;
  readonly dense: ValueInfo;
}

/**
 * Builds a dual path network: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const dpn = family((config: DpnConfig): Graph => {
  const variant = config.variant ?? 92;
  const published = variants[variant];
  const { groups: usual, increments: usualIncrements, blocks: usualBlocks } = published ?? variants[92];
  const settings = {
    groups: usual,
    increments: usualIncrements,
    blocks: usualBlocks,
    width: 1,
    classes: 1000,
    resolution: 224,
    ...config,
    variant,
  };
  const { demand, counts, positive, oneOf } = checker("dpn", settings);
  oneOf("variant", Object.keys(variants).map(Number));
  counts("groups", "classes", "resolution");
  positive("width");
  const { groups, increments, blocks, width, classes, resolution } = settings;
  const four = (list: readonly number[]) =>
    Array.isArray(list) && list.length === 4 && list.every((n) => Number.isSafeInteger(n) && n >= 1);
  demand("increments", four(increments), "four whole numbers ≥ 1");
  demand("blocks", four(blocks), "four whole numbers ≥ 1");
  const scaled = (channels: number) => Math.max(1, Math.round(channels * width));
  /** Whole groups. */
  const inner = groups * scaled(published.inner / published.groups);

  const b = new GraphBuilder(`dpn${variant}`);
  const normReluConv = (name: string, x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1) => {
    const y = b.relu(`${name}.act`, b.batchNorm(`${name}.bn`, x, EPSILON));
    return b.conv(`${name}.conv`, y, { outChannels, kernel, stride, pad: kernel >> 1, group, bias: false });
  };
  /** Channels of `x`, of which the first `count` go to the residual path. */
  const split = (name: string, x: ValueInfo, count: number): Paths => {
    return {
      residual: b.sliceChannels(`${name}.residual`, x, 0, count),
      dense: b.sliceChannels(`${name}.dense`, x, count, x.dims[1]),
    };
  };

  /** @param x the first block of a stage projects it to both paths; in others they are `paths`, joined to `x` */
  const dualPath = (name: string, x: ValueInfo, paths: Paths | undefined, stage: number, stride: number): Paths => {
    const residual = scaled(published.residual) * 2 ** stage;
    const increment = scaled(increments[stage]);
    const projection = `${name}.c1x1_w_s${stride}`;
    const { residual: carried, dense } =
      paths ?? split(projection, normReluConv(projection, x, residual + 2 * increment, 1, stride), residual);
    let y = normReluConv(`${name}.c1x1_a`, x, inner * 2 ** stage, 1);
    y = normReluConv(`${name}.c3x3_b`, y, inner * 2 ** stage, 3, stride, groups);
    const made = split(`${name}.c1x1_c`, normReluConv(`${name}.c1x1_c`, y, residual + increment, 1), residual);
    return {
      residual: b.add(`${name}.add`, carried, made.residual),
      dense: b.concat(`${name}.concat`, [dense, made.dense]),
    };
  };

  const input = b.input("input", [1, 3, resolution, resolution]);
  const { kernel, stem } = published;
  const options = { outChannels: scaled(stem), kernel, stride: 2, pad: kernel >> 1, bias: false };
  let x = b.batchNorm("features.conv1_1.bn", b.conv("features.conv1_1.conv", input, options), EPSILON);
  x = b.maxPool("features.conv1_pool", b.relu("features.conv1_1.act", x), { kernel: 3, stride: 2, pad: 1 });
  blocks.forEach((count, stage) => {
    let paths: Paths | undefined;
    for (let i = 0; i < count; ++i) {
      const name = `features.conv${stage + 2}_${i + 1}`;
      paths = dualPath(name, x, paths, stage, stage > 0 && i === 0 ? 2 : 1);
      x = b.concat(`${name}.paths`, [paths.residual, paths.dense]);
    }
  });
  x = b.activation("features.conv5_bn_ac.act", b.batchNorm("features.conv5_bn_ac.bn", x, EPSILON), { op: "Elu", alpha: 1 });
  x = b.conv("classifier", b.globalAveragePool("global_pool", x), { outChannels: classes, kernel: 1 });
  return b.build({ output: b.flatten("flatten", x) });
});
