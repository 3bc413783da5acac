// Place: where a value lives in memory, and how it lies there. Lowering makes places, the memory planner gives each
// an address. One place may be a view into another: a slice of a concatenation, or memory taken over in place.

/** [N,C,H,W]; tensors of lower rank are seen as images: [N,K] as [N,K,1,1], [N,C,L] as [N,C,1,L]. */
export type ImageDims = readonly [n: number, c: number, h: number, w: number];

/** Bytes that every address in a plan is a multiple of: a cache line. */
export const ALIGNMENT = 64;

export function align(bytes: number, to: number = ALIGNMENT): number {
  return Math.ceil(bytes / to) * to;
}

/** Blocks of four that hold this many channels. */
export function planesOf(channels: number): number {
  return Math.ceil(channels / 4);
}

/** Bytes of one C4HW plane: room for a multiple of four pixels, or for exactly one. */
export function planeBytes(height: number, width: number): number {
  const pixels = height * width;
  return (pixels === 1 ? 1 : align(pixels, 4)) * 16;
}

/**
 * Bytes from plane to plane. Planes a multiple of 4096 bytes apart would share the same sets of the first-level cache,
 * so those are moved one cache line further apart.
 */
export function planePitch(height: number, width: number): number {
  const bytes = planeBytes(height, width);
  return bytes % 4096 === 0 ? bytes + ALIGNMENT : bytes;
}

/** The image that a tensor of at most four dims is seen as, or undefined where it has more. */
export function imageDims(dims: readonly number[]): ImageDims | undefined {
  switch (dims.length) {
    case 0:
      return [1, 1, 1, 1];
    case 1:
      return [1, dims[0], 1, 1];
    case 2:
      return [dims[0], dims[1], 1, 1];
    case 3:
      return [dims[0], dims[1], 1, dims[2]];
    case 4:
      return dims as unknown as ImageDims;
    default:
      return undefined;
  }
}

export class Place {
  readonly name: string;
  readonly dims: ImageDims;
  /** C4HW planes, or plain row-major elements as a model's ports have them. */
  readonly kind: "image" | "flat";
  /** Bytes from plane to plane; 0 for flat places. */
  readonly pitch: number;
  /** Bytes from image to image, if this place is no view into a larger one. */
  readonly ownBatchStride: number;
  readonly bytes: number;
  /** A trained tensor, in the packed weights and not in the arena. */
  readonly constant: boolean;
  /** The place whose memory this one is part of. */
  view: { of: Place; offset: number } | undefined;
  /** Offset from the plan's first byte; set by the memory planner on places that are no views. */
  address = -1;

  constructor(
    name: string,
    dims: ImageDims,
    kind: "image" | "flat",
    /** `pitch`: of an image that is a part of another. */
    options: { constant?: boolean; elementBytes?: number; pitch?: number } = {},
  ) {
    const [n, c, h, w] = dims;
    this.name = name;
    this.dims = dims;
    this.kind = kind;
    this.constant = options.constant ?? false;
    if (kind === "image") {
      this.pitch = options.pitch ?? planePitch(h, w);
      this.ownBatchStride = planesOf(c) * this.pitch;
    } else {
      this.pitch = 0;
      this.ownBatchStride = c * h * w * (options.elementBytes ?? 4);
    }
    this.bytes = n * this.ownBatchStride;
  }

  /** The place that owns the memory, and where in it this one begins. */
  get root(): { place: Place; offset: number } {
    if (this.view === undefined) return { place: this, offset: 0 };
    const { place, offset } = this.view.of.root;
    return { place, offset: offset + this.view.offset };
  }

  /** Bytes from image to image: the owner's, so that a slice of a concatenation steps over its neighbours. */
  get batchStride(): number {
    const { place } = this.root;
    return place.kind === this.kind ? place.ownBatchStride : this.ownBatchStride;
  }

  /** Offset from the plan's first byte. */
  get at(): number {
    const { place, offset } = this.root;
    return place.address + offset;
  }
}

/** The part of an image that begins so many bytes into it. */
function partOf(of: Place, dims: ImageDims, offset: number): Place {
  const part = new Place(of.name, dims, "image", { pitch: of.pitch });
  part.view = { of, offset };
  return part;
}

/** Channels [first, first + count) of an image, from a plane's first on. */
export function channelsOf(of: Place, first: number, count: number): Place {
  const [n, , h, w] = of.dims;
  return partOf(of, [n, count, h, w], planesOf(first) * of.pitch);
}

/** Rows [first, first + count) of an image. */
export function rowsIn(of: Place, first: number, count: number): Place {
  const [n, c, , w] = of.dims;
  return partOf(of, [n, c, count, w], first * w * 16);
}

/** The fields that say how source and destination lie in memory. */
export function imageFields(src: Place, dst: Place) {
  const [batch, channels, height, width] = src.dims;
  const [, dstChannels, dstHeight, dstWidth] = dst.dims;
  return { batch, channels, height, width, pitch: src.pitch, dstChannels, dstHeight, dstWidth, dstPitch: dst.pitch };
}
