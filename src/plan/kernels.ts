// What each kernel of the run program reads and writes, computed from a step's fields alone: the verifier checks it against memory, the
// profile counts its bytes. With packers.ts, the one description of the kernels' reach outside assembly/.
import { Opcode, ResizeCoordinate, ResizeMode } from "../../assembly/plan.ts";
import { planeBytes, planesOf } from "./place.ts";
import type { StepField } from "./step.ts";
import { strassenScratch } from "./strassen.ts";
import {
  canBeInRun,
  MOST_PANELS,
  winogradBlocks,
  winogradChoices,
  winogradMatrices,
  winogradScratch,
  winogradTaps,
} from "./winograd.ts";

/** All fields of a step, as decoded from a plan. */
export type Fields = Readonly<Record<StepField, number>>;

/** Sizes beyond this would overflow the kernels' 32-bit arithmetic. */
export const MAX_FIELD = 2 ** 31 - 1;

/** A stretch of memory that a kernel touches, from the address in `field` on. */
export interface Span {
  readonly field: "src" | "src2" | "dst" | "weights" | "bias" | "scratch" | "factors" | "addends";
  readonly bytes: number;
  /** Bytes between images of a batch, where each has such a stretch. */
  readonly stride?: number;
  /** Where only planes that far apart are touched, and not what is between them: their distance, and bytes of each. */
  readonly pitch?: number;
  readonly plane?: number;
}

export interface Kernel {
  /** As printed in step tables. */
  readonly name: string;
  /** Every stretch it touches; it writes those of dst and scratch. */
  spans(step: Fields): Span[];
  /** A sentence on what is inconsistent about the step's fields, if anything is. */
  complaint?(step: Fields): string | undefined;
}

const planes = (channels: number, pitch: number, plane: number) => ({
  bytes: (planesOf(channels) - 1) * pitch + plane,
  pitch,
  plane,
});

/** Bytes of an image's pixels alone, for kernels that touch none of the plane's extra ones. */
const exactBytes = (height: number, width: number): number => height * width * 16;

const source = (s: Fields, bytesOf = planeBytes): Span => ({
  field: "src",
  ...planes(s.channels, s.pitch, bytesOf(s.height, s.width)),
  stride: s.batchStride,
});
const destination = (s: Fields, bytesOf = planeBytes): Span => ({
  field: "dst",
  ...planes(s.dstChannels, s.dstPitch, bytesOf(s.dstHeight, s.dstWidth)),
  stride: s.dstBatchStride,
});
const residual = (s: Fields, bytesOf = planeBytes): Span[] =>
  s.src2 === 0
    ? []
    : [
        {
          field: "src2",
          ...planes(s.dstChannels, s.src2Pitch, bytesOf(s.dstHeight, s.dstWidth)),
          stride: s.src2BatchStride,
        },
      ];
/** What a convolution does to the channels of its source as it gathers them. */
const factorsOf = (s: Fields): Span[] => {
  if (s.factors === 0) return [];
  const bytes = planesOf(s.channels) * 16;
  const factors: Span = { field: "factors", bytes, stride: s.factorsBatchStride };
  return s.addends === 0 ? [factors] : [factors, { field: "addends", bytes }];
};
const biasOf = (channels: number): Span => ({ field: "bias", bytes: planesOf(channels) * 16 });
const flat = (field: "src" | "dst", s: Fields, elementBytes: number, channels = s.channels): Span => ({
  field,
  bytes: channels * s.height * s.width * elementBytes,
  stride: field === "src" ? s.batchStride : s.dstBatchStride,
});

const sameChannels = (s: Fields): string | undefined => (s.channels === s.dstChannels ? undefined : "channels differ");

const samePixels = (s: Fields): string | undefined =>
  s.height === s.dstHeight && s.width === s.dstWidth ? undefined : "source and destination differ in pixels";

const sameImage = (s: Fields): string | undefined => sameChannels(s) ?? samePixels(s);

/** Results of one pixel are written as one column of floats. */
const columns = (s: Fields): boolean => s.dstPitch === 16 && (s.src2 === 0 || s.src2Pitch === 16);

