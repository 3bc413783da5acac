// Bands: a convolution and what alone reads its result, a pooling or a depthwise convolution, in turn for a few rows at a time.
//
// The first layers of most networks are such a pair, and their image is the largest: 4.5 MB in SqueezeNet 1.0 and MobileNetV2, more
// than a second-level cache holds. In bands it is never there as a whole: the convolution writes some rows into a buffer that its
// reader takes at once, and the rows that the next windows need too are carried to the buffer's beginning. Rows are cut between the
// kernel's tiles, so bits do not change.
import { Opcode } from "../../assembly/plan.ts";
import type { Fields } from "./kernels.ts";
import { imageFields, Place, planesOf, rowsIn } from "./place.ts";
import { firstRow, rowsOf, wholeRows } from "./rows.ts";
import { fieldsOf, type LoweredStep } from "./step.ts";
import { winogradTile } from "./winograd.ts";

/** Images that are larger are made in bands, of at most this size: half a large second-level cache. */
const BAND_BYTES = 1024 * 1024;

/**
 * The same before a depthwise convolution. That saves memory (a third of mobilenet_v2's arena) but no time, and every band is
 * a meeting of threads: of 1 MiB they cost mobilenet_v2 on two threads 2 %.
 */
const DEPTHWISE_BAND_BYTES = 2 * BAND_BYTES;

/** Rows of results between which a convolution can be cut: whole tiles of pixels. Undefined for what computes no rows. */
function grainOf(s: Fields): number | undefined {
  if (s.opcode === Opcode.winograd) return winogradTile(s).tileHeight;
  if (s.opcode === Opcode.pointwise && s.factors === 0) return wholeRows(s);
  return s.opcode === Opcode.conv && s.kernelHeight * s.kernelWidth > 1 ? wholeRows(s) : undefined;
}

/** Kernels that slide windows over each channel for itself. */
const readers: readonly Opcode[] = [Opcode.maxPool, Opcode.averagePool, Opcode.depthwise];

/** Whether `reader` alone reads what `made` makes, a single image that nothing shares memory with. */
function isPair(made: LoweredStep, reader: LoweredStep, steps: readonly LoweredStep[], kept: ReadonlySet<Place>): boolean {
  const image = made.dst;
  if (!readers.includes(reader.opcode) || reader.src !== image || image.view !== undefined || image.dims[0] !== 1) return false;
  if (made.src2 !== undefined || reader.src2 !== undefined) return false;
  const uses = ({ src, src2, factors, dst }: LoweredStep) =>
    [src, src2, factors, dst].filter((place) => place?.root.place === image).length;
  return !kept.has(image) && steps.reduce((sum, step) => sum + uses(step), 0) === 2;
}

interface Band {
  /** Rows of the image [first, end), and of its reader's results [from, to). */
  readonly first: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** The last so many rows of the image are needed again. */
  readonly carried: number;
}

function bandsOf(reader: Fields, rows: number): Band[] {
  const bands: Band[] = [];
  const reach = (reader.kernelHeight - 1) * reader.dilationHeight - reader.padTop;
  for (let first = 0, from = 0; first < reader.height; ) {
    const end = Math.min(first + rows, reader.height);
    // Windows that end above row `end`.
    const whole = Math.floor((end - 1 - reach) / reader.strideHeight) + 1;
    const to = end === reader.height ? reader.dstHeight : Math.min(Math.max(whole, from), reader.dstHeight);
    bands.push({ first, end, from, to, carried: Math.max(end - firstRow(reader, to), 0) });
    [first, from] = [end, to];
  }
  return bands;
}

