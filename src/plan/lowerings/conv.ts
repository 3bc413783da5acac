// Conv and Gemm → one of four kernels: depthwise, pointwise, dense (one pixel) or the general convolution.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import { clustersOf } from "../cost.ts";
import { tapDepth } from "../kernels.ts";
import type { Lowering } from "../lower.ts";
import { align, imageFields, planesOf } from "../place.ts";
import { isStrassen, strassenScratch } from "../strassen.ts";
import { gatheredStrip, panelsTogether, pointwiseStrip, shouldGather, strassenStrip, winogradStrip } from "../strips.ts";
import { winogradBlocks, winogradScratch, winogradTiles } from "../winograd.ts";
import { activationFields } from "./activation.ts";
import { windowFields } from "./window.ts";

export function conv(node: NodeOf<"Conv">, lowering: Lowering): void {
  const { kernelShape, strides, pads, group } = node.attributes;
  const [kernelHeight, kernelWidth] = kernelShape;
  const src = lowering.place(node.inputs[0]);
  const weight = lowering.parameter(node.inputs[1], "weight");
  const biasName = node.inputs[2] ? lowering.parameter(node.inputs[2], "bias") : undefined;
  const scale = node.inputs[3] ? lowering.parameter(node.inputs[3], "scale") : undefined;
  const residual = node.inputs[4] ? lowering.place(node.inputs[4]) : undefined;
  const factors = node.inputs[5] ? lowering.place(node.inputs[5]) : undefined;
  const dst = lowering.define(node.output);
  const [batch, channels] = src.dims;
  const [, dstChannels, dstHeight, dstWidth] = dst.dims;
  const taps = kernelHeight * kernelWidth;
  const pixels = dstHeight * dstWidth;
  const inputsOfGroup = channels / group;
  const common = {
    src,
    src2: residual,
    dst,
    bias: lowering.packer.vector(biasName, dstChannels),
    factors,
    addends: node.inputs[6] ? lowering.packer.vector(lowering.parameter(node.inputs[6], "addends"), channels) : undefined,
    multiplyAdds: batch * dstChannels * pixels * taps * inputsOfGroup,
    inPlace: residual === undefined ? [] : [residual],
  };
  const window = windowFields(node.attributes);
  const fields = {
    ...activationFields(node.attributes.activation),
    ...imageFields(src, dst),
    src2Pitch: residual?.pitch ?? 0,
    ...window,
  };

  if (group === channels && group === dstChannels && group > 1) {
    const weights = lowering.packer.filters(weight, scale, channels, kernelHeight, kernelWidth);
    lowering.emit({ ...common, opcode: Opcode.depthwise, weights, fields: { ...fields, group } });
    return;
  }

  const { clusters, groupsPerCluster, inputs, outputs } = clustersOf(group, channels, dstChannels);
  const plain = taps === 1 && pads.every((pad) => pad === 0) && strides.every((stride) => stride === 1);
  const { inputActivation } = node.attributes;
  const mode = inputActivation === undefined ? 0 : 1;
  const isFar = shouldGather(planesOf(inputs), src.pitch, outputs);
  // Factors alone can go into the weights, where those are fewer than the pixels.
  const scales = factors !== undefined && common.addends === undefined && inputActivation === undefined && outputs < pixels;
  const gathers = !plain || (factors !== undefined && !scales) || (pixels === 1 ? clusters > 1 : isFar);
  const opcode = gathers ? Opcode.conv : pixels === 1 ? Opcode.dense : Opcode.pointwise;
  const depth = opcode === Opcode.conv ? tapDepth(inputs, pixels) : inputs;
  const shape = {
    clusters,
    groupsPerCluster,
    outputs,
    inputs,
    depth,
    kernelHeight,
    kernelWidth,
    outputStride: inputsOfGroup * taps * 4,
    inputStride: taps * 4,
  };
  const products = lowering.winograd.get(node.output);
  if (products !== undefined) {
    const tiled = { ...window, products };
    const blocks = winogradBlocks(window, inputs);
    const strip = winogradStrip(winogradTiles(tiled, dstHeight, dstWidth), blocks, products);
    const panels = panelsTogether(strip, blocks * 4, outputs, lowering.threads);
    const { strideHeight, strideWidth } = window;
    const transformed = { strideHeight, strideWidth, products, panels };
    const weights = lowering.packer.winogradPanels(weight, scale, { ...shape, depth: inputs }, transformed);
    const scratchBytes = winogradScratch(products, blocks, strip, panels);
    lowering.emit({
      ...common,
      opcode: Opcode.winograd,
      weights,
      scratchBytes,
      fields: { ...fields, group: clusters, strip, products, panels },
    });
    return;
  }
  const weights = lowering.packer.panels(weight, scale, shape);
  const seen = taps * inputs;
  if (!lowering.small && clusters === 1 && inputs % 4 === 0 && isStrassen(seen, outputs, pixels)) {
    const strip = strassenStrip(pixels, seen);
    const gathersFirst = !plain || factors !== undefined || isFar;
    const scratchBytes = strassenScratch(seen, strip, gathersFirst);
    const more = { group: 1, strip, mode, gathers: gathersFirst ? 1 : 0 };
    lowering.emit({ ...common, opcode: Opcode.strassen, weights, scratchBytes, fields: { ...fields, ...more } });
    return;
  }
  if (opcode !== Opcode.conv) {
    const strip = pointwiseStrip(pixels, align(inputs, 4) * 4, weights.bytes / clusters);
    const scratchBytes = factors === undefined ? 0 : weights.bytes;
    lowering.emit({ ...common, opcode, weights, scratchBytes, fields: { ...fields, group: clusters, strip } });
    return;
  }
  const pixelBytes = taps * align(inputs, 4) * 4;
  const strip = (plain ? pointwiseStrip : gatheredStrip)(pixels, pixelBytes, weights.bytes / clusters);
  const scratchBytes = strip * pixelBytes;
  lowering.emit({ ...common, opcode, weights, scratchBytes, fields: { ...fields, group: clusters, strip, mode } });
}

export function gemm(node: NodeOf<"Gemm">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const weight = lowering.parameter(node.inputs[1], "weight");
  const biasName = node.inputs[2] ? lowering.parameter(node.inputs[2], "bias") : undefined;
  const dst = lowering.define(node.output);
  const [batch, inputs] = src.dims;
  const outputs = dst.dims[1];
  const { transB, activation } = node.attributes;
  lowering.emit({
    opcode: Opcode.dense,
    src,
    dst,
    weights: lowering.packer.panels(weight, undefined, {
      clusters: 1,
      groupsPerCluster: 1,
      outputs,
      inputs,
      depth: inputs,
      kernelHeight: 1,
      kernelWidth: 1,
      outputStride: transB ? inputs * 4 : 4,
      inputStride: transB ? 4 : outputs * 4,
    }),
    bias: lowering.packer.vector(biasName, outputs),
    multiplyAdds: batch * inputs * outputs,
    fields: { ...activationFields(activation), ...imageFields(src, dst) },
  });
}
