// The cost model: which convolutions are computed by Winograd's F(m×m,r×r), from their shapes alone. Algorithms that round
// differently must be chosen so, and never by timing: a plan is a pure function of graph and options.
import { OptionError } from "../errors.ts";
import type { Graph, NodeOf, ValueType } from "../graph/graph.ts";
import type { ConvAttributes } from "../graph/operators.ts";
import { type Matrices, matricesOf } from "./groups.ts";
import { windowFields } from "./lowerings/window.ts";
import { type ImageDims, imageDims, planesOf } from "./place.ts";
import { columnsCost, GATHER_COST, gatheredStrip, LARGE_WEIGHTS, tiledPixels, winogradStrip } from "./strips.ts";
import {
  canBeInRun,
  type WinogradForm,
  winogradBlocks,
  winogradChoices,
  winogradProducts,
  winogradTaps,
  winogradTiles,
  winogradTransforms,
} from "./winograd.ts";

/**
 * How much memory the weights may take: "fast", as much as speed wants; "small", no more than they have to; or how many bytes
 * more than that. Only Winograd's transformed weights, 1.4 to 5.4 times as large as plain ones, are a matter of choice; where there is no
 * room for them, runs transform those of most 3×3 windows of stride 1 themselves. With "small" there is no Strassen's algorithm, which
 * wants scratch.
 */
export type MemoryChoice = "fast" | "small" | number;

/** Vector operations that it costs to have a vector of large weights come from far away. */
const WEIGHT_COST = 4;

/** What a choice must save of the operations of the one before, whose weights take less memory. */
const LEAST_SHARE = 0.02;

/**
 * Vector operations for each vector of a product's weights that a run transforms: some 110 cycles of an Intel for 36 of them, as long as
 * they come from the second-level cache.
 */
const TRANSFORM_COST = 7;

/** A way to compute a convolution: by Winograd with so many products a tile, or directly. */
interface Choice {
  readonly form: WinogradForm | undefined;
  /** Of the weights. */
  readonly bytes: number;
  /** Vector operations. */
  readonly cost: number;
}

function choiceOf(
  { inputs, outputs, count }: Matrices,
  attributes: ConvAttributes,
  [batch, , height, width]: ImageDims,
  form: WinogradForm | undefined,
): Choice {
  const window = windowFields(attributes);
  const planes = planesOf(outputs);
  const taps = window.kernelHeight * window.kernelWidth;
  const bytesOf = (matrices: number) => count * matrices * inputs * planes * 16;
  /** Of so many products of matrices for so many pixels or tiles, a strip of them at a time; `others` for each of these. */
  const choice = (matrices: number, columns: number, strip: number, others: number): Choice => {
    const bytes = bytesOf(form?.inRun ? taps : matrices);
    const each = form?.inRun ? TRANSFORM_COST : bytes > LARGE_WEIGHTS ? WEIGHT_COST : 0;
    // The mean of both builds: only the relaxed one has long tiles, and minds short ones.
    const computed = (tiledPixels(columns) + columnsCost(columns, strip)) / 2;
    const operations = matrices * inputs * planes * (computed * 2 + Math.ceil(columns / strip) * each) + columns * others;
    return { form, bytes, cost: batch * count * operations };
  };
  const blocks = planesOf(inputs);
  if (form === undefined) {
    const pixels = height * width;
    const strip = gatheredStrip(pixels, taps * blocks * 16, bytesOf(taps));
    return choice(taps, pixels, strip, taps * blocks * GATHER_COST);
  }
  const { products } = form;
  const tiled = { ...window, products };
  const tiles = winogradTiles(tiled, height, width);
  const { input, output } = winogradTransforms(tiled);
  const strip = winogradStrip(tiles, winogradBlocks(tiled, inputs), products);
  return choice(winogradProducts(tiled), tiles, strip, blocks * input + planes * output);
}

function couldBeWinograd({ attributes, inputs }: NodeOf<"Conv">, values: ReadonlyMap<string, ValueType>): boolean {
  const { kernelShape, strides, dilations, pads, group } = attributes;
  const channels = values.get(inputs[0])!.dims[1];
  const isDepthwise = group > 1 && group === channels;
  const [taps, ...others] = [0, 1].map((axis) => winogradTaps(kernelShape[axis], strides[axis]));
  const fits = taps >= 2 && taps <= 5 && others.every((n) => n === taps) && strides[0] === strides[1];
  const wholeBlocks = strides[0] === 1 || channels % (4 * group) === 0 || channels < 4;
  const padded = pads.every((pad, i) => pad < kernelShape[i % 2]);
  return fits && wholeBlocks && padded && dilations.every((n) => n === 1) && !isDepthwise;
}

const gainOf = (from: Choice, to: Choice): number => (from.cost - to.cost) / (to.bytes - from.bytes);

/** From the direct convolution on, each choice that costs a share less for more bytes than the last, by falling gain for a byte. */
function upgradesOf([direct, ...choices]: readonly Choice[]) {
  const taken = [direct];
  for (const choice of choices) {
    if (choice.cost > (1 - LEAST_SHARE) * taken.at(-1)!.cost) continue;
    while (taken.length > 1 && gainOf(taken.at(-2)!, choice) >= gainOf(taken.at(-2)!, taken.at(-1)!)) taken.pop();
    taken.push(choice);
  }
  return taken.slice(1).map((to, i) => {
    const from = taken[i];
    return { from: from.form, to: to.form!, bytes: to.bytes - from.bytes, gain: gainOf(from, to) };
  });
}

/**
 * The results of the convolutions that go by Winograd, and how: those that gain most for a byte, as far as the memory goes. Where that
 * is bounded, runs may transform weights.
 * @throws OptionError where `memory` is neither of the two words nor a number of bytes
 */
export function chooseWinograd(
  graph: Graph,
  values: ReadonlyMap<string, ValueType>,
  memory: MemoryChoice = "fast",
): ReadonlyMap<string, WinogradForm> {
  if (memory !== "fast" && memory !== "small" && !(typeof memory === "number" && memory >= 0)) {
    throw new OptionError(`memory is ${JSON.stringify(memory)}`, 'use "fast", "small" or a number of bytes');
  }
  let left = memory === "fast" ? Number.POSITIVE_INFINITY : memory === "small" ? 0 : memory;
  const candidates = graph.nodes.flatMap((node) => {
    if (node.op !== "Conv" || !couldBeWinograd(node, values)) return [];
    const dst = imageDims(values.get(node.output)!.dims)!;
    const matrices = matricesOf(node.attributes.group, values.get(node.inputs[0])!.dims[1], dst[1]);
    const { kernelShape, strides } = node.attributes;
    const taps = winogradTaps(kernelShape[0], strides[0]);
    const forms = winogradChoices(taps).map((products) => ({ products, inRun: false }));
    const inRun = forms.filter(({ products }) => memory !== "fast" && canBeInRun({ products, strideHeight: strides[0] }));
    const choices = [undefined, ...inRun.map((form) => ({ ...form, inRun: true })), ...forms].map((form) =>
      matrices
        .map((of) => choiceOf(of, node.attributes, dst, form))
        .reduce((a, b) => ({ form, bytes: a.bytes + b.bytes, cost: a.cost + b.cost })),
    );
    return upgradesOf(choices).map((upgrade) => ({ output: node.output, ...upgrade }));
  });
  const chosen = new Map<string, WinogradForm>();
  for (const { output, from, to, bytes } of candidates.sort((a, b) => b.gain - a.gain)) {
    if (bytes > left || chosen.get(output) !== from) continue;
    left -= bytes;
    chosen.set(output, to);
  }
  return chosen;
}
