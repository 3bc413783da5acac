// Architectures: `import { squeezenet } from "minnow/models"`, and the presets that the command line knows by name.
import { OptionError } from "../src/errors.ts";
import type { Graph } from "../src/graph/graph.ts";
import { alexnet } from "./alexnet.ts";
import { attention } from "./attention.ts";
import { densenet } from "./densenet.ts";
import { dpn } from "./dpn.ts";
import { efficientnet } from "./efficientnet.ts";
import { type AnyConfig, type AnyFamily, familyOf } from "./family.ts";
import { googlenet } from "./googlenet.ts";
import { mnasnet } from "./mnasnet.ts";
import { mobilenetV1 } from "./mobilenet_v1.ts";
import { mobilenetV2 } from "./mobilenet_v2.ts";
import { mobilenetV3 } from "./mobilenet_v3.ts";
import { configOf, nearest, parseName } from "./name.ts";
import { polynet } from "./polynet.ts";
import { pyramidnet } from "./pyramidnet.ts";
import { resnet } from "./resnet.ts";
import { resnetV2 } from "./resnet_v2.ts";
import { shufflenetV1 } from "./shufflenet_v1.ts";
import { shufflenetV2 } from "./shufflenet_v2.ts";
import { squeezenet } from "./squeezenet.ts";
import { squeezenext } from "./squeezenext.ts";
import { vgg } from "./vgg.ts";

export { type AlexNetConfig, alexnet } from "./alexnet.ts";
export { type AttentionConfig, attention } from "./attention.ts";
export type { Field } from "./config.ts";
export { type DenseNetConfig, densenet } from "./densenet.ts";
export { type DpnConfig, dpn } from "./dpn.ts";
export { type EfficientNetConfig, efficientnet } from "./efficientnet.ts";
export type { AnyConfig, AnyFamily, Family } from "./family.ts";
export { type GoogLeNetConfig, googlenet } from "./googlenet.ts";
export { type MnasNetConfig, mnasnet } from "./mnasnet.ts";
export { type MobileNetV1Config, mobilenetV1 } from "./mobilenet_v1.ts";
export { type MobileNetV2Config, mobilenetV2 } from "./mobilenet_v2.ts";
export { type MobileNetV3Config, mobilenetV3 } from "./mobilenet_v3.ts";
export { type PolyModule, type PolyNetConfig, polynet } from "./polynet.ts";
export { type PyramidNetConfig, pyramidnet } from "./pyramidnet.ts";
export { type ResNetConfig, resnet } from "./resnet.ts";
export { type ResNetV2Config, resnetV2 } from "./resnet_v2.ts";
export { type ShuffleNetV1Config, shufflenetV1 } from "./shufflenet_v1.ts";
export { type ShuffleNetV2Config, shufflenetV2 } from "./shufflenet_v2.ts";
export { type SqueezeNetConfig, squeezenet } from "./squeezenet.ts";
export { type SqueezeNextConfig, squeezenext } from "./squeezenext.ts";
export { type VggConfig, vgg } from "./vgg.ts";

/** A published network. Its number of classes fits it to weights for another. */
export interface Preset {
  (classes?: number): Graph;
  /** The family that builds it. */
  readonly family: AnyFamily;
  /** The family's configuration, with the published number of classes. */
  readonly config: AnyConfig;
}

/** A builder with its configuration, and the usual number of classes. */
function preset<Config extends { classes?: number }>(
  build: (config?: Config) => Graph,
  config: NoInfer<Config>,
  usual = 1000,
): Preset {
  const family = familyOf(build);
  const make = (classes = usual) => family({ ...config, classes });
  return Object.assign(make, { family, config: { ...config, classes: usual } });
}

/** Presets `name(value)` for each value. */
function each<Value>(values: readonly Value[], name: (value: Value) => string, of: (value: Value) => Preset) {
  return Object.fromEntries(values.map((value) => [name(value), of(value)]));
}

/** A number as names have it, with a point: 1.0, 0.75. */
const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : `${value}`);

/** Classes of CIFAR-10. */
const CIFAR = 10;

/** ResNeXts for CIFAR begin with 64 channels, and have 64 a group. */
const resnextCifar = { form: "cifar", block: "bottleneck", shortcut: "B", width: 4, baseWidth: 64 } as const;

/** VGG's configurations by the number of their layers. */
const vggs = [
  ["11", "A"],
  ["13", "B"],
  ["16", "D"],
  ["19", "E"],
] as const;

