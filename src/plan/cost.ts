// The cost model: which convolutions are computed by Winograd's F(m×m,r×r), from their shapes alone. Algorithms that round
// differently must be chosen so, and never by timing: a plan is a pure function of graph and options.
import { OptionError } from "../errors.ts";
import type { Graph, NodeOf, ValueType } from "../graph/graph.ts";
import type { ConvAttributes } from "../graph/operators.ts";
import { windowFields } from "./lowerings/window.ts";
import { align, type ImageDims, imageDims, planesOf } from "./place.ts";
import { winogradPoints, winogradProducts, winogradSide, winogradTaps, winogradTransforms } from "./winograd.ts";

/**
 * How much memory the weights may take: "fast", as much as speed wants; "small", no more than they have to; or how many bytes
 * more than that. Only Winograd's transformed weights, up to four times as large as plain ones, are a matter of choice.
 */
export type MemoryChoice = "fast" | "small" | number;

/** A convolution's matrices: independent clusters of groups, so that channels fill whole blocks of four on both sides. */
export interface Clusters {
  readonly clusters: number;
  readonly groupsPerCluster: number;
  /** Channels of one cluster. */
  readonly inputs: number;
  readonly outputs: number;
}

/** Joins groups until their channels fill whole blocks of four, or all of them are one. */
export function clustersOf(group: number, channels: number, dstChannels: number): Clusters {
  const inputs = channels / group;
  const outputs = dstChannels / group;
  let groups = 1;
  while (group > 1 && groups < group && !(group % groups === 0 && (groups * inputs) % 4 === 0 && (groups * outputs) % 4 === 0)) {
    ++groups;
  }
  return { clusters: group / groups, groupsPerCluster: groups, inputs: inputs * groups, outputs: outputs * groups };
}

/** Vector operations that Winograd saves against gathering windows and multiplying them; negative where it costs some. */
function winogradSaves({ inputs, outputs, clusters }: Clusters, window: ConvAttributes, dst: ImageDims): number {
  const [batch, , height, width] = dst;
  const taps = window.kernelShape[0] * window.kernelShape[1];
  const tiles = align(winogradTiles(window, height, width), 4);
  const products = (count: number) => (count * inputs * planesOf(outputs) * 4) / 2;
  const direct = products(taps * height * width) + taps * height * width * planesOf(inputs) * 3;
  const fields = windowFields(window);
  const { input, output } = winogradTransforms(fields);
  const transforms = planesOf(inputs) * input + planesOf(outputs) * output;
  return batch * clusters * (direct - products(winogradProducts(fields) * tiles) - tiles * transforms);
}

/** How many tiles of results Winograd computes. */
export function winogradTiles(window: ConvAttributes, height: number, width: number): number {
  const side = winogradSide(windowFields(window));
  return Math.ceil(height / side) * Math.ceil(width / side);
}

function couldBeWinograd({ attributes, inputs }: NodeOf<"Conv">, values: ReadonlyMap<string, ValueType>): boolean {
  const { kernelShape, strides, dilations, pads, group } = attributes;
  const channels = values.get(inputs[0])!.dims[1];
  const isDepthwise = group > 1 && group === channels;
  const [taps, ...others] = [0, 1].map((axis) => winogradTaps(kernelShape[axis], strides[axis]));
  const fits = taps >= 3 && taps <= 5 && others.every((n) => n === taps) && strides[0] === strides[1];
  const wholeBlocks = strides[0] === 1 || channels % (4 * group) === 0 || channels < 4;
  const padded = pads.every((pad, i) => pad < kernelShape[i % 2]);
  return fits && wholeBlocks && padded && dilations.every((n) => n === 1) && !isDepthwise;
}

/**
 * The results of the convolutions that go by Winograd: those that gain most for a byte, as far as the memory goes.
 * @throws OptionError where `memory` is neither of the two words nor a number of bytes
 */
export function chooseWinograd(
  graph: Graph,
  values: ReadonlyMap<string, ValueType>,
  memory: MemoryChoice = "fast",
): ReadonlySet<string> {
  if (memory !== "fast" && memory !== "small" && !(typeof memory === "number" && memory >= 0)) {
    throw new OptionError(`memory is ${JSON.stringify(memory)}`, 'use "fast", "small" or a number of bytes');
  }
  let left = memory === "fast" ? Number.POSITIVE_INFINITY : memory === "small" ? 0 : memory;
  const candidates = graph.nodes.flatMap((node) => {
    if (node.op !== "Conv" || !couldBeWinograd(node, values)) return [];
    const dst = imageDims(values.get(node.output)!.dims)!;
    const shape = clustersOf(node.attributes.group, values.get(node.inputs[0])!.dims[1], dst[1]);
    const { kernelShape, strides } = node.attributes;
    const saved = winogradSaves(shape, node.attributes, dst);
    const matrices = (winogradPoints(windowFields(node.attributes)) * strides[0]) ** 2;
    const more = matrices - kernelShape[0] * kernelShape[1];
    const bytes = shape.clusters * planesOf(shape.outputs) * 16 * shape.inputs * more;
    return saved > 0 ? [{ output: node.output, bytes, gain: saved / bytes }] : [];
  });
  const chosen = new Set<string>();
  for (const { output, bytes } of candidates.sort((a, b) => b.gain - a.gain)) {
    if (bytes > left) continue;
    left -= bytes;
    chosen.add(output);
  }
  return chosen;
}
