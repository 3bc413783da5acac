// Operators that move values without computing: most of them cost nothing, because the planner can place a value
// where it is wanted.
import { Opcode } from "../../../assembly/plan.ts";
import type { Node, NodeOf } from "../../graph/graph.ts";
import { formatDims } from "../../tensor.ts";
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

export function reshape(node: NodeOf<"Reshape" | "Flatten" | "Transpose">, lowering: Lowering): void {
  const src = lowering.place(node.inputs[0]);
  lowering.alias(node.output, relayout(lowering, src, node.output, lowering.dims(node.output)));
}

/**
 * The same elements as an image of other dims: nothing to do where the image stays the same ([N,C,1,1] → [N,C]); otherwise
 * through row-major order.
 */
export function relayout(lowering: Lowering, src: Place, name: string, dims: ImageDims): Place {
  return dims.every((dim, i) => dim === src.dims[i])
    ? src
    : rewrite(lowering, src, name, dims, Opcode.writeNchw, Opcode.readNchw);
}

/**
 * An image's elements as they are written to memory, read as another. A 1×1 image is in row-major order already, image by image; in
 * another order there must be more to write and read.
 */
function rewrite(lowering: Lowering, src: Place, name: string, dims: ImageDims, write: Opcode, read: Opcode): Place {
  const dst = new Place(name, dims, "image");
  const sameBatch = src.dims[0] === dst.dims[0];
  const isColumn = ({ dims: [, , h, w] }: Place) => sameBatch && h * w === 1;
  const flat = isColumn(src) ? src : isColumn(dst) ? dst : new Place(`${name} (row-major)`, src.dims, "flat");
  if (flat !== src) {
    lowering.emit({ opcode: write, src, dst: flat, fields: imageFields(src, flat) });
  }
  if (flat !== dst) {
    const [batch, channels, height, width] = dst.dims;
    const [, dstChannels, dstHeight, dstWidth] = dst.dims;
    const pitch = height * width * 4;
    const batchStride = flat === src ? undefined : channels * pitch;
    const fields = { batch, channels, height, width, pitch, dstChannels, dstHeight, dstWidth, dstPitch: dst.pitch, batchStride };
    lowering.emit({ opcode: read, src: flat, dst, fields });
  }
  return dst;
}

/**
 * Where the axes of more than one element keep their order, as in [N,C,1,1] → [N,1,1,C], it moves nothing. Otherwise an image's channels,
 * to the end or to the front.
 */
export function transpose(node: NodeOf<"Transpose">, lowering: Lowering): void {
  const { perm } = node.attributes;
  const dims = lowering.valueDims(node.inputs[0]);
  const wide = perm.filter((axis) => dims[axis] > 1);
  const move = (write: Opcode, read: Opcode): void => {
    const src = lowering.place(node.inputs[0]);
    lowering.alias(node.output, rewrite(lowering, src, node.output, lowering.dims(node.output), write, read));
  };
  const order = perm.join();
  if (wide.every((axis, i) => i === 0 || axis > wide[i - 1])) reshape(node, lowering);
  else if (order === "0,2,3,1") move(Opcode.writeNhwc, Opcode.readNchw);
  else if (order === "0,3,1,2") move(Opcode.writeNchw, Opcode.readNhwc);
  else {
    lowering.unsupported(
      `axes [${perm}] of ${formatDims(dims)} would move in memory; supported are [0,2,3,1], [0,3,1,2] and those of a channel shuffle`,
    );
  }
}

export function channelShuffle(node: NodeOf<"ChannelShuffle">, lowering: Lowering): void {
  gather(node, lowering, node.attributes.group, node.attributes.range?.[0] ?? 0, 1);
}

/** dst[c] = src[start + c · step], the source's channels counted as a shuffle in groups orders them. */
function gather(node: Node, lowering: Lowering, group: number, start: number, step: number): void {
  const src = lowering.place(node.inputs[0]);
  const dst = lowering.define(node.output);
  const groupInputs = src.dims[1] / group;
  const fields = { ...imageFields(src, dst), group, groupInputs, padFront: start, strideChannel: step };
  lowering.emit({ opcode: Opcode.gatherChannels, src, dst, fields });
}

/** Slices of channels alone are views where they begin with a block of four, and gathered where they do not. */
export function slice(node: NodeOf<"Slice">, lowering: Lowering): void {
  const { starts, steps } = node.attributes;
  const src = lowering.dims(node.inputs[0]);
  const dst = lowering.dims(node.output);
  if (src.every((dim, axis) => axis === 1 || dim === dst[axis])) {
    const axis = lowering.valueDims(node.inputs[0]).findIndex((_, i) => lowering.imageAxis(node.inputs[0], i) === 1);
    const [start, step] = axis < 0 ? [0, 1] : [starts[axis], steps[axis]];
    const source = lowering.place(node.inputs[0]);
    if (step !== 1 || start % 4 !== 0 || source.constant) gather(node, lowering, 1, start, step);
    else lowering.define(node.output).view = { of: source, offset: planesOf(start) * source.pitch };
    return;
  }
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
