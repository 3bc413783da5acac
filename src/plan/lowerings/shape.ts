// Operators that move values without computing: most of them cost nothing, because the planner can place a value
// where it is wanted.
import { Opcode } from "../../../assembly/plan.ts";
import type { NodeOf } from "../../graph/graph.ts";
import type { Lowering } from "../lower.ts";
import { type ImageDims, imageFields, Place, planesOf } from "../place.ts";

export function identity(node: NodeOf<"Identity">, lowering: Lowering): void {
  lowering.alias(node.output, lowering.place(node.inputs[0]));
}

/**
 * Inputs that begin at a multiple of four channels, and lie nowhere else yet, become slices of the result: their own
 * kernels write there. The others are copied.
 */
export function concat(node: NodeOf<"Concat">, lowering: Lowering): void {
  const axis = lowering.imageAxis(node.inputs[0], node.attributes.axis);
  if (axis !== 1) lowering.unsupported(`concatenation along axis ${node.attributes.axis}; only channels (axis 1) can be joined`);
  const dst = lowering.define(node.output);
  let front = 0;
  for (const name of node.inputs) {
    const src = lowering.place(name);
    if (front % 4 === 0 && src.view === undefined && !src.constant && src !== dst) {
      src.view = { of: dst, offset: planesOf(front) * dst.pitch };
    } else {
      lowering.emit({ opcode: Opcode.copyChannels, src, dst, fields: { ...imageFields(src, dst), padFront: front } });
    }
    front += src.dims[1];
  }
}

export function reshape(node: NodeOf<"Reshape" | "Flatten">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  lowering.alias(node.output, relayout(lowering, src, node.output, lowering.dims(node.output)));
}

/**
 * The same elements as an image of other dims: nothing to do where the image stays the same ([N,C,1,1] → [N,C]); otherwise
 * through row-major order. A 1×1 image is in row-major order already, image by image.
 */
export function relayout(lowering: Lowering, src: Place, name: string, dims: ImageDims): Place {
  if (dims.every((dim, i) => dim === src.dims[i])) return src;
  const dst = new Place(name, dims, "image");
  const sameBatch = src.dims[0] === dst.dims[0];
  const isColumn = ({ dims: [, , h, w] }: Place) => sameBatch && h * w === 1;
  const flat = isColumn(src) ? src : isColumn(dst) ? dst : new Place(`${name} (row-major)`, src.dims, "flat");
  if (flat !== src) {
    lowering.emit({ opcode: Opcode.writeNchw, src, dst: flat, fields: imageFields(src, flat) });
  }
  if (flat !== dst) {
    const [batch, channels, height, width] = dst.dims;
    const [, dstChannels, dstHeight, dstWidth] = dst.dims;
    const batchStride = flat === src ? undefined : channels * height * width * 4;
    const fields = { batch, channels, height, width, dstChannels, dstHeight, dstWidth, dstPitch: dst.pitch, batchStride };
    lowering.emit({ opcode: Opcode.readNchw, src: flat, dst, fields });
  }
  return dst;
}

export function slice(node: NodeOf<"Slice">, lowering: Lowering): void {
  const { starts, steps } = node.attributes;
  window(
    node,
    lowering,
    steps,
    starts.map((start) => -start),
    0,
  );
}

export function pad(node: NodeOf<"Pad">, lowering: Lowering): void {
  const { before, value } = node.attributes;
  window(
    node,
    lowering,
    before.map(() => 1),
    before,
    value,
  );
}

/** dst[i] = src[i · step − before] on every axis, `value` outside. */
function window(
  node: NodeOf<"Slice" | "Pad">,
  lowering: Lowering,
  steps: readonly number[],
  before: readonly number[],
  value: number,
): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const step = [1, 1, 1, 1];
  const front = [0, 0, 0, 0];
  steps.forEach((_, axis) => {
    const i = lowering.imageAxis(node.inputs[0], axis);
    step[i] = steps[axis];
    front[i] = before[axis];
  });
  if (src.dims[0] !== dst.dims[0] || front[0] !== 0) lowering.unsupported("it would change the batch axis");
  lowering.emit({
    opcode: Opcode.slice,
    src,
    dst,
    fields: {
      ...imageFields(src, dst),
      strideChannel: step[1],
      strideHeight: step[2],
      strideWidth: step[3],
      padFront: front[1],
      padTop: front[2],
      padLeft: front[3],
      alpha: value,
    },
  });
}
