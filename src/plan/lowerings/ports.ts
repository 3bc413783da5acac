// The model's edges: the steps that read inputs from the layout a caller has, and write outputs in the one he wants.
import { DataType, Layout, Opcode } from "../../../assembly/plan.ts";
import { OptionError } from "../../errors.ts";
import type { GraphInput, Normalisation, ValueInfo } from "../../graph/graph.ts";
import { formatDims } from "../../tensor.ts";
import type { Lowering } from "../lower.ts";
import type { Packed } from "../pack.ts";
import { imageFields, Place } from "../place.ts";

/**
 * Order of an image's elements outside the engine: float32 [N,C,H,W], float32 [N,H,W,C], or uint8: "rgba8" [N,H,W,4] as in a
 * canvas' ImageData, "rgb8" [N,H,W,3] as decoders give it. R, G and B are normalised as the model wants them, A is ignored
 * (255 in outputs).
 */
export type PortLayout = keyof typeof Layout;

export interface PortOptions {
  /** Layout of every image input; "nchw" unless given, or "nhwc" where the model itself begins by moving its channels to the front. */
  readonly inputLayout?: PortLayout;
  /** Layout of every image output; "nchw" unless given. */
  readonly outputLayout?: PortLayout;
}

/** An input or output of the model as it lies in memory. */
export interface LoweredPort extends ValueInfo {
  readonly dataType: DataType;
  readonly layout: Layout;
  readonly place: Place;
}

const readers = { nchw: Opcode.readNchw, nhwc: Opcode.readNhwc, rgba8: Opcode.readRgba8, rgb8: Opcode.readRgba8 };
const writers = { nchw: Opcode.writeNchw, nhwc: Opcode.writeNhwc, rgba8: Opcode.writeRgba8, rgb8: Opcode.writeRgba8 };

/** Bytes of a pixel, in the layouts that have a byte a colour; undefined in the others. */
const pixelBytes: Partial<Record<PortLayout, number>> = { rgba8: 4, rgb8: 3 };

/** The layout asked for, where a value is an image; others have no layout to choose. */
function layoutOf({ name, dims }: ValueInfo, wanted: PortLayout = "nchw"): PortLayout {
  if (!Object.hasOwn(readers, wanted)) {
    throw new OptionError(`there is no layout "${wanted}"`, `use one of ${Object.keys(readers).join(", ")}`);
  }
  if (wanted === "nchw" || dims.length !== 4) return "nchw";
  if (pixelBytes[wanted] !== undefined && dims[1] !== 3) {
    throw new OptionError(`"${name}" ${formatDims(dims)} cannot be ${wanted}: it has ${dims[1]} channels, not 3`);
  }
  return wanted;
}

/** The port of a value whose image is `image`. */
function port(info: ValueInfo, layout: PortLayout, image: Place, kind: string): LoweredPort {
  const { name } = info;
  const [n, c, h, w] = info.dims;
  const title = `${kind} ${name}`;
  const bytes = pixelBytes[layout];
  if (bytes !== undefined) {
    const place = new Place(title, [n, bytes, h, w], "flat", { elementBytes: 1 });
    return { name, type: "uint8", dims: [n, h, w, bytes], dataType: DataType.uint8, layout: Layout[layout], place };
  }
  const dims = layout === "nhwc" ? [n, h, w, c] : info.dims;
  const place = new Place(title, image.dims, "flat");
  return { name, type: "float32", dims, dataType: DataType.float32, layout: Layout[layout], place };
}

/** Four scales and four shifts: pixel → value, or value → pixel for an output. A's are 0. */
function pixelScaling(lowering: Lowering, normalisation: Normalisation | undefined, inverse: boolean): Packed {
  const { mean, std, scale } = normalisation ?? { mean: [0, 0, 0], std: [1, 1, 1], scale: 255 };
  const data = new Float32Array(8);
  for (let c = 0; c < 3; ++c) {
    data[c] = inverse ? scale * std[c] : 1 / (scale * std[c]);
    data[4 + c] = inverse ? scale * mean[c] : -mean[c] / std[c];
  }
  return lowering.packer.vector(lowering.derive(inverse ? "/value to pixel" : "/pixel to value", data), 8);
}

export function inputPort(
  lowering: Lowering,
  input: GraphInput,
  normalisation: Normalisation | undefined,
  { inputLayout = input.layout }: PortOptions,
): LoweredPort {
  const { name } = input;
  const layout = layoutOf(input, inputLayout);
  const dst = lowering.define(name);
  const read = port(input, layout, dst, "input");
  const [batch, channels, height, width] = dst.dims;
  lowering.emit({
    name,
    operator: "input",
    opcode: readers[layout],
    src: read.place,
    dst,
    weights: pixelBytes[layout] === undefined ? undefined : pixelScaling(lowering, normalisation, false),
    fields: {
      pixelStride: pixelBytes[layout],
      batch,
      channels,
      height,
      width,
      pitch: layout === "nchw" ? height * width * 4 : 0,
      dstChannels: channels,
      dstHeight: height,
      dstWidth: width,
      dstPitch: dst.pitch,
      mode: 1,
    },
  });
  return read;
}

export function outputPort(
  lowering: Lowering,
  output: ValueInfo,
  normalisation: Normalisation | undefined,
  { outputLayout }: PortOptions,
): LoweredPort {
  const { name } = output;
  const layout = layoutOf(output, outputLayout);
  const src = lowering.place(name);
  const written = port(output, layout, src, "output");
  const [batch, , height, width] = src.dims;
  if (batch === 1 && height * width === 1 && pixelBytes[layout] === undefined && !src.constant) {
    // Four channels of a 1×1 image are four consecutive floats: the result already lies as a caller wants it.
    written.place.view = { of: src, offset: 0 };
  } else {
    lowering.emit({
      name,
      operator: "output",
      opcode: writers[layout],
      src,
      dst: written.place,
      weights: pixelBytes[layout] === undefined ? undefined : pixelScaling(lowering, normalisation, true),
      fields: { ...imageFields(src, written.place), pixelStride: pixelBytes[layout] },
    });
  }
  return written;
}
