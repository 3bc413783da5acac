// PolyNet (Zhang et al., arXiv:1611.05725): Inception-ResNet's residual blocks F, G, … combined into polynomials of operators.
//
//               parameters   multiply-adds at 331²
//   polynet     95,366,600     34.70 G   "Very deep PolyNet", 10-20-10 modules; others cite 92 M, 34.7 G
//
//   module                  computes               parameters of
//   plain                   I + F                  one block
//   poly-2, poly-3          I + F + F² (+ F³)      one block, but a last convolution and normalisations for each use
//   mpoly-2, mpoly-3        I + F + GF (+ HGF)     two (three) blocks
//   2-way, 3-way            I + F + G (+ H)        two (three) blocks
//
// An activation stands between the uses in a product, and after the sum. What blocks add is multiplied by a factor that falls
// from module to module, from 1 to 0.7, as in the authors' published network; its weights, which imgclsmob's table counts, are
// what we follow. Parameter names are those of Cadene's port of them.
import { GraphBuilder, type Size } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

/** How a module combines its blocks. */
export type PolyModule = "plain" | "poly-2" | "poly-3" | "mpoly-2" | "mpoly-3" | "2-way" | "3-way";

export interface PolyNetConfig {
  /** The modules of stages A, B and C. */
  stageA?: readonly PolyModule[];
  stageB?: readonly PolyModule[];
  stageC?: readonly PolyModule[];
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
}

/** Block uses of each module, and how they are combined. */
const modules: Readonly<Record<PolyModule, { kind: "shared" | "chain" | "ways"; uses: number }>> = {
  plain: { kind: "ways", uses: 1 },
  "poly-2": { kind: "shared", uses: 2 },
  "poly-3": { kind: "shared", uses: 3 },
  "mpoly-2": { kind: "chain", uses: 2 },
  "mpoly-3": { kind: "chain", uses: 3 },
  "2-way": { kind: "ways", uses: 2 },
  "3-way": { kind: "ways", uses: 3 },
};

/** A convolution: [height, width] of its kernel, channels. */
type Layer = readonly [kernel: readonly [number, number], channels: number];

/** Paths of the Inception-ResNet blocks A, B and C; a 1×1 convolution takes what they give back to the block's channels. */
const paths: Readonly<Record<"a" | "b" | "c", readonly (readonly Layer[])[]>> = {
  a: [
    [
      [[1, 1], 32],
      [[3, 3], 48],
      [[3, 3], 64],
    ],
    [
      [[1, 1], 32],
      [[3, 3], 32],
    ],
    [[[1, 1], 32]],
  ],
  b: [
    [
      [[1, 1], 128],
      [[1, 7], 160],
      [[7, 1], 192],
    ],
    [[[1, 1], 192]],
  ],
  c: [
    [
      [[1, 1], 192],
      [[1, 3], 224],
      [[3, 1], 256],
    ],
    [[[1, 1], 192]],
  ],
};

const repeat = (count: number, ...list: PolyModule[]): PolyModule[] => Array.from({ length: count }, () => list).flat();

/** The factors of the first and the last module's blocks. */
const FIRST_SCALE = 1;
const LAST_SCALE = 0.7;

