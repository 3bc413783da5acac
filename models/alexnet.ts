// AlexNet (Krizhevsky, Sutskever and Hinton, NIPS 2012): five convolutions, three fully connected layers, overlapping pools.
//
//                            parameters   multiply-adds
//   alexnet                  60,965,224      724 M at 227²   two columns (groups of 2) and LRN
//   alexnet_ungrouped        62,378,344     1135 M at 227²   the same in one column: every convolution reads all channels
//   alexnet_one_column       61,100,840      714 M at 224²   "One weird trick", Krizhevsky, arXiv:1404.5997
//
// The 2012 paper says 224², from which its 55×55 after the first convolution do not follow; those of 227² do, and Caffe's
// weights were trained so. As in the paper, LRN (k = 2, n = 5, α = 1e-4, β = 0.75) comes before the pool; Caffe's k is 1.
// The paper multiplies the sum of squares by α, ONNX by α / n.
//
// The one-column form is torchvision's, with its parameter names and without LRN; the 2012 form follows them.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface AlexNetConfig {
  form?: "2012" | "one-column";
  /** Groups of the second, fourth and fifth convolution in the 2012 form: the GPUs it was trained on. */
  columns?: 1 | 2;
  /** Local response normalisation after the first two convolutions of the 2012 form. */
  lrn?: boolean;
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels; 227 for the 2012 form, 224 for the other. */
  resolution?: number;
}

/** Channels of the five convolutions. */
const forms = {
  "2012": { channels: [96, 256, 384, 384, 256], stemPad: 0, resolution: 227 },
  "one-column": { channels: [64, 192, 384, 256, 256], stemPad: 2, resolution: 224 },
} as const;

/** Kernel, stride and pad of each convolution; whether it is split into columns, and whether a pool follows. */
const layers = [
  { kernel: 11, stride: 4, split: false, pool: true },
  { kernel: 5, pad: 2, split: true, pool: true },
  { kernel: 3, pad: 1, split: false, pool: false },
  { kernel: 3, pad: 1, split: true, pool: false },
  { kernel: 3, pad: 1, split: true, pool: true },
] as const;

/** How many of the convolutions LRN follows. */
const NORMALISED = 2;

const LRN = { size: 5, alpha: 5e-4, beta: 0.75, bias: 2 };

/** Channels of the two hidden fully connected layers. */
const HIDDEN = 4096;

/**
 * Builds an AlexNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const alexnet = family((config: AlexNetConfig): Graph => {
  const form = config.form ?? "2012";
  const original = form === "2012";
  const settings = {
    columns: original ? 2 : 1,
    lrn: original,
    width: 1,
    classes: 1000,
    resolution: forms[form]?.resolution,
    ...config,
    form,
  };
  const { demand, counts, positive, oneOf } = checker("alexnet", settings);
  oneOf("form", Object.keys(forms));
  demand("columns", settings.columns === 1 || (original && settings.columns === 2), original ? "1 or 2" : "1 in this form");
  demand("lrn", settings.lrn === false || (original && settings.lrn === true), original ? "true or false" : "false in this form");
  positive("width");
  counts("classes", "resolution");
  const { columns, lrn, width, classes, resolution } = settings;
  const { channels, stemPad } = forms[form];
  /** Whole columns. */
  const scaled = (count: number) => Math.max(1, Math.round((count * width) / columns)) * columns;

  const b = new GraphBuilder(`alexnet_${form}`);
  let x = b.input("input", [1, 3, resolution, resolution]);
  let index = 0;
  const next = () => `features.${index++}`;
  layers.forEach(({ split, pool, ...layer }, i) => {
    const group = split ? columns : 1;
    x = b.conv(next(), x, { pad: stemPad, ...layer, outChannels: scaled(channels[i]), group });
    x = b.relu(next(), x);
    if (lrn && i < NORMALISED) x = b.node("LRN", `norm${i + 1}`, [x], LRN);
    if (pool) x = b.maxPool(next(), x, { kernel: 3, stride: 2 });
  });
  x = b.flatten("flatten", x);
  for (const i of [1, 4]) x = b.relu(`classifier.${i + 1}`, b.linear(`classifier.${i}`, x, scaled(HIDDEN)));
  return b.build({ output: b.linear("classifier.6", x, classes) });
});
