// MaxPool, AveragePool and GlobalAveragePool → the pooling kernels.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { Lowering } from "../lower.ts";
import { imageFields } from "../place.ts";

export function pool(node: NodeOf<"MaxPool" | "AveragePool">, lowering: Lowering): void {
  const { kernelShape, strides, pads, dilations } = node.attributes;
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  lowering.emit({
    opcode: node.op === "MaxPool" ? Opcode.maxPool : Opcode.averagePool,
    src,
    dst,
    fields: {
      ...imageFields(src, dst),
      kernelHeight: kernelShape[0],
      kernelWidth: kernelShape[1],
      strideHeight: strides[0],
      strideWidth: strides[1],
      padTop: pads[0],
      padLeft: pads[1],
      padBottom: pads[2],
      padRight: pads[3],
      dilationHeight: dilations[0],
      dilationWidth: dilations[1],
      mode: "countIncludePad" in node.attributes && node.attributes.countIncludePad ? 1 : 0,
    },
  });
}

export function globalAveragePool(node: NodeOf<"GlobalAveragePool">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  lowering.emit({ opcode: Opcode.globalAveragePool, src, dst, fields: imageFields(src, dst) });
}
