// How many pixels (or tiles of Winograd's convolution) a kernel takes at a time. Of a strip's inputs each is read again for every
// panel of eight output channels, so they should stay in the second-level cache; the weights of all panels pass by once a strip,
// so strips should be few. Bits do not depend on it.
import { align } from "./place.ts";
import { MOST_PANELS } from "./winograd.ts";

/** Bytes that the inputs of a strip may fill: half a second-level cache of half a MiB. */
const STRIP_BYTES = 256 * 1024;

/** The same for Winograd's, which read them again from the third level more gladly than all products' weights from memory. */
const WINOGRAD_BYTES = 3 * 1024 * 1024;

/**
 * The same for Strassen's algorithm, sums included: with every strip the weights are added up anew. An Intel with 1 MiB of second-level
 * cache takes 0.7 to 0.8 of the time that it took with 2 MiB here for 28²×512 → 128 and 14²×1024 → 256.
 */
const STRASSEN_BYTES = 1024 * 1024;

/** The same of windows that were gathered: scratch, strip and weights evict each other beyond it. */
const GATHERED_BYTES = 96 * 1024;

/**
 * Weights that are larger come from beyond the second-level cache for every strip, so that few strips count for more.
 * resnet50's last 3×3 of stride 2 took 6.7 ms instead of 9.2.
 */
export const LARGE_WEIGHTS = 1024 * 1024;
const LONG_STRIP_BYTES = 1024 * 1024;

/** A strip below this would stream all weights for too little, whatever the cache says. */
const LEAST = 16;

/** Winograd's results of a strip, two planes of vectors for each product and tile, should stay in the first-level cache. */
const RESULT_BYTES = 40 * 1024 + 512;

/** A product's inputs and a panel that the first-level cache holds together. */
const PRODUCT_BYTES = 31 * 1024;

/**
 * Panels at a time where it does not, so that inputs pass by a quarter as often: on the Intel 28²×256 → 256 and 28²×512 → 512 take 0.85
 * to 0.9 of the time (relaxed), 0.93 to 0.95 (strict). Sixteen panels' results left the second-level cache on the AMD.
 */
const FEW_PANELS = 4;

/** What passing all weights once costs, in pixels. */
const PASS = 2;

/** Pixels of a long tile (assembly/kernels/panel-long.ts), and what one in a short tile costs more there. */
export const LONG = 12;
const SHORT_COST = 1.5;

/** A page of memory, and how many a processor finds at once without looking them up. */
const PAGE_BYTES = 4096;
const QUICK_PAGES = 112;
/** Eight pages' addresses fill a cache line. Planes further apart are found more slowly from this many on. */
const FAR_BYTES = 8 * PAGE_BYTES;
const FAR_PLANES = 16;
/** With fewer output channels, gathering costs more than it saves. */
const LEAST_OUTPUTS = 32;

/**
 * Whether a pointwise convolution should gather its strips before it multiplies them, because each tile of pixels lies in too many
 * pages. With 256 channels of 56²: 43 to 45 GFLOP/s instead of 35, gathering included.
 */
export function shouldGather(planes: number, pitch: number, outputs: number): boolean {
  if (outputs < LEAST_OUTPUTS) return false;
  return pitch > FAR_BYTES ? planes >= FAR_PLANES : (planes * Math.min(pitch, PAGE_BYTES)) / PAGE_BYTES > QUICK_PAGES;
}

/** Vector operations of gathering a vector of a window. */
export const GATHER_COST = 3;

/** How many pixels a panel computes of so many: whole fours, but that a single pixel beyond them goes with the last. */
export function tiledPixels(pixels: number): number {
  return pixels > 4 && pixels % 4 === 1 ? pixels : align(pixels, 4);
}

/** What a panel costs for so many pixels in strips, in pixels. */
export function columnsCost(pixels: number, strip: number): number {
  const one = (count: number) => {
    const tiled = tiledPixels(count);
    const rest = tiled % LONG === 1 ? LONG + 1 : tiled % LONG;
    return tiled - rest + rest * SHORT_COST + PASS;
  };
  const last = pixels % strip;
  return Math.floor(pixels / strip) * one(strip) + (last > 0 ? one(last) : 0);
}

/** The length of least cost up to `most`: a multiple of four. */
function stripOf(pixels: number, most: number, costOf = (strip: number) => columnsCost(pixels, strip)): number {
  const all = align(pixels, 4);
  if (all <= most) return all;
  let best = 4;
  let least = costOf(best);
  for (let strip = 8; strip <= most; strip += 4) {
    const cost = costOf(strip);
    if (cost >= least) continue;
    best = strip;
    least = cost;
  }
  return best;
}

/** Pixels of a pointwise convolution, whose inputs take `pixelBytes` each. */
export function pointwiseStrip(pixels: number, pixelBytes: number, weightBytes: number): number {
  if (pixels === 1) return 1;
  const bytes = weightBytes > LARGE_WEIGHTS ? LONG_STRIP_BYTES : STRIP_BYTES;
  return stripOf(pixels, Math.max(LEAST, Math.floor(bytes / pixelBytes)));
}

/** Pixels whose windows of `pixelBytes` are gathered at a time. */
export function gatheredStrip(pixels: number, pixelBytes: number, weightBytes: number): number {
  if (pixels === 1) return 1;
  const bytes = weightBytes > LARGE_WEIGHTS ? LONG_STRIP_BYTES : GATHERED_BYTES;
  return stripOf(pixels, Math.max(4, Math.floor(bytes / pixelBytes)));
}

/**
 * Pixels of Strassen's algorithm, a multiple of eight: of half of them there are four products of two planes, and the sums of inputs
 * take as much as these. Of the least cost on one thread and two together: threads share such a step by whole strips, and where they
 * cannot, by channels, both copy the inputs and add them up. Two were 1.75 times as fast with five strips of 56², 1.94 with six.
 */
export function strassenStrip(pixels: number, depth: number): number {
  const half = Math.ceil(pixels / 2);
  const fitting = Math.min(STRASSEN_BYTES / (16 * depth), RESULT_BYTES / 128);
  const costOf = (strip: number) => {
    const larger = Math.ceil(Math.ceil(half / strip) / 2) * strip;
    return columnsCost(half, strip) + columnsCost(Math.min(larger, half), strip);
  };
  return 2 * stripOf(half, Math.max(LEAST, Math.floor(fitting)), costOf);
}

/** Tiles of Winograd's convolution; `blocks` of four channels each, all phases together. */
export function winogradStrip(tiles: number, blocks: number, products: number): number {
  const fitting = Math.min(WINOGRAD_BYTES / (products * blocks * 16), RESULT_BYTES / (products * 32));
  return stripOf(tiles, Math.max(LEAST, Math.floor(fitting)));
}

/**
 * For how many panels of eight `outputs` Winograd's convolution computes a product of `depth` before it turns to the next. Where the
 * first-level cache holds what a product takes of the inputs, these stay there and only weights pass by, one after the other: 14²×256
 * takes 0.85 of the time, 7²×512 0.7. Elsewhere all inputs pass by once for so many panels. Threads share a step by as many panels.
 */
export function panelsTogether(strip: number, depth: number, outputs: number, threads: number): number {
  const most = (strip + 8) * depth * 4 > PRODUCT_BYTES ? FEW_PANELS : MOST_PANELS;
  const panels = Math.ceil(outputs / 8);
  return Math.ceil(panels / (threads * Math.ceil(panels / (threads * most))));
}
