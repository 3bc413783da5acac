// Conv → the kernels of convolutions: depthwise, pointwise, dense (one pixel), Winograd's, Strassen's or the general one.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { Attributes } from "../../graph/operators.ts";
import { elementCount } from "../../tensor.ts";
import { type Matrices, matricesOf } from "../groups.ts";
import { tapDepth } from "../kernels.ts";
import type { Lowering } from "../lower.ts";
import type { Packed } from "../pack.ts";
import { align, channelsOf, imageFields, Place, planesOf } from "../place.ts";
import type { LoweredStep, StepRecord } from "../step.ts";
import { isStrassen, strassenScratch } from "../strassen.ts";
import { gatheredStrip, panelsTogether, pointwiseStrip, shouldGather, strassenStrip, winogradStrip } from "../strips.ts";
import { winogradBlocks, winogradScratch, winogradTiles } from "../winograd.ts";
import { activationFields } from "./activation.ts";
import { windowFields } from "./window.ts";

/**
 * Taps of a window that gathering takes longer for than to repeat a channel's pixel. With a multiplier of 2 depthwise 3×3 windows take
 * 0.35 of the time, 2×2 windows would take 1.2 times as long.
 */
const REPEAT_COST = 4;

/** What a convolution reads and writes, but for its weights. */
type Operands = Pick<LoweredStep, "name" | "src" | "src2" | "dst" | "factors" | "addends"> & { readonly bias: Packed };

export function conv(node: NodeOf<"Conv">, lowering: Lowering): void {
  const { name, inputs, output, attributes } = node;
  const { kernelShape, group } = attributes;
  const src = lowering.place(inputs[0]);
  const weight = lowering.parameter(inputs[1], "weight");
  const biasName = inputs[2] ? lowering.parameter(inputs[2], "bias") : undefined;
  const scale = inputs[3] ? lowering.parameter(inputs[3], "scale") : undefined;
  const src2 = inputs[4] ? lowering.place(inputs[4]) : undefined;
  const factors = inputs[5] ? lowering.place(inputs[5]) : undefined;
  const dst = lowering.define(output);
  const [, channels] = src.dims;
  const [, dstChannels] = dst.dims;
  const bias = lowering.packer.vector(biasName, dstChannels);
  const addends = inputs[6] ? lowering.packer.vector(lowering.parameter(inputs[6], "addends"), channels) : undefined;
  const operands: Operands = { name, src, src2, dst, bias, factors, addends };

  const times = dstChannels / channels;
  const repeats = elementCount(kernelShape) * elementCount(dst.dims) > REPEAT_COST * elementCount(src.dims) * times;
  if (group === channels && group > 1 && (times === 1 || repeats)) {
    const repeated = times === 1 ? src : repeat(src, times, lowering);
    const weights = lowering.packer.filters(weight, scale, dstChannels, ...kernelShape);
    const { fields, ...step } = stepOf(attributes, { ...operands, src: repeated }, 1);
    lowering.emit({ ...step, opcode: Opcode.depthwise, weights, fields: { ...fields, group: dstChannels } });
    return;
  }
  const matrices = matricesOf(group, channels, dstChannels);
  for (const of of matrices) multiply(node, lowering, matrices.length === 1 ? operands : partOf(operands, of), of);
}

/** Each channel so many times, as a depthwise convolution with that multiplier reads it. */
function repeat(src: Place, times: number, lowering: Lowering): Place {
  const [batch, channels, height, width] = src.dims;
  const dst = new Place(`${src.name} (repeated)`, [batch, channels * times, height, width], "image");
  lowering.emit({
    opcode: Opcode.gatherChannels,
    src,
    dst,
    fields: { ...imageFields(src, dst), group: times, strideChannel: 1 },
  });
  return dst;
}

/** Those of some of its matrices. */
function partOf(operands: Operands, { count, inputs, outputs, firstInput, firstOutput }: Matrices): Operands {
  const { name, src, src2, dst, bias, factors, addends } = operands;
  const read = (image: Place) => channelsOf(image, firstInput, count * inputs);
  const written = (image: Place) => channelsOf(image, firstOutput, count * outputs);
  const vector = ({ offset }: Packed, first: number, channels: number) => ({
    offset: offset + first * 4,
    bytes: align(channels, 4) * 4,
  });
  return {
    name: `${name} (channels ${firstOutput}–${firstOutput + count * outputs - 1})`,
    src: read(src),
    src2: src2 && written(src2),
    dst: written(dst),
    bias: vector(bias, firstOutput, count * outputs),
    factors: factors && read(factors),
    addends: addends && vector(addends, firstInput, count * inputs),
  };
}

