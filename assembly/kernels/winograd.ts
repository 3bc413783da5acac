// Opcode.winograd: convolution by Winograd's F(m×m, r×r) with m + r - 1 = 6 (Lavin and Gray, arXiv:1509.09308): 36
// multiplications give an m×m tile of results that directly takes m²·r².
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A      d: 6×6 inputs, g: r×r weights, Y: m×m outputs
//
// r is 3, 4 or 5. A stride s > 1 splits the image into s² phases, each with every s-th row and column: the convolution is the
// sum of s² convolutions of stride 1 whose windows have r = ceil(kernel/s) rows, and one product adds them up. So 3×3 and 5×5
// windows of stride 1, 7×7 of stride 2 and 11×11 of stride 4 all come here, and share Bᵀ.
//
// A block of tiles at a time, so that scratch stays small whatever the image:
//   1. Bᵀ d B of every tile, phase and channel → scratch  V [36][s²·ceil(C/4)][tiles][4]
//   2. for each panel of eight output channels, 36 matrix products (panel.ts) → scratch  M [36][2][tiles][4]
//   3. Aᵀ M A, bias, residual and clamp      → the image
// V stays in the second-level cache while the panels pass, M in the first.
//
// The points 0, ±√2/2, ±√2, ∞ halve the rounding error of the usual 0, ±1, ±2, ∞ and cost the same. The error is a few
// times a direct convolution's (docs/performance.md has it layer by layer); sums have a fixed order, so bits do too.
//
// Weights: G g Gᵀ by packWinograd, panels [ceil(M/8)][36][s²·C][8]. Where s > 1, C fills whole blocks of four or is below four.
import { Step } from "../plan";
import { clamp } from "../simd";
import { activatePlanes } from "./activation";
import { panel4, panel8 } from "./panel";

// @ts-ignore: decorator
@inline
const ROOT2: f32 = 1.4142135623730951;
// @ts-ignore: decorator
@inline
const HALF_ROOT2: f32 = 0.7071067811865476;

/** One column of Bᵀ d: six vectors `stride` apart at p → six vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function inputColumn(p: usize, stride: usize, q: usize, out: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load(p + stride);
  const d2 = v128.load(p + 2 * stride);
  const d3 = v128.load(p + 3 * stride);
  const d4 = v128.load(p + 4 * stride);
  const d5 = v128.load(p + 5 * stride);
  const root2 = f32x4.splat(ROOT2);
  const half = f32x4.splat(HALF_ROOT2);
  const ratio = f32x4.splat(2.5);
  v128.store(q, f32x4.add(f32x4.sub(d0, f32x4.mul(d2, ratio)), d4));
  let even = f32x4.sub(d4, f32x4.add(d2, d2));
  let odd = f32x4.sub(f32x4.mul(d3, half), f32x4.mul(d1, root2));
  v128.store(q + out, f32x4.add(even, odd));
  v128.store(q + 2 * out, f32x4.sub(even, odd));
  even = f32x4.sub(d4, f32x4.mul(d2, f32x4.splat(0.5)));
  odd = f32x4.sub(f32x4.mul(d3, root2), f32x4.mul(d1, half));
  v128.store(q + 3 * out, f32x4.add(even, odd));
  v128.store(q + 4 * out, f32x4.sub(even, odd));
  v128.store(q + 5 * out, f32x4.add(f32x4.sub(d1, f32x4.mul(d3, ratio)), d5));
}

/** Bᵀ d B for 6×6 pixels at p, `rowBytes` and `pixelBytes` apart; result k at q + k·out. `temp` holds 36 vectors. */
function inputTile(p: usize, rowBytes: usize, pixelBytes: usize, q: usize, out: usize, temp: usize): void {
  const last = temp + 96;
  for (let to = temp; to < last; to += 16, p += pixelBytes) inputColumn(p, rowBytes, to, 96);
  for (let row = temp; row < temp + 576; row += 96) {
    inputColumn(row, 16, q, out);
    q += 6 * out;
  }
}

/** Copies 6×6 pixels, `stride` apart from (top, left) on, to `to`, with zeros for those outside the image. */
function edgeTile(src: usize, height: i32, width: i32, top: i32, left: i32, stride: i32, to: usize): void {
  const zero = i32x4.splat(0);
  for (let y = top; y < top + 6 * stride; y += stride) {
    const inside = y >= 0 && y < height;
    const row = src + ((y * width) << 4);
    for (let x = left; x < left + 6 * stride; x += stride, to += 16) {
      v128.store(to, inside && x >= 0 && x < width ? v128.load(row + (x << 4)) : zero);
    }
  }
}

/** One row of M A: six vectors `stride` apart at p → m vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function outputRow(p: usize, stride: usize, q: usize, out: usize, m: i32): void {
  const m1 = v128.load(p + stride);
  const m2 = v128.load(p + 2 * stride);
  const m3 = v128.load(p + 3 * stride);
  const m4 = v128.load(p + 4 * stride);
  const m5 = v128.load(p + 5 * stride);
  const sum1 = f32x4.add(m1, m2);
  const sum2 = f32x4.add(m3, m4);
  const difference1 = f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(HALF_ROOT2));
  const difference2 = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(ROOT2));
  v128.store(q, f32x4.add(f32x4.add(v128.load(p), sum1), sum2));
  const odd = f32x4.add(difference1, difference2);
  v128.store(q + out, m == 2 ? f32x4.add(odd, m5) : odd);
  if (m == 2) return;
  const squares = f32x4.add(f32x4.mul(sum1, f32x4.splat(0.5)), f32x4.add(sum2, sum2));
  v128.store(q + 2 * out, m == 3 ? f32x4.add(squares, m5) : squares);
  if (m == 3) return;
  const cubes = f32x4.add(f32x4.mul(difference1, f32x4.splat(0.5)), f32x4.add(difference2, difference2));
  v128.store(q + 3 * out, f32x4.add(cubes, m5));
}

/** outputTile for a given m. */
// @ts-ignore: decorator
@inline
function outputs(p: usize, out: usize, to: usize, temp: usize, m: i32): void {
  const end = temp + 384;
  for (let q = temp; q < end; q += 64) {
    outputRow(p, out, q, 16, m);
    p += 6 * out;
  }
  for (let q = temp; q < temp + ((<usize>m) << 4); q += 16, to += 16) outputRow(q, 64, to, 64, m);
}