/**
 * Builds a PolyNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const polynet = family((config: PolyNetConfig): Graph => {
  const settings = {
    stageA: repeat(10, "2-way"),
    stageB: repeat(10, "poly-3", "2-way"),
    stageC: repeat(5, "poly-3", "2-way"),
    width: 1,
    classes: 1000,
    resolution: 331,
    ...config,
  };
  const { demand, counts, positive } = checker("polynet", settings);
  for (const field of ["stageA", "stageB", "stageC"] as const) {
    const list = settings[field];
    demand(field, Array.isArray(list) && list.every((module) => Object.hasOwn(modules, module)), "a list of modules");
  }
  positive("width");
  counts("classes", "resolution");
  const { stageA, stageB, stageC, width, classes, resolution } = settings;
  const scaled = (channels: number) => Math.max(1, Math.round(channels * width));

  const b = new GraphBuilder("polynet");
  const convNorm = (name: string, x: ValueInfo, outChannels: number, kernel: Size, stride = 1, pad = true): ValueInfo => {
    const [h, w] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    const pads = pad ? ([h >> 1, w >> 1, h >> 1, w >> 1] as const) : 0;
    return b.batchNorm(`${name}.bn`, b.conv(`${name}.conv`, x, { outChannels, kernel, stride, pad: pads, bias: false }));
  };
  const conv = (name: string, x: ValueInfo, channels: number, kernel: Size, stride = 1, pad = stride === 1): ValueInfo =>
    b.relu(`${name}.relu`, convNorm(name, x, scaled(channels), kernel, stride, pad));
  /** Convolutions one after the other. */
  const chain = (name: string, x: ValueInfo, layers: readonly Layer[]): ValueInfo =>
    layers.reduce((y, [kernel, channels], i) => conv(layers.length === 1 ? name : `${name}.${i}`, y, channels, kernel), x);
  const pool = (name: string, x: ValueInfo) => b.maxPool(name, x, { kernel: 3, stride: 2 });

  /** A block with parameters of its own, before its activation. */
  const block = (name: string, x: ValueInfo, kind: keyof typeof paths): ValueInfo => {
    const parts = paths[kind].map((layers, i) => chain(`${name}.path${i}`, x, layers));
    return convNorm(`${name}.conv2d`, b.concat(`${name}.concat`, parts), x.dims[1], 1);
  };

  /** Use number `use` of a poly module's block: its paths' convolutions are the same each time. */
  const sharedBlock = (name: string, x: ValueInfo, kind: keyof typeof paths, use: number): ValueInfo => {
    const parts = paths[kind].map((layers, path) =>
      layers.reduce((y, [kernel, channels], i) => {
        const label = layers.length === 1 ? "" : `_${kernel.join("x")}`;
        const again = layers.slice(0, i).some(([other]) => other.join() === kernel.join()) ? `_${i}` : "";
        const layer = `${name}.path${path}${label}${again}`;
        const [h, w] = kernel;
        const weight =
          b.value(`${layer}.conv.weight`) ?? b.parameter(`${layer}.conv.weight`, [scaled(channels), y.dims[1], h, w]);
        const attributes = {
          kernelShape: kernel,
          strides: [1, 1],
          pads: [h >> 1, w >> 1, h >> 1, w >> 1],
          dilations: [1, 1],
          group: 1,
        } as const;
        const convolved = b.node("Conv", `${layer}.conv.${use}`, [y, weight], attributes);
        return b.relu(`${layer}.relu.${use}`, b.batchNorm(`${layer}.bn_blocks.${use}`, convolved));
      }, x),
    );
    return convNorm(`${name}.conv2d_blocks.${use}`, b.concat(`${name}.concat.${use}`, parts), x.dims[1], 1);
  };

  const polynomial = (name: string, x: ValueInfo, kind: keyof typeof paths, module: PolyModule, scale: number): ValueInfo => {
    const { kind: combination, uses } = modules[module];
    const factor = scale === 1 ? undefined : b.parameter(`${name}.scale`, [], Float32Array.of(scale));
    let sum = x;
    let from = x;
    for (let use = 0; use < uses; ++use) {
      const y = combination === "shared" ? sharedBlock(name, from, kind, use) : block(`${name}.blocks.${use}`, from, kind);
      sum = b.add(`${name}.add.${use}`, sum, factor ? b.mul(`${name}.scaled.${use}`, y, factor) : y);
      if (combination !== "ways" && use < uses - 1) from = b.relu(`${name}.relu.${use}`, y);
    }
    return b.relu(`${name}.relu`, sum);
  };

  const total = stageA.length + stageB.length + stageC.length;
  let index = 0;
  const stage = (kind: keyof typeof paths, x: ValueInfo, list: readonly PolyModule[]): ValueInfo =>
    list.reduce((y, module, i) => {
      const scale = FIRST_SCALE - ((FIRST_SCALE - LAST_SCALE) * index++) / Math.max(1, total - 1);
      return polynomial(`stage_${kind}.${i}`, y, kind, module, scale);
    }, x);

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = conv("stem.conv1.0", x, 32, 3, 2);
  x = conv("stem.conv1.1", x, 32, 3, 1, false);
  x = conv("stem.conv1.2", x, 64, 3);
  x = b.concat("stem.concat1", [pool("stem.conv1_pool_branch", x), conv("stem.conv1_branch", x, 96, 3, 2)]);
  const short = conv("stem.conv2_short.1", conv("stem.conv2_short.0", x, 64, 1), 96, 3, 1, false);
  const long = (
    [
      [1, 1],
      [7, 1],
      [1, 7],
    ] as const
  ).reduce((y, kernel, i) => conv(`stem.conv2_long.${i}`, y, 64, kernel), x);
  x = b.concat("stem.concat2", [short, conv("stem.conv2_long.3", long, 96, 3, 1, false)]);
  x = b.concat("stem.concat3", [pool("stem.conv2_pool_branch", x), conv("stem.conv2_branch", x, 192, 3, 2)]);

  x = stage("a", x, stageA);
  const beforeA = conv("reduction_a.path0.1", conv("reduction_a.path0.0", x, 256, 1), 256, 3);
  x = b.concat("reduction_a.concat", [
    conv("reduction_a.path0.2", beforeA, 384, 3, 2),
    conv("reduction_a.path1", x, 384, 3, 2),
    pool("reduction_a.path2", x),
  ]);

  x = stage("b", x, stageB);
  const beforeB = conv("reduction_b.path0.1", conv("reduction_b.path0.0", x, 256, 1), 256, 3);
  x = b.concat("reduction_b.concat", [
    conv("reduction_b.path0.2", beforeB, 256, 3, 2),
    conv("reduction_b.path1.1", conv("reduction_b.path1.0", x, 256, 1), 256, 3, 2),
    conv("reduction_b.path2.1", conv("reduction_b.path2.0", x, 256, 1), 384, 3, 2),
    pool("reduction_b.path3", x),
  ]);

  x = b.flatten("flatten", b.globalAveragePool("avg_pool", stage("c", x, stageC)));
  return b.build({ output: b.linear("last_linear", x, classes) });
});