/** Windows must not reach past the padded image: kernels rely on it. */
function windowComplaint(s: Fields): string | undefined {
  // The upper bounds keep positions in the image within 32 bits.
  const sizes = [s.kernelHeight, s.kernelWidth, s.strideHeight, s.strideWidth, s.dilationHeight, s.dilationWidth];
  if (sizes.some((n) => n < 1 || n > 0xffff)) return "a window's size, stride or dilation is not in 1…65535";
  if ([s.padTop, s.padLeft, s.padBottom, s.padRight].some((n) => n < 0 || n > 0xffff)) return "a pad is not in 0…65535";
  const reach = Math.max((s.kernelHeight - 1) * s.dilationHeight, (s.kernelWidth - 1) * s.dilationWidth);
  if (reach > 0xffffff) return "a window is wider than any image";
  const begins = (count: number, stride: number, pad: number, size: number) => (count - 1) * stride - pad < size + pad + stride;
  return begins(s.dstHeight, s.strideHeight, Math.max(s.padTop, s.padBottom), s.height) &&
    begins(s.dstWidth, s.strideWidth, Math.max(s.padLeft, s.padRight), s.width)
    ? undefined
    : "windows begin outside the image";
}

function groupComplaint(s: Fields): string | undefined {
  if (s.group < 1 || s.channels % s.group !== 0 || s.dstChannels % s.group !== 0) return "groups do not divide the channels";
  if (s.group > 1 && ((s.channels / s.group) % 4 !== 0 || (s.dstChannels / s.group) % 4 !== 0)) {
    return "groups do not fill whole blocks of four channels";
  }
  return undefined;
}

const pool: Pick<Kernel, "spans" | "complaint"> = {
  spans: (s) => [source(s, exactBytes), destination(s, exactBytes)],
  complaint: (s) => sameChannels(s) ?? windowComplaint(s),
};

const elementwise: Pick<Kernel, "spans" | "complaint"> = { spans: (s) => [source(s), destination(s)], complaint: sameImage };

/** Bytes from the first to the last vector of a broadcast operand. */
function operand(s: Fields, field: "src" | "src2"): Span {
  const [pitch, row, pixel, stride] =
    field === "src"
      ? [s.pitch, s.rowStride, s.pixelStride, s.batchStride]
      : [s.src2Pitch, s.src2RowStride, s.src2PixelStride, s.src2BatchStride];
  const plane = (s.dstHeight - 1) * row + (s.dstWidth - 1) * pixel + 16;
  return { field, ...planes(s.dstChannels, pitch, plane), stride };
}

export const nchwReader = (name: string): Kernel => ({
  name,
  spans(s) {
    const plane = s.height * s.width * 4;
    const src: Span = { field: "src", bytes: (s.channels - 1) * s.pitch + plane, pitch: s.pitch, plane, stride: s.batchStride };
    return [src, destination(s)];
  },
  complaint: sameImage,
});

const writer = (name: string): Kernel => ({ name, spans: (s) => [source(s), flat("dst", s, 4)] });

/** Four scales and four shifts of pixels in bytes. */
const pixelScaling: Span = { field: "weights", bytes: 32 };
const pixelComplaint = (s: Fields): string | undefined =>
  s.pixelStride === 3 || s.pixelStride === 4 ? undefined : "a pixel must have three or four bytes";

const panelBytes = (s: Fields, depth: number): number => s.group * planesOf(s.dstChannels / s.group) * 16 * depth;

