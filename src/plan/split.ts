// Splitting a step for several threads: into parts that are steps of the same kernel over fewer rows, pixels, channels or
// images. Kernels know nothing of it, and bits do not change: no kernel's arithmetic depends on where a pixel or a panel of
// channels lies. Which way a step is cut is computed from its shape alone, like everything in a plan.
import { Opcode } from "../../assembly/plan.ts";
import { convDepth, type Fields, kernels, windowDepth } from "./kernels.ts";
import { align, planesOf } from "./place.ts";
import { firstRow, rowsOf, wholeRows } from "./rows.ts";
import { fieldsOf, type LoweredStep, type Part, type StepRecord } from "./step.ts";
import { strassenOperations } from "./strassen.ts";
import { GATHER_COST, tiledPixels } from "./strips.ts";
import { winogradMatrices, winogradProducts, winogradTile, winogradTransforms } from "./winograd.ts";

/** A way to cut a step into parts, each one of `units` counted from `first`. */
interface Cut {
  readonly units: number;
  /** Vector operations, about a tenth of a nanosecond each, of a part of so many units. */
  cost(units: number): number;
  part(first: number, units: number): Pick<Part, "fields" | "offsets"> & { firstImage?: number };
}

/**
 * What a part must save to be worth the meeting of the threads behind it, in vector operations: about 10 µs. A meeting takes 1 to
 * 2 µs where all arrive at once, and they do not.
 */
const LEAST_SAVING = 100_000;

/**
 * Bytes that are read in the time of one vector operation, where another core has just written them or memory has them. At four
 * times as many, SqueezeNet on two cores was 1.65 times as fast as on one instead of 1.75: cuts by channels read all inputs.
 */
const BYTES_PER_OPERATION = 1.5;

/** Planes of four channels: for kernels to which they are independent images. `operations` are those of a pixel. */
function planesCut(s: Fields, operations: number, more: (first: number, channels: number) => StepRecord = () => ({})): Cut {
  const bytes = s.height * s.width * 16;
  const pixels = Math.max(s.dstHeight * s.dstWidth, 1);
  return {
    units: planesOf(s.dstChannels),
    cost: (planes) => s.batch * planes * (pixels * operations + bytes / BYTES_PER_OPERATION),
    part(first, planes) {
      const channels = Math.min(planes * 4, s.dstChannels - first * 4);
      const offsets = { src: first * s.pitch, src2: first * s.src2Pitch, dst: first * s.dstPitch };
      return { fields: { channels, dstChannels: channels, ...more(first, channels) }, offsets };
    },
  };
}

/** Parts of so many output channels each, whole panels; `depth` weights each. */
const channelsPart =
  (s: Fields, depth: number, channels: number): Cut["part"] =>
  (first, units) => {
    const from = first * channels;
    return {
      fields: { dstChannels: Math.min(units * channels, s.dstChannels - from) },
      offsets: { dst: (from / 4) * s.dstPitch, src2: (from / 4) * s.src2Pitch, weights: from * depth * 4, bias: from * 4 },
    };
  };

/**
 * Panels of eight output channels of a matrix, so many together; `depth` weights each, `operations` for each part whatever its
 * panels, `each` for each panel beside the products.
 */
function panelsCut(s: Fields, depth: number, columns: number, operations: number, each = 0, together = 1): Cut {
  const bytes = planesOf(s.channels) * s.height * s.width * 16;
  return {
    units: Math.ceil(s.dstChannels / (8 * together)),
    cost(units) {
      const panels = units * together;
      return s.batch * (panels * (columns * depth * 4 + each) + operations + (bytes + panels * depth * 32) / BYTES_PER_OPERATION);
    },
    part: channelsPart(s, depth, 8 * together),
  };
}

/** Groups of a convolution, each with its own channels on both sides. */
function groupsCut(s: Fields, depth: number, columns: number, operations: number): Cut {
  const [inputs, outputs] = [s.channels / s.group, s.dstChannels / s.group];
  const [blocks, planes] = [planesOf(inputs), planesOf(outputs)];
  return {
    units: s.group,
    cost: (groups) => s.batch * groups * (columns * depth * planes * 2 + operations),
    part: (first, group) => ({
      fields: { group, channels: group * inputs, dstChannels: group * outputs },
      offsets: {
        src: first * blocks * s.pitch,
        dst: first * planes * s.dstPitch,
        src2: first * planes * s.src2Pitch,
        weights: first * planes * depth * 16,
        bias: first * planes * 16,
      },
    }),
  };
}

