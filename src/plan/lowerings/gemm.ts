// Gemm → the dense kernel; for a batch the pointwise one, which reads the weights once for all of its rows.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import { matricesOf } from "../groups.ts";
import type { Lowering } from "../lower.ts";
import { align, imageFields, Place } from "../place.ts";
import type { StepRecord } from "../step.ts";
import { pointwiseStrip } from "../strips.ts";
import { activationFields } from "./activation.ts";

export function gemm(node: NodeOf<"Gemm">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const weight = lowering.parameter(node.inputs[1], "weight");
  const biasName = node.inputs[2] ? lowering.parameter(node.inputs[2], "bias") : undefined;
  const dst = lowering.define(node.output);
  const [batch, inputs] = src.dims;
  const outputs = dst.dims[1];
  const { transB, activation } = node.attributes;
  const weights = lowering.packer.panels(weight, undefined, {
    ...matricesOf(1, inputs, outputs)[0],
    depth: inputs,
    groupInputs: inputs,
    groupOutputs: outputs,
    kernelHeight: 1,
    kernelWidth: 1,
    outputStride: transB ? inputs * 4 : 4,
    inputStride: transB ? 4 : outputs * 4,
  });
  const multiply = (opcode: Opcode, src: Place, dst: Place, others: StepRecord) =>
    lowering.emit({
      opcode,
      src,
      dst,
      weights,
      bias: lowering.packer.vector(biasName, outputs),
      multiplyAdds: batch * inputs * outputs,
      fields: { ...activationFields(activation), ...imageFields(src, dst), ...others },
    });
  if (batch === 1) {
    multiply(Opcode.dense, src, dst, {});
    return;
  }
  // A batch becomes the pixels of one image: the weights pass by once, and not for each of its rows.
  const columns = new Place(`${node.name} (columns)`, [1, inputs, 1, batch], "image");
  const results = new Place(`${node.name} (results)`, [1, outputs, 1, batch], "image");
  const copy = (src: Place, dst: Place, strides: StepRecord) => {
    const { channels, dstChannels, pitch, dstPitch } = imageFields(src, dst);
    const pixel = { height: 1, width: 1, dstHeight: 1, dstWidth: 1 };
    const fields = { batch, channels, dstChannels, pitch, dstPitch, ...pixel, ...strides };
    lowering.emit({ opcode: Opcode.copyChannels, src, dst, fields });
  };
  copy(src, columns, { dstBatchStride: 16 });
  multiply(Opcode.pointwise, columns, results, {
    group: 1,
    strip: pointwiseStrip(batch, align(inputs, 4) * 4, weights.bytes),
  });
  copy(results, dst, { batchStride: 16 });
}
