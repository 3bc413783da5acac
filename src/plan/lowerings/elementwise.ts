// Operators that work element by element, and those that normalise over neighbours: softmax and LRN.
import { BinaryMode, Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { Activation, ActivationOperator } from "../../graph/operators.ts";
import { dimsOfRank } from "../../graph/shapes.ts";
import { affineOf } from "../../passes/fold-batch-norm.ts";
import type { Lowering } from "../lower.ts";
import { imageDims, imageFields, type Place } from "../place.ts";
import { activationFields } from "./activation.ts";
import { relayout } from "./shape.ts";

export function activation(node: NodeOf<ActivationOperator>, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const fields = { ...imageFields(src, dst), ...activationFields({ op: node.op, ...node.attributes } as Activation) };
  lowering.emit({ opcode: Opcode.activate, src, dst, fields, inPlace: [src] });
}

/** A BatchNormalization that no convolution took in: scale and shift in one pass. */
export function batchNormalization(node: NodeOf<"BatchNormalization">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const parameters = ["scale", "bias", "mean", "variance"].map((what, i) => lowering.data(node.inputs[i + 1], what));
  const { scale, shift } = affineOf(parameters, node.attributes.epsilon);
  const dst = lowering.define(node.output);
  const channels = src.dims[1];
  lowering.emit({
    opcode: Opcode.affine,
    src,
    dst,
    weights: lowering.packer.vector(lowering.derive(`${node.name}/scale`, scale), channels),
    bias: lowering.packer.vector(lowering.derive(`${node.name}/shift`, shift), channels),
    fields: { ...imageFields(src, dst), ...activationFields(node.attributes.activation) },
    inPlace: [src],
  });
}

/** Where an operand lies once it has the result's rank: broadcasting aligns the last axes, not the first. */
function operand(lowering: Lowering, name: string, rank: number): Place {
  const dims = imageDims(dimsOfRank(rank, lowering.valueDims(name)))!;
  return lowering.isParameter(name) ? lowering.constant(name, dims) : relayout(lowering, lowering.place(name), name, dims);
}

/** Strides of an operand; 0 along the axes on which it is broadcast. */
function strides(place: Place, [, , height, width]: readonly number[]) {
  const [n, c, h, w] = place.dims;
  return {
    batch: n === 1 ? 0 : undefined,
    pitch: c === 1 ? 0 : place.pitch,
    row: h === 1 && height > 1 ? 0 : w * 16,
    pixel: w === 1 && width > 1 ? 0 : 16,
  };
}

export function binary(node: NodeOf<"Add" | "Sub" | "Mul" | "Div">, lowering: Lowering): void {
  const [a, b] = node.inputs.map((name) => operand(lowering, name, lowering.rank(node.output)));
  const dst = lowering.define(node.output);
  const [batch, dstChannels, dstHeight, dstWidth] = dst.dims;
  const one = strides(a, dst.dims);
  const two = strides(b, dst.dims);
  const sameDims = (place: Place) => place.dims.every((dim, i) => dim === dst.dims[i]);
  lowering.emit({
    opcode: Opcode.binary,
    src: a,
    src2: b,
    dst,
    fields: {
      ...activationFields(node.attributes.activation),
      batch,
      mode: { Add: BinaryMode.add, Sub: BinaryMode.sub, Mul: BinaryMode.mul, Div: BinaryMode.div }[node.op],
      channels: a.dims[1],
      group: b.dims[1],
      dstChannels,
      dstHeight,
      dstWidth,
      dstPitch: dst.pitch,
      batchStride: one.batch,
      pitch: one.pitch,
      rowStride: one.row,
      pixelStride: one.pixel,
      src2BatchStride: two.batch,
      src2Pitch: two.pitch,
      src2RowStride: two.row,
      src2PixelStride: two.pixel,
    },
    inPlace: [a, b].filter(sameDims),
  });
}

export function softmax(node: NodeOf<"Softmax" | "LogSoftmax">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const axis = lowering.imageAxis(node.inputs[0], node.attributes.axis);
  if (axis === 0) lowering.unsupported("it would run along the batch axis");
  lowering.emit({
    opcode: Opcode.softmax,
    src,
    dst,
    fields: { ...imageFields(src, dst), mode: axis + (node.op === "LogSoftmax" ? 4 : 0) },
    inPlace: [src],
  });
}

export function lrn(node: NodeOf<"LRN">, lowering: Lowering): void {
  const { size, alpha, beta, bias } = node.attributes;
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const fields = { ...imageFields(src, dst), mode: size, alpha: alpha / size, beta, low: bias };
  lowering.emit({ opcode: Opcode.lrn, src, dst, fields });
}