/** Rows of results, `rows` at a time. */
function rowsCut(s: Fields, rows: number, cost: (units: number) => number, strip: (count: number) => number): Cut | undefined {
  const units = Math.ceil(s.dstHeight / rows);
  // Windows that lie in the padding below the image altogether have no row to begin with.
  if (firstRow(s, (units - 1) * rows) >= s.height) return undefined;
  return {
    units,
    cost: (count) => s.batch * cost(count),
    part(first, count) {
      const { skipped, fields } = rowsOf(s, first * rows, Math.min(count * rows, s.dstHeight - first * rows));
      const down = first * rows * s.dstWidth * 16;
      return {
        fields: { ...fields, strip: Math.min(s.strip, strip(fields.dstHeight)) },
        offsets: { src: skipped * s.width * 16, dst: down, src2: down },
      };
    },
  };
}

/** Fours of pixels, for kernels to which an image is a row of pixels. */
function pixelsCut(s: Fields, cost: (tiles: number) => number): Cut {
  return {
    units: Math.ceil((s.height * s.width) / 4),
    cost: (tiles) => s.batch * cost(tiles),
    part(first, tiles) {
      // The last tile whole: planes have room for it.
      const width = tiles * 4;
      const down = first * 64;
      const fields = { height: 1, width, dstHeight: 1, dstWidth: width, ...(s.strip > 0 && { strip: Math.min(s.strip, width) }) };
      return { fields, offsets: { src: down, src2: down, dst: down } };
    },
  };
}

/** A pointwise convolution's pixels, `gathering` operations each beside the products. */
function pointwiseCut(s: Fields, gathering: number): Cut {
  const depth = s.channels / s.group;
  const planes = planesOf(s.dstChannels / s.group) * s.group;
  const bytes = planes * depth * 16;
  return pixelsCut(
    s,
    (tiles) => tiles * (depth * planes * 8 + gathering * 4) + (bytes + tiles * 64 * planesOf(s.channels)) / BYTES_PER_OPERATION,
  );
}

/** Pixels of an input, so many bytes apart, of which each has so many in all. */
function readCut(s: Fields, apart: number, bytes = apart): Cut {
  const pixels = s.height * s.width;
  return {
    units: Math.ceil(pixels / 4),
    cost: (fours) => (s.batch * fours * 4 * (bytes + planesOf(s.channels) * 16)) / BYTES_PER_OPERATION,
    part(first, fours) {
      const width = Math.min(fours * 4, pixels - first * 4);
      return {
        fields: { height: 1, width, dstHeight: 1, dstWidth: width },
        offsets: { src: first * 4 * apart, dst: first * 64 },
      };
    },
  };
}

function pointwiseCuts(s: Fields): Cut[] {
  const depth = s.channels / s.group;
  const pixels = tiledPixels(s.height * s.width);
  return [pointwiseCut(s, 0), s.group === 1 ? panelsCut(s, depth, pixels, 0) : groupsCut(s, depth, pixels, 0)];
}

/** Whether a convolution that gathers sees an image as a row of pixels. */
function isPointwise(s: Fields): boolean {
  const window = s.kernelHeight * s.kernelWidth * s.strideHeight * s.strideWidth;
  return window === 1 && s.padTop + s.padLeft === 0 && s.dstHeight * s.dstWidth === s.height * s.width;
}

function convCuts(s: Fields): Cut[] {
  const inputs = s.channels / s.group;
  const planes = planesOf(s.dstChannels / s.group);
  const taps = s.kernelHeight * s.kernelWidth;
  const pixels = s.dstHeight * s.dstWidth;
  const depth = convDepth(s);
  const gathering = taps * planesOf(inputs) * GATHER_COST;
  const channels =
    s.group === 1 ? panelsCut(s, depth, pixels, pixels * gathering) : groupsCut(s, depth, pixels, pixels * gathering);
  if (pixels === 1) return [channels];
  if (isPointwise(s)) return [channels, pointwiseCut(s, gathering)];
  const rows = wholeRows(s);
  const cost = (count: number) =>
    s.group * (count * rows * s.dstWidth * (depth * planes * 2 + gathering) + (planes * depth * 16) / BYTES_PER_OPERATION);
  const cut = rowsCut(s, rows, cost, (height) => align(height * s.dstWidth, 4));
  return cut === undefined ? [channels] : [channels, cut];
}

