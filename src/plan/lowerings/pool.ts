// MaxPool, AveragePool and GlobalAveragePool → the pooling kernels.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { Lowering } from "../lower.ts";
import { imageFields } from "../place.ts";
import { windowFields } from "./window.ts";

export function pool(node: NodeOf<"MaxPool" | "AveragePool">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  lowering.emit({
    opcode: node.op === "MaxPool" ? Opcode.maxPool : Opcode.averagePool,
    src,
    dst,
    fields: {
      ...imageFields(src, dst),
      ...windowFields(node.attributes),
      mode: "countIncludePad" in node.attributes && node.attributes.countIncludePad ? 1 : 0,
    },
  });
}

export function globalAveragePool(node: NodeOf<"GlobalAveragePool">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  lowering.emit({ opcode: Opcode.globalAveragePool, src, dst, fields: imageFields(src, dst) });
}