/** The kernels of the run program. */
export const kernels: Partial<Record<Opcode, Kernel>> = {
  [Opcode.conv]: {
    name: "conv",
    spans(s) {
      const pixelBytes = s.kernelHeight * s.kernelWidth * planesOf(s.channels / s.group) * 16;
      return [
        source(s, exactBytes),
        ...residual(s),
        ...factorsOf(s),
        destination(s),
        { field: "weights", bytes: panelBytes(s, convDepth(s)) },
        biasOf(s.dstChannels),
        { field: "scratch", bytes: pixelBytes * s.strip },
      ];
    },
    complaint(s) {
      const onePixel = s.dstHeight * s.dstWidth === 1;
      if (onePixel && !columns(s)) return "planes of one pixel must be next to each other";
      if (onePixel ? s.strip !== 1 : s.strip < 4 || s.strip % 4 !== 0) return "strips must be whole tiles of four pixels";
      return groupComplaint(s) ?? windowComplaint(s);
    },
  },
  [Opcode.winograd]: {
    name: "winograd",
    spans: (s) => [
      source(s, exactBytes),
      ...residual(s, exactBytes),
      destination(s, exactBytes),
      { field: "weights", bytes: panelBytes(s, (s.channels / s.group) * winogradMatrices(s)) },
      biasOf(s.dstChannels),
      { field: "scratch", bytes: winogradScratch(s.products, winogradBlocks(s, s.channels / s.group), s.strip, s.panels) },
    ],
    complaint(s) {
      const complaint = groupComplaint(s) ?? windowComplaint(s) ?? winogradComplaint(s, canBeInRun(s) ? 0 : 1);
      if (complaint !== undefined) return complaint;
      if (s.strip < 4 || s.strip % 4 !== 0) return "strips must be whole fours of tiles";
      const channels = s.channels / s.group;
      return s.strideHeight > 1 && channels > 4 && channels % 4 !== 0 ? "phases do not fill whole blocks of channels" : undefined;
    },
  },
  [Opcode.pointwise]: {
    name: "pointwise",
    spans(s) {
      const bytes = panelBytes(s, s.channels / s.group);
      return [
        source(s),
        ...residual(s),
        ...factorsOf(s),
        destination(s),
        { field: "weights", bytes },
        biasOf(s.dstChannels),
        ...(s.factors === 0 ? [] : [{ field: "scratch", bytes } as const]),
      ];
    },
    complaint(s) {
      if (s.factors !== 0 && (s.group !== 1 || s.addends !== 0)) return "its weights take in factors alone, and of one group";
      if (s.height * s.width === 1) return "it computes four pixels at a time, the image has one";
      if (s.strip < 4 || s.strip % 4 !== 0) return "strips must be whole tiles of four pixels";
      return samePixels(s) ?? groupComplaint(s);
    },
  },
  [Opcode.strassen]: {
    name: "strassen",
    spans: (s) => [
      source(s, s.gathers === 0 ? planeBytes : exactBytes),
      ...residual(s),
      ...factorsOf(s),
      destination(s),
      { field: "weights", bytes: panelBytes(s, windowDepth(s)) },
      biasOf(s.dstChannels),
      { field: "scratch", bytes: strassenScratch(windowDepth(s), s.strip, s.gathers !== 0) },
    ],
    complaint(s) {
      if (s.gathers === 0) {
        if (s.factors !== 0) return "factors are for what it gathers";
        if (s.kernelHeight !== 1 || s.kernelWidth !== 1) return "windows of more than a pixel are to be gathered";
      }
      if (s.dstHeight * s.dstWidth === 1) return "it computes four pixels at a time, the image has one";
      if (s.group !== 1) return "it multiplies a single matrix";
      if (s.channels % 4 !== 0 || windowDepth(s) % 8 !== 0) return "halves of the channels do not fill whole blocks of four";
      if (s.strip < 8 || s.strip % 8 !== 0) return "strips must be whole eights of pixels";
      return s.gathers === 0 ? samePixels(s) : windowComplaint(s);
    },
  },
  [Opcode.depthwise]: {
    name: "depthwise",
    spans: (s) => [
      source(s, exactBytes),
      ...residual(s, exactBytes),
      destination(s, exactBytes),
      { field: "weights", bytes: planesOf(s.channels) * 16 * s.kernelHeight * s.kernelWidth },
      biasOf(s.channels),
    ],
    complaint: pool.complaint,
  },
  [Opcode.dense]: {
    name: "dense",
    spans: (s) => [
      { field: "src", bytes: s.channels * 4, stride: s.batchStride },
      ...residual(s),
      destination(s),
      { field: "weights", bytes: planesOf(s.dstChannels) * 16 * s.channels },
      biasOf(s.dstChannels),
    ],
    complaint(s) {
      if (s.height * s.width !== 1 || s.dstHeight * s.dstWidth !== 1) return "its images must have one pixel";
      return columns(s) ? undefined : "planes of one pixel must be next to each other";
    },
  },
  [Opcode.maxPool]: { name: "max pool", ...pool },
  [Opcode.averagePool]: { name: "average pool", ...pool },
  [Opcode.globalAveragePool]: {
    name: "global average pool",
    spans: elementwise.spans,
    complaint: (s) => (s.dstHeight * s.dstWidth === 1 ? sameChannels(s) : "its result must be one pixel a channel"),
  },
  [Opcode.binary]: { name: "binary", spans: (s) => [operand(s, "src"), operand(s, "src2"), destination(s)] },
  [Opcode.activate]: { name: "activate", ...elementwise },
  [Opcode.affine]: {
    name: "affine",
    spans: (s) => [source(s), destination(s), { field: "weights", bytes: planesOf(s.channels) * 16 }, biasOf(s.channels)],
    complaint: sameImage,
  },
  [Opcode.softmax]: {
    name: "softmax",
    ...elementwise,
    complaint: (s) => ((s.mode & 3) === 0 || s.mode > 7 ? "there is no such axis" : sameImage(s)),
  },
  [Opcode.lrn]: {
    name: "lrn",
    ...elementwise,
    complaint: (s) => (s.mode < 1 || s.mode > 0xffff ? "its window is not in 1…65535" : sameImage(s)),
  },
  [Opcode.copyChannels]: {
    name: "copy",
    spans: (s) => [
      source(s, exactBytes),
      {
        field: "dst",
        ...planes(s.padFront + s.channels, s.dstPitch, exactBytes(s.height, s.width)),
        stride: s.dstBatchStride,
      },
    ],
    complaint: (s) =>
      s.padFront < 0 || s.padFront + s.channels > s.dstChannels ? "the channels are not its result's" : undefined,
  },
  [Opcode.gatherChannels]: {
    name: "gather channels",
    spans: elementwise.spans,
    complaint(s) {
      if (s.group < 1) return "there are no groups";
      const last = s.padFront + (s.dstChannels - 1) * s.strideChannel;
      const largest = (s.group - 1) * s.groupInputs + Math.floor(last / s.group);
      const fits = s.padFront >= 0 && s.strideChannel > 0 && last <= MAX_FIELD && largest < s.channels;
      return fits ? samePixels(s) : "the channels are not its source's";
    },
  },
  [Opcode.slice]: {
    name: "slice",
    spans: elementwise.spans,
    complaint: (s) => (s.strideChannel < 1 || s.strideHeight < 1 || s.strideWidth < 1 ? "a step is below 1" : undefined),
  },
  [Opcode.resize]: {
    name: "resize",
    spans: (s) => [source(s), destination(s), { field: "scratch", bytes: resizeScratch(s.dstWidth) }],
    complaint(s) {
      // It keeps pixels within the source whatever the scales; the bound keeps positions within 32 bits.
      if ([s.height, s.width, s.dstHeight, s.dstWidth].some((n) => n < 1 || n > 0xffff)) return "a size is not in 1…65535";
      const known = Object.values(ResizeCoordinate).includes(s.mode >> 4) && Object.values(ResizeMode).includes(s.mode & 15);
      if (!known) return "there is no such mode";
      // Its scratch holds offsets, which results must not overwrite.
      const { bytes, stride = 0 } = destination(s);
      const [dst, scratch] = [s.dst >>> 0, s.scratch >>> 0];
      const apart = scratch + resizeScratch(s.dstWidth) <= dst || dst + Math.max(s.batch - 1, 0) * stride + bytes <= scratch;
      return apart ? sameChannels(s) : "its result and its scratch overlap";
    },
  },
  [Opcode.readNchw]: nchwReader("read nchw"),
  [Opcode.readNhwc]: { name: "read nhwc", spans: (s) => [flat("src", s, 4), destination(s)], complaint: sameImage },
  [Opcode.readRgba8]: {
    name: "read pixels",
    spans: (s) => [flat("src", s, 1, s.pixelStride), destination(s), pixelScaling],
    complaint: (s) => pixelComplaint(s) ?? sameImage(s),
  },
  [Opcode.writeNchw]: writer("write nchw"),
  [Opcode.writeNhwc]: writer("write nhwc"),
  [Opcode.writeRgba8]: {
    name: "write pixels",
    spans: (s) => [source(s), flat("dst", s, 1, s.pixelStride), pixelScaling],
    complaint: pixelComplaint,
  },
};