/** Published networks by name. */
export const presets: Readonly<Record<string, Preset>> = {
  squeezenet1_0: preset(squeezenet, { version: "1.0" }),
  squeezenet1_1: preset(squeezenet, { version: "1.1" }),

  ...each(
    [
      ...(["v1", "v2", "v3", "v4", "v5"] as const).map((variant) => ({ variant, width: 1 })),
      ...[1.5, 2].flatMap((width) => (["v1", "v5"] as const).map((variant) => ({ variant, width }))),
    ],
    ({ variant, width }) => `squeezenext23${variant === "v1" ? "" : variant}_${decimal(width)}`,
    (config) => preset(squeezenext, config),
  ),

  mobilenet_v1: preset(mobilenetV1, {}),
  ...each(
    [1, 0.75, 0.5, 0.25].flatMap((alpha) => [224, 192, 160, 128].map((resolution) => ({ alpha, resolution }))),
    ({ alpha, resolution }) => `mobilenet_v1_${decimal(alpha)}_${resolution}`,
    (config) => preset(mobilenetV1, config),
  ),
  mobilenet_v2: preset(mobilenetV2, {}),
  ...each(
    [1.4, 0.75, 0.5, 0.35],
    (alpha) => `mobilenet_v2_${alpha}`,
    (alpha) => preset(mobilenetV2, { alpha }),
  ),
  ...each(
    (["large", "small"] as const).flatMap((variant) => [1, 0.75].map((alpha) => ({ variant, alpha }))),
    ({ variant, alpha }) => `mobilenet_v3_${variant}${alpha === 1 ? "" : `_${alpha}`}`,
    (config) => preset(mobilenetV3, config),
  ),

  ...each(
    [0.5, 0.75, 1, 1.3],
    (alpha) => `mnasnet${decimal(alpha).replace(".", "_")}`,
    (alpha) => preset(mnasnet, { alpha }),
  ),
  mnasnet_a1: preset(mnasnet, { variant: "A1" }),

  ...each(
    [
      ...([1, 2, 3, 4, 8] as const).map((groups) => ({ groups, scale: 1 })),
      ...([1, 3] as const).flatMap((groups) => [0.75, 0.5, 0.25].map((scale) => ({ groups, scale }))),
    ],
    ({ groups, scale }) => `shufflenet_v1_g${groups}${scale === 1 ? "" : `_${scale}`}`,
    (config) => preset(shufflenetV1, config),
  ),
  ...each(
    [0.5, 1, 1.5, 2] as const,
    (scale) => `shufflenet_v2_x${decimal(scale).replace(".", "_")}`,
    (scale) => preset(shufflenetV2, { scale }),
  ),

  ...each(
    [121, 161, 169, 201, 264],
    (depth) => `densenet${depth}`,
    (depth) => preset(densenet, { depth }),
  ),
  ...each(
    [
      [40, 12],
      [100, 12],
      [100, 24],
    ],
    ([depth, growthRate]) => `densenet_${depth}_${growthRate}_cifar`,
    ([depth, growthRate]) => preset(densenet, { form: "cifar", depth, growthRate, bottleneck: false, compression: 1 }, CIFAR),
  ),
  ...each(
    [
      [40, 12],
      [100, 12],
      [250, 24],
      [190, 40],
    ],
    ([depth, growthRate]) => `densenet_bc_${depth}_${growthRate}_cifar`,
    ([depth, growthRate]) => preset(densenet, { form: "cifar", depth, growthRate }, CIFAR),
  ),

  ...each(
    [18, 34, 50, 101, 152],
    (depth) => `resnet${depth}`,
    (depth) => preset(resnet, { depth }),
  ),
  ...each(
    [50, 101],
    (depth) => `wide_resnet${depth}_2`,
    (depth) => preset(resnet, { depth, widen: 2 }),
  ),
  ...each(
    [20, 32, 44, 56, 110],
    (depth) => `resnet${depth}_cifar`,
    (depth) => preset(resnet, { form: "cifar", depth }, CIFAR),
  ),
  ...each(
    [
      [50, 32, 4],
      [101, 32, 8],
      [101, 64, 4],
    ],
    ([depth, cardinality, baseWidth]) => `resnext${depth}_${cardinality}x${baseWidth}d`,
    ([depth, cardinality, baseWidth]) => preset(resnet, { depth, cardinality, baseWidth }),
  ),
  ...each(
    [8, 16],
    (cardinality) => `resnext29_${cardinality}x64d_cifar`,
    (cardinality) => preset(resnet, { ...resnextCifar, depth: 29, cardinality }, CIFAR),
  ),
  ...each(
    [18, 34, 50, 101, 152, 200],
    (depth) => `resnet${depth}_v2`,
    (depth) => preset(resnetV2, { depth }),
  ),
  resnet110_v2_cifar: preset(resnetV2, { form: "cifar", depth: 110 }, CIFAR),
  ...each(
    [164, 1001],
    (depth) => `resnet${depth}_v2_cifar`,
    (depth) => preset(resnetV2, { form: "cifar", block: "bottleneck", depth }, CIFAR),
  ),
  ...each(
    [
      [16, 10],
      [28, 10],
      [40, 8],
    ],
    ([depth, widen]) => `wide_resnet${depth}_${widen}_cifar`,
    ([depth, widen]) => preset(resnetV2, { form: "cifar", depth, widen }, CIFAR),
  ),

  ...each(
    [
      [101, 360],
      [200, 300],
      [200, 450],
    ],
    ([depth, alpha]) => `pyramidnet${depth}_a${alpha}`,
    ([depth, alpha]) => preset(pyramidnet, { depth, alpha }),
  ),
  ...each(
    [48, 84, 270],
    (alpha) => `pyramidnet110_a${alpha}_cifar`,
    (alpha) => preset(pyramidnet, { form: "cifar", depth: 110, alpha }, CIFAR),
  ),
  ...each(
    [
      [164, 270],
      [200, 240],
      [236, 220],
      [272, 200],
    ],
    ([depth, alpha]) => `pyramidnet${depth}_bottleneck_a${alpha}_cifar`,
    ([depth, alpha]) => preset(pyramidnet, { form: "cifar", block: "bottleneck", depth, alpha }, CIFAR),
  ),

  ...each(
    [68, 92, 98, 131, 107] as const,
    (variant) => `dpn${variant}`,
    (variant) => preset(dpn, { variant }),
  ),

  polynet: preset(polynet, {}),

  attention56: preset(attention, { modules: [1, 1, 1] }),
  attention92: preset(attention, { modules: [1, 2, 3] }),

  vgg11_lrn: preset(vgg, { configuration: "A-LRN" }),
  vgg16_1x1: preset(vgg, { configuration: "C" }),
  ...each(
    vggs,
    ([layers]) => `vgg${layers}`,
    ([, configuration]) => preset(vgg, { configuration }),
  ),
  ...each(
    vggs,
    ([layers]) => `vgg${layers}_bn`,
    ([, configuration]) => preset(vgg, { configuration, batchNorm: true }),
  ),

  googlenet: preset(googlenet, { normalisation: "lrn" }),
  googlenet_bn: preset(googlenet, { normalisation: "batch" }),

  alexnet: preset(alexnet, {}),
  alexnet_ungrouped: preset(alexnet, { columns: 1 }),
  alexnet_one_column: preset(alexnet, { form: "one-column" }),

  ...each(
    ["b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7", "lite0", "lite1", "lite2", "lite3", "lite4"] as const,
    (variant) => `efficientnet_${variant}`,
    (variant) => preset(efficientnet, { variant }),
  ),
};

