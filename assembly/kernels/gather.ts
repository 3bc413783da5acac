// Gathering: what the windows of a strip of results see, as the planes of a matrix.
//
//   scratch [kH·kW][ceil(C/4)][strip][4]      zeros where a window leaves the image, and in lanes beyond C
//
// On the way each channel may be multiplied by a factor of its own, an addend added, and the sum limited to 0 from below.
import { Step } from "../plan";
import { firstLanes, madd } from "../simd";
import { endTap, firstTap } from "./window";

/** Copies the vectors at p, p + step, … to q, q + 16, …, up to `end`. */
// @ts-ignore: decorator
@inline
function copyRun(p: usize, step: usize, q: usize, end: usize, mask: v128): void {
  for (; q + 16 < end; q += 32, p += 2 * step) {
    v128.store(q, v128.and(v128.load(p), mask));
    v128.store(q, v128.and(v128.load(p + step), mask), 16);
  }
  if (q < end) v128.store(q, v128.and(v128.load(p), mask));
}

/** The same of x·factor + addend, at least `low`. */
// @ts-ignore: decorator
@inline
function affineRun(p: usize, step: usize, q: usize, end: usize, factor: v128, addend: v128, low: v128, mask: v128): void {
  for (; q < end; q += 16, p += step) v128.store(q, v128.and(f32x4.pmax(madd(v128.load(p), factor, addend), low), mask));
}

/** Fills scratch for `count` output pixels from number `first` on; pixels from `count` to `strip` keep old values. */
export function gather(
  step: usize,
  src: usize,
  factors: usize,
  addends: usize,
  blocks: i32,
  lastLanes: i32,
  scratch: usize,
  strip: i32,
  first: i32,
  count: i32,
): void {
  let height = load<i32>(step, Step.height);
  let width = load<i32>(step, Step.width);
  const pitch = <usize>load<i32>(step, Step.pitch);
  let dstWidth = load<i32>(step, Step.dstWidth);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const lastMask = firstLanes(lastLanes);
  const all = i32x4.splat(-1);
  const none = i32x4.splat(0);
  const low = f32x4.splat(load<i32>(step, Step.mode) ? 0 : -Infinity);
  const blockStep = (<usize>strip) << 4;
  const pixelStep = (<usize>strideWidth) << 4;
  if (kernelHeight * kernelWidth * strideHeight * strideWidth == 1 && (padTop | padLeft) == 0 && width == dstWidth) {
    // A pointwise convolution: the whole image is one row.
    width *= height;
    dstWidth = width;
    height = 1;
  }
  // Runs of output pixels in one row: their taps are runs of input pixels in one row, strideWidth apart. Which of them lie
  // inside is the same question as for a window's taps, dilation apart.
  while (count > 0) {
    const y = first / dstWidth;
    const x = first - y * dstWidth;
    const run = min(count, dstWidth - x);
    const runEnd = (<usize>run) << 4;
    let tap = scratch;
    for (let ky = 0; ky < kernelHeight; ++ky) {
      const row = y * strideHeight - padTop + ky * dilationHeight;
      for (let kx = 0; kx < kernelWidth; ++kx) {
        const column = x * strideWidth - padLeft + kx * dilationWidth;
        const inside = row >= 0 && row < height;
        const from = inside ? min(run, firstTap(column, strideWidth)) : run;
        const to = inside ? max(from, endTap(column, strideWidth, width, run)) : run;
        let p = src + ((row * width + column + from * strideWidth) << 4);
        for (let b = blocks; b > 0; --b, p += pitch, tap += blockStep) {
          const q = tap + ((<usize>from) << 4);
          const end = tap + ((<usize>to) << 4);
          for (let z = tap; z < q; z += 16) v128.store(z, none);
          const mask = b > 1 ? all : lastMask;
          if (factors) {
            const at = (<usize>(blocks - b)) << 4;
            const addend = addends ? v128.load(addends + at) : none;
            affineRun(p, pixelStep, q, end, v128.load(factors + at), addend, low, mask);
          } else copyRun(p, pixelStep, q, end, mask);
          for (let z = end; z < tap + runEnd; z += 16) v128.store(z, none);
        }
      }
    }
    scratch += runEnd;
    first += run;
    count -= run;
  }
}