/** What a convolution's kernels are told alike; each of the results is a sum over so many `inputs` of each pixel. */
function stepOf(attributes: Attributes["Conv"], operands: Operands, inputs: number) {
  const { src, src2, dst } = operands;
  const { kernelShape, activation } = attributes;
  return {
    ...operands,
    multiplyAdds: elementCount(dst.dims) * elementCount(kernelShape) * inputs,
    inPlace: src2 === undefined ? [] : [src2],
    fields: {
      ...activationFields(activation),
      ...imageFields(src, dst),
      src2Pitch: src2?.pitch ?? 0,
      ...windowFields(attributes),
    },
  };
}

/** The step that multiplies what windows see by matrices of one size. */
function multiply(node: NodeOf<"Conv">, lowering: Lowering, operands: Operands, of: Matrices): void {
  const { attributes, inputs: names } = node;
  const { kernelShape, strides, pads, group, inputActivation } = attributes;
  const [kernelHeight, kernelWidth] = kernelShape;
  const weight = names[1];
  const scale = names[3] || undefined;
  const { src, dst, factors, addends } = operands;
  const { count, inputs, outputs } = of;
  const [, , dstHeight, dstWidth] = dst.dims;
  const taps = kernelHeight * kernelWidth;
  const pixels = dstHeight * dstWidth;
  const [rows, groupInputs] = lowering.valueDims(weight);
  const { fields, ...step } = stepOf(attributes, operands, groupInputs);
  const emit = (opcode: Opcode, weights: Packed, scratchBytes: number, others: StepRecord) =>
    lowering.emit({ ...step, opcode, weights, scratchBytes, fields: { ...fields, group: count, ...others } });

  const plain = taps === 1 && pads.every((pad) => pad === 0) && strides.every((stride) => stride === 1);
  const mode = inputActivation === undefined ? 0 : 1;
  const isFar = shouldGather(planesOf(inputs), src.pitch, outputs);
  // Factors alone can go into the weights, where those are fewer than the pixels.
  const scales = factors !== undefined && addends === undefined && inputActivation === undefined && outputs < pixels;
  const gathers = !plain || (factors !== undefined && !scales) || (pixels === 1 ? count > 1 : isFar);
  const opcode = gathers ? Opcode.conv : pixels === 1 ? Opcode.dense : Opcode.pointwise;
  const depth = opcode === Opcode.conv ? tapDepth(inputs, pixels) : inputs;
  const shape = {
    ...of,
    depth,
    groupInputs,
    groupOutputs: rows / group,
    kernelHeight,
    kernelWidth,
    outputStride: groupInputs * taps * 4,
    inputStride: taps * 4,
  };
  const form = lowering.winograd.get(node.output);
  if (form !== undefined) {
    const { products, inRun } = form;
    const tiled = { ...fields, products };
    const blocks = winogradBlocks(tiled, inputs);
    const strip = winogradStrip(winogradTiles(tiled, dstHeight, dstWidth), blocks, products);
    const panels = inRun ? 0 : panelsTogether(strip, blocks * 4, outputs, lowering.threads);
    const { strideHeight, strideWidth } = tiled;
    const transformed = { strideHeight, strideWidth, products, panels };
    const weights = lowering.packer.winogradPanels(weight, scale, { ...shape, depth: inputs }, transformed);
    emit(Opcode.winograd, weights, winogradScratch(products, blocks, strip, panels), { strip, products, panels });
    return;
  }
  const weights = lowering.packer.panels(weight, scale, shape);
  const seen = taps * inputs;
  if (!lowering.small && count === 1 && inputs % 4 === 0 && isStrassen(seen, outputs, pixels)) {
    const strip = strassenStrip(pixels, seen);
    const gathersFirst = !plain || factors !== undefined;
    emit(Opcode.strassen, weights, strassenScratch(seen, strip, gathersFirst), { strip, mode, gathers: gathersFirst ? 1 : 0 });
    return;
  }
  if (opcode !== Opcode.conv) {
    const strip = pointwiseStrip(pixels, align(inputs, 4) * 4, weights.bytes / count);
    emit(opcode, weights, factors === undefined ? 0 : weights.bytes, { strip });
    return;
  }
  const pixelBytes = taps * align(inputs, 4) * 4;
  const strip = (plain ? pointwiseStrip : gatheredStrip)(pixels, pixelBytes, weights.bytes / count);
  emit(opcode, weights, strip * pixelBytes, { strip, mode });
}