/** Aᵀ M A for the 36 vectors `out` apart at p → m×m vectors at `to`, rows 64 bytes apart. `temp` holds 24 vectors. */
function outputTile(p: usize, out: usize, to: usize, temp: usize, m: i32): void {
  if (m == 4) outputs(p, out, to, temp, 4);
  else if (m == 3) outputs(p, out, to, temp, 3);
  else outputs(p, out, to, temp, 2);
}

export function winograd(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const groups = load<i32>(step, Step.group);
  const inputs = load<i32>(step, Step.channels) / groups;
  const channels = load<i32>(step, Step.dstChannels) / groups;
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = <usize>load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  const residualPitch = <usize>load<i32>(step, Step.src2Pitch);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const strip = load<i32>(step, Step.strip);
  const lo = f32x4.splat(load<f32>(step, Step.low));
  const hi = f32x4.splat(load<f32>(step, Step.high));
  const stride = load<i32>(step, Step.strideHeight);
  const m = 7 - (load<i32>(step, Step.kernelHeight) + stride - 1) / stride;
  const across = (dstWidth + m - 1) / m;
  const tiles = across * ((dstHeight + m - 1) / m);
  const blocks = (inputs + 3) >> 2;
  const lanes = min(inputs, 4);
  const depth = stride * stride * inputs;
  const planes = <usize>((channels + 3) >> 2);
  const rowBytes = (<usize>(stride * width)) << 4;
  const pixelBytes = (<usize>stride) << 4;
  const reach = 5 * stride;
  const tilePitch = (<usize>strip) << 4;
  const inputStep = tilePitch * stride * stride * blocks;
  const outputStep = tilePitch << 1;
  // Scratch: eight zeros (the products' bias), a tile, a half-transformed tile, V, M.
  const zeros = plan + load<i32>(step, Step.scratch);
  const tile = zeros + 64;
  const temp = tile + 576;
  const v = temp + 576;
  const products = v + 36 * inputStep;
  v128.store(zeros, i32x4.splat(0));
  v128.store(zeros, i32x4.splat(0), 16);
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let g = 0; g < groups; ++g) {
    for (let first = 0; first < tiles; first += strip) {
      const count = min(strip, tiles - first);
      for (let i = 0; i < count; ++i) {
        const tileRow = (first + i) / across;
        const top = tileRow * m * stride - padTop;
        const left = (first + i - tileRow * across) * m * stride - padLeft;
        let q = v + ((<usize>i) << 4);
        for (let y = top; y < top + stride; ++y) {
          for (let x = left; x < left + stride; ++x) {
            const inside = y >= 0 && x >= 0 && y + reach < height && x + reach < width;
            let p = src;
            for (let b = 0; b < blocks; ++b, p += pitch, q += tilePitch) {
              if (inside) {
                inputTile(p + ((y * width + x) << 4), rowBytes, pixelBytes, q, inputStep, temp);
              } else {
                edgeTile(p, height, width, y, x, stride, tile);
                inputTile(tile, 96, 16, q, inputStep, temp);
              }
            }
          }
        }
      }
      let w = weights;
      for (let plane: usize = 0; plane < planes; plane += 2) {
        const wide = plane + 1 < planes;
        const panelStep = (<usize>depth) << (wide ? 5 : 4);
        for (let k: usize = 0; k < 36; ++k, w += panelStep) {
          const x = v + k * inputStep;
          const to = products + k * outputStep;
          if (wide) panel8(x, tilePitch, (count + 3) >> 2, depth, lanes, w, zeros, 0, 0, to, tilePitch, -Infinity, Infinity);
          else panel4(x, tilePitch, (count + 3) >> 2, depth, lanes, w, zeros, 0, to, -Infinity, Infinity);
        }
        const halves: usize = wide ? 2 : 1;
        for (let half: usize = 0; half < halves; ++half) {
          const base = v128.load(bias + ((plane + half) << 4));
          const image = dst + (plane + half) * dstPitch;
          const other = residual ? residual + (plane + half) * residualPitch : 0;
          for (let i = 0; i < count; ++i) {
            outputTile(products + half * tilePitch + ((<usize>i) << 4), outputStep, tile, temp, m);
            const tileRow = (first + i) / across;
            const top = tileRow * m;
            const left = (first + i - tileRow * across) * m;
            const rows = min(m, dstHeight - top);
            const columns = min(m, dstWidth - left);
            for (let y = 0; y < rows; ++y) {
              const at = <usize>(((top + y) * dstWidth + left) << 4);
              const from = tile + (y << 6);
              for (let x: usize = 0; x < (<usize>columns) << 4; x += 16) {
                let r = f32x4.add(v128.load(from + x), base);
                if (other) r = f32x4.add(r, v128.load(other + at + x));
                v128.store(image + at + x, clamp(r, lo, hi));
              }
            }
          }
        }
      }
    }
    activatePlanes(step, dst, <i32>planes, dstHeight * dstWidth);
    src += pitch * blocks;
    dst += dstPitch * planes;
    if (residual) residual += residualPitch * planes;
    weights += <usize>depth * planes * 16 * 36;
    bias += planes << 4;
  }
}