function split(made: LoweredStep, reader: LoweredStep, rows: number): LoweredStep[] {
  const [m, p] = [fieldsOf(made), fieldsOf(reader)];
  const bands = bandsOf(p, rows);
  const carry = Math.max(...bands.slice(0, -1).map(({ carried }) => carried));
  const { dstWidth: width, dstChannels: channels } = m;
  const buffer = new Place(made.dst.name, [1, channels, carry + rows, width], "image");
  return bands.flatMap(({ first, end, from, to, carried }, i) => {
    const named = (step: LoweredStep, a: number, b: number) => `${step.name} (rows ${a}–${b - 1})`;
    const count = end - first;
    const convolution = rowsOf(m, first, count);
    // To a pointwise convolution rows are nothing but pixels, of source and results alike.
    if (made.opcode === Opcode.pointwise) convolution.fields.height = count;
    const steps: LoweredStep[] = [
      {
        ...made,
        name: named(made, first, end),
        src: rowsIn(made.src, convolution.skipped, convolution.fields.height),
        dst: rowsIn(buffer, carry, count),
        fields: { ...made.fields, ...convolution.fields, dstPitch: buffer.pitch },
        multiplyAdds: (made.multiplyAdds / m.dstHeight) * count,
      },
    ];
    // Where row `y` of the image lies in the buffer.
    const at = (y: number) => y - first + carry;
    if (to > from) {
      const reading = rowsOf(p, from, to - from);
      const available = end - reading.skipped;
      steps.push({
        ...reader,
        name: named(reader, from, to),
        src: rowsIn(buffer, at(reading.skipped), available),
        dst: rowsIn(reader.dst, from, to - from),
        fields: { ...reader.fields, ...reading.fields, height: available, pitch: buffer.pitch },
        multiplyAdds: (reader.multiplyAdds / p.dstHeight) * (to - from),
      });
    }
    if (i + 1 < bands.length && carried > 0) {
      const [src, dst] = [rowsIn(buffer, at(end - carried), carried), rowsIn(buffer, carry - carried, carried)];
      steps.push({
        name: `${reader.name} (carried rows)`,
        operator: reader.operator,
        fused: "",
        opcode: Opcode.copyChannels,
        src,
        dst,
        scratchBytes: 0,
        fields: imageFields(src, dst),
        multiplyAdds: 0,
        inPlace: [],
      });
    }
    return steps;
  });
}

/** How many rows a band has, where the image is larger than `bytes` and can be cut. */
function bandRows(made: Fields, reader: Fields, bytes: number): number | undefined {
  const grain = grainOf(made);
  const rowBytes = planesOf(made.dstChannels) * made.dstWidth * 16;
  if (grain === undefined || planesOf(made.dstChannels) * made.dstPitch <= bytes) return undefined;
  const most = Math.max(Math.floor(bytes / rowBytes / grain), 1) * grain;
  // As many bands as needed, all about as high.
  const rows = Math.ceil(made.dstHeight / Math.ceil(made.dstHeight / most) / grain) * grain;
  const carries = (reader.kernelHeight - 1) * reader.dilationHeight <= rows;
  return rows < made.dstHeight && carries ? rows : undefined;
}

/**
 * The steps, with large images that only such a reader needs made in bands.
 * @param outputs places that must be there in the end
 * @param bytes of an image that is not too large, whatever reads it
 */
export function inBands(steps: readonly LoweredStep[], outputs: readonly Place[], bytes?: number): LoweredStep[] {
  const kept = new Set(outputs.map((place) => place.root.place));
  const result: LoweredStep[] = [];
  for (let i = 0; i < steps.length; ++i) {
    const made = steps[i];
    const reader = steps.at(i + 1);
    const most = bytes ?? (reader?.opcode === Opcode.depthwise ? DEPTHWISE_BAND_BYTES : BAND_BYTES);
    const isCandidate = reader !== undefined && isPair(made, reader, steps, kept);
    const rows = isCandidate ? bandRows(fieldsOf(made), fieldsOf(reader), most) : undefined;
    if (rows === undefined) {
      result.push(made);
    } else {
      result.push(...split(made, reader!, rows));
      ++i;
    }
  }
  return result;
}