/** Scratch of the resize kernel: for each column of the result two offsets of pixels and a fraction. */
export function resizeScratch(width: number): number {
  return width * 12;
}

/** What is wrong about a step whose windows are to be transformed, at least so many panels of them at a time. */
export function winogradComplaint(s: Fields, least: number): string | undefined {
  if (s.strideHeight !== s.strideWidth) return "strides differ";
  const taps = winogradTaps(s.kernelHeight, s.strideHeight);
  if (taps < 2 || taps > 5) return "a phase of its windows has not 2 to 5 rows";
  if (s.panels < least || s.panels > MOST_PANELS) return `${s.panels} panels at a time are not ${least} to ${MOST_PANELS}`;
  if (!winogradChoices(taps).includes(s.products)) return `no transform has ${s.products} products for ${taps} rows`;
  return winogradTaps(s.kernelWidth, s.strideWidth) === taps ? undefined : "its windows are not square";
}

/** Values of one tap of a general convolution: whole blocks of four channels, but for fewer than four channels. */
export function tapDepth(channels: number, pixels: number): number {
  return channels < 4 && pixels > 1 ? channels : planesOf(channels) * 4;
}

/** Values that a window of a convolution of one group sees. */
export const windowDepth = (s: Fields): number => s.kernelHeight * s.kernelWidth * s.channels;

/** Values of a general convolution's window that are multiplied. */
export function convDepth(s: Fields): number {
  return s.kernelHeight * s.kernelWidth * tapDepth(s.channels / s.group, s.dstHeight * s.dstWidth);
}