/** By sixteen channels, or by strips: which pixels are multiplied together must be as on one thread. */
function strassenCuts(s: Fields): Cut[] {
  const pixels = s.dstHeight * s.dstWidth;
  const depth = windowDepth(s);
  const gathering = s.gathers === 0 ? 0 : planesOf(depth) * GATHER_COST;
  const cost = (count: number, channels: number) => {
    const bytes = (depth * channels + planesOf(s.channels) * count * 4) * 4;
    return s.batch * (strassenOperations(depth, channels, count) + count * gathering + bytes / BYTES_PER_OPERATION);
  };
  const channels: Cut = {
    units: Math.ceil(s.dstChannels / 16),
    cost: (units) => cost(pixels, units * 16),
    part: channelsPart(s, depth, 16),
  };
  if (!isPointwise(s)) return [channels];
  const strips: Cut = {
    units: Math.ceil(pixels / s.strip),
    cost: (units) => cost(units * s.strip, s.dstChannels),
    part(first, units) {
      const width = Math.min(units * s.strip, pixels - first * s.strip);
      const down = first * s.strip * 16;
      return { fields: { height: 1, width, dstHeight: 1, dstWidth: width }, offsets: { src: down, src2: down, dst: down } };
    },
  };
  return [channels, strips];
}

function winogradCuts(s: Fields): Cut[] {
  const { tileHeight, tileWidth } = winogradTile(s);
  const inputs = s.channels / s.group;
  const planes = planesOf(s.dstChannels / s.group);
  const across = Math.ceil(s.dstWidth / tileWidth);
  const down = Math.ceil(s.dstHeight / tileHeight);
  const products = winogradProducts(s) * inputs;
  const transforms = winogradTransforms(s);
  const transform = planesOf(inputs) * transforms.input;
  const output = planes * transforms.output;
  const tiles = across * down;
  // Weights as they are stored, and by how many columns their products come to as much.
  const depth = winogradMatrices(s) * inputs;
  const columns = (tiledPixels(tiles) * products) / depth;
  const channels =
    s.group === 1
      ? panelsCut(s, depth, columns, tiles * transform, tiles * 2 * transforms.output, Math.max(s.panels, 1))
      : groupsCut(s, depth, columns, tiles * (transform + output));
  const cost = (rows: number) =>
    s.group *
    (tiledPixels(rows * across) * products * planes * 2 +
      rows * across * (transform + output) +
      (planes * products * 16) / BYTES_PER_OPERATION);
  const rows = rowsCut(s, tileHeight, cost, (height) => align(Math.ceil(height / tileHeight) * across, 4));
  return rows === undefined ? [channels] : [channels, rows];
}

/** A broadcast operand has a pitch of 0, and one channel stays one. */
function binaryCut(s: Fields): Cut {
  return planesCut({ ...s, height: s.dstHeight, width: s.dstWidth }, 3, (_, channels) => ({
    channels: s.channels === 1 ? 1 : channels,
    group: s.group === 1 ? 1 : channels,
  }));
}