/** Families by name, and the presets of each, in the order of the table above. */
export function listFamilies(): ReadonlyMap<string, { family: AnyFamily; presets: readonly string[] }> {
  const families = new Map<string, { family: AnyFamily; presets: string[] }>();
  for (const [name, { family }] of Object.entries(presets)) {
    const entry = families.get(family.family);
    if (entry === undefined) families.set(family.family, { family, presets: [name] });
    else entry.presets.push(name);
  }
  return families;
}

/** What a name stands for: a family and its configuration. */
export interface Architecture {
  readonly family: AnyFamily;
  readonly config: AnyConfig;
  /** Those fields of the configuration that the name itself gives. */
  readonly given: AnyConfig;
}

/** Whether the name, or what stands before its `?`, is that of a preset or a family. */
export function isArchitectureName(name: string): boolean {
  const base = name.split("?")[0];
  return Object.hasOwn(presets, base) || listFamilies().has(base);
}

/**
 * Finds what a name stands for: a preset or a family, and where it goes on with `?`, fields of the configuration that are
 * other than the preset's: `mobilenet_v1?alpha=0.5&resolution=160`.
 * @throws OptionError where there is no such preset or family, or the query is not well formed
 */
export function findArchitecture(name: string): Architecture {
  const { base, query } = parseName(name);
  const known = Object.hasOwn(presets, base) ? presets[base] : undefined;
  const family = known?.family ?? listFamilies().get(base)?.family;
  if (family === undefined) throw new OptionError(`there is no architecture ${base}`, suggest(base));
  const given = configOf(family, query);
  return { family, config: { ...known?.config, ...given }, given };
}

/**
 * Builds an architecture by its name.
 * @param name as for {@link findArchitecture}
 * @param config fields that are other than the name says
 * @throws OptionError naming what is unknown or out of range
 */
export function architecture(name: string, config: AnyConfig = {}): Graph {
  const found = findArchitecture(name);
  return found.family({ ...found.config, ...config });
}

/** For hints: which names are like this one. */
export function suggest(name: string): string {
  const near = nearest(name, Object.keys(presets));
  const families = `there are ${[...listFamilies().keys()].join(", ")}; "minnow models" lists the presets of each`;
  return near.length === 0 ? families : `did you mean ${near.join(", ")}? ${families}`;
}
