// Resize → the resize kernel.
import { Opcode, ResizeCoordinate, ResizeMode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { CoordinateTransformation, NearestMode } from "../../graph/operators.ts";
import { resizeScratch } from "../kernels.ts";
import type { Lowering } from "../lower.ts";
import { imageFields } from "../place.ts";

const coordinates: Readonly<Record<CoordinateTransformation, ResizeCoordinate>> = {
  half_pixel: ResizeCoordinate.halfPixel,
  pytorch_half_pixel: ResizeCoordinate.pytorchHalfPixel,
  asymmetric: ResizeCoordinate.asymmetric,
  align_corners: ResizeCoordinate.alignCorners,
};

const nearest: Readonly<Record<NearestMode, ResizeMode>> = {
  round_prefer_floor: ResizeMode.nearestRoundPreferFloor,
  round_prefer_ceil: ResizeMode.nearestRoundPreferCeil,
  floor: ResizeMode.nearestFloor,
  ceil: ResizeMode.nearestCeil,
};

export function resize(node: NodeOf<"Resize">, lowering: Lowering): void {
  const { mode, coordinateTransformation, nearestMode, sizes, scales } = node.attributes;
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const kind = mode === "linear" ? ResizeMode.linear : nearest[nearestMode];
  lowering.emit({
    opcode: Opcode.resize,
    src,
    dst,
    scratchBytes: resizeScratch(dst.dims[3]),
    fields: {
      ...imageFields(src, dst),
      alpha: scales?.[0] ?? sizes[0] / src.dims[2],
      beta: scales?.[1] ?? sizes[1] / src.dims[3],
      mode: (coordinates[coordinateTransformation] << 4) | kind,
    },
  });
}