/** Ways to cut a step, beside by images. Those that have none run on one thread: they are small in every network known. */
function cutsOf(opcode: Opcode, s: Fields): Cut[] {
  switch (opcode) {
    case Opcode.pointwise:
      return pointwiseCuts(s);
    case Opcode.conv:
      return convCuts(s);
    case Opcode.winograd:
      return winogradCuts(s);
    case Opcode.strassen:
      return strassenCuts(s);
    case Opcode.dense:
      return [panelsCut(s, s.channels, 1, 0)];
    case Opcode.depthwise: {
      const taps = s.kernelHeight * s.kernelWidth;
      const cut = planesCut(s, taps * 2);
      const part = (first: number, planes: number) => {
        const { fields, offsets } = cut.part(first, planes);
        const group = fields.channels;
        return { fields: { ...fields, group }, offsets: { ...offsets, weights: first * taps * 16, bias: first * 16 } };
      };
      return [{ ...cut, part }];
    }
    case Opcode.maxPool:
    case Opcode.averagePool:
      return [planesCut(s, s.kernelHeight * s.kernelWidth)];
    case Opcode.globalAveragePool:
    case Opcode.resize:
      return [planesCut(s, 10)];
    case Opcode.activate:
      return [planesCut(s, 10)];
    case Opcode.affine: {
      const cut = planesCut(s, 3);
      const part = (first: number, planes: number) => {
        const { fields, offsets } = cut.part(first, planes);
        return { fields, offsets: { ...offsets, weights: first * 16, bias: first * 16 } };
      };
      return [{ ...cut, part }];
    }
    case Opcode.binary:
      return [binaryCut(s)];
    case Opcode.readNchw:
      return [readCut(s, 4, s.channels * 4)];
    case Opcode.readNhwc:
      return [readCut(s, s.channels * 4)];
    case Opcode.readRgba8:
      return [readCut(s, s.pixelStride)];
    case Opcode.lrn:
      return [pixelsCut(s, (tiles) => tiles * 4 * planesOf(s.channels) * 25)];
    case Opcode.copyChannels: {
      // Blocks go where their own begin; channels that begin within a block share it with others'.
      if (s.padFront % 4 !== 0) return [];
      const cut = planesCut({ ...s, dstChannels: s.channels }, 2);
      const part = (first: number, planes: number) => {
        const { fields, offsets } = cut.part(first, planes);
        return { fields: { ...fields, padFront: 0 }, offsets: { ...offsets, dst: (first + s.padFront / 4) * s.dstPitch } };
      };
      return [{ ...cut, part }];
    }
    case Opcode.gatherChannels:
    case Opcode.slice: {
      const step = Math.max(s.strideChannel, 1);
      const sign = opcode === Opcode.slice ? -1 : 1;
      const cut = planesCut(s, 4);
      const part = (first: number, planes: number) => {
        const { fields, offsets } = cut.part(first, planes);
        const padFront = s.padFront + sign * first * 4 * step;
        return { fields: { dstChannels: fields.dstChannels, padFront }, offsets: { dst: offsets.dst } };
      };
      return [{ ...cut, part }];
    }
    default:
      return [];
  }
}

/** Images of a batch, for any kernel; only where each thread gets as many. */
function imagesCut(s: Fields, whole: number): Cut {
  return {
    units: s.batch,
    cost: (images) => (images * whole) / s.batch,
    part: (firstImage, batch) => ({ fields: { batch }, offsets: {}, firstImage }),
  };
}

/**
 * The parts of a step for `threads` threads, at most one each, or undefined where one thread runs it as fast. They write different
 * bytes, all of the step's together. What they read of each other's, as a step's source and destination may share memory, is
 * for schedule.ts to check.
 */
export function splitStep(step: LoweredStep, threads: number, leastSaving = LEAST_SAVING): readonly Part[] | undefined {
  const s = fieldsOf(step);
  const cuts = cutsOf(step.opcode, s);
  const whole = Math.min(...cuts.map((cut) => cut.cost(cut.units)));
  if (s.batch > 1 && s.batch % threads === 0) cuts.push(imagesCut(s, Number.isFinite(whole) ? whole : step.dst.bytes));
  let best: { cut: Cut; largest: number; cost: number } | undefined;
  for (const cut of cuts) {
    const largest = Math.ceil(cut.units / threads);
    const cost = cut.cost(largest);
    if (largest < cut.units && (best === undefined || cost < best.cost)) best = { cut, largest, cost };
  }
  if (best === undefined || best.cut.cost(best.cut.units) - best.cost < leastSaving) return undefined;
  const { cut } = best;
  const parts: Part[] = [];
  for (let thread = 0, first = 0; thread < threads; ++thread) {
    const units = Math.ceil((cut.units - first) / (threads - thread));
    if (units === 0) break;
    const { fields, offsets, firstImage = 0 } = cut.part(first, units);
    parts.push({ fields, offsets, firstImage, scratchBytes: scratchOf(step.opcode, { ...s, ...fields }) });
    first += units;
  }
  return parts;
}

function scratchOf(opcode: Opcode, sizes: Fields): number {
  return kernels[opcode]!.spans(sizes).find(({ field }) => field === "scratch")?.bytes ?? 0;
}
