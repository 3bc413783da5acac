// Opcode.winograd: 3×3 convolution, stride 1, by Winograd's F(4×4, 3×3) (Lavin and Gray, arXiv:1509.09308): 36
// multiplications give a 4×4 tile of results that directly takes 144.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A      d: 6×6 inputs, g: 3×3 weights, Y: 4×4 outputs
//
// A block of tiles at a time, so that scratch stays small whatever the image:
//   1. Bᵀ d B of every tile and channel      → scratch  V [36][ceil(C/4)][tiles][4]
//   2. for each panel of eight output channels, 36 matrix products (panel.ts) → scratch  M [36][2][tiles][4]
//   3. Aᵀ M A, bias, residual and clamp      → the image
// V stays in the second-level cache while the panels pass, M in the first.
//
// The points 0, ±√2/2, ±√2, ∞ halve the rounding error of the usual 0, ±1, ±2, ∞ and cost the same. The error is a few
// times a direct convolution's (docs/performance.md has it layer by layer); sums have a fixed order, so bits do too.
//
// Weights: G g Gᵀ by packWinograd, panels [ceil(M/8)][36][C][8].
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

/** Bᵀ d B for the 6×6 pixels at p, rows `rowBytes` apart; result k at q + k·out. `temp` holds 36 vectors. */
function inputTile(p: usize, rowBytes: usize, q: usize, out: usize, temp: usize): void {
  const last = temp + 96;
  for (let to = temp; to < last; to += 16, p += 16) inputColumn(p, rowBytes, to, 96);
  for (let row = temp; row < temp + 576; row += 96) {
    inputColumn(row, 16, q, out);
    q += 6 * out;
  }
}

/** Copies the 6×6 pixels whose first is (top, left) to `to`, with zeros for those outside the image. */
function edgeTile(src: usize, height: i32, width: i32, top: i32, left: i32, to: usize): void {
  const zero = i32x4.splat(0);
  for (let y = top; y < top + 6; ++y) {
    const inside = y >= 0 && y < height;
    const row = src + ((y * width) << 4);
    for (let x = left; x < left + 6; ++x, to += 16) {
      v128.store(to, inside && x >= 0 && x < width ? v128.load(row + (x << 4)) : zero);
    }
  }
}

/** One row of M A: six vectors `stride` apart at p → four vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function outputRow(p: usize, stride: usize, q: usize, out: usize): void {
  const m1 = v128.load(p + stride);
  const m2 = v128.load(p + 2 * stride);
  const m3 = v128.load(p + 3 * stride);
  const m4 = v128.load(p + 4 * stride);
  const sum1 = f32x4.add(m1, m2);
  const sum2 = f32x4.add(m3, m4);
  const difference1 = f32x4.mul(f32x4.sub(m1, m2), f32x4.splat(HALF_ROOT2));
  const difference2 = f32x4.mul(f32x4.sub(m3, m4), f32x4.splat(ROOT2));
  v128.store(q, f32x4.add(f32x4.add(v128.load(p), sum1), sum2));
  v128.store(q + out, f32x4.add(difference1, difference2));
  v128.store(q + 2 * out, f32x4.add(f32x4.mul(sum1, f32x4.splat(0.5)), f32x4.add(sum2, sum2)));
  const cubes = f32x4.add(f32x4.mul(difference1, f32x4.splat(0.5)), f32x4.add(difference2, difference2));
  v128.store(q + 3 * out, f32x4.add(cubes, v128.load(p + 5 * stride)));
}

/** Aᵀ M A for the 36 vectors `out` apart at p → 16 vectors at `to`, row by row. `temp` holds 24 vectors. */
function outputTile(p: usize, out: usize, to: usize, temp: usize): void {
  const end = temp + 384;
  for (let q = temp; q < end; q += 64) {
    outputRow(p, out, q, 16);
    p += 6 * out;
  }
  for (let q = temp; q < temp + 64; q += 16, to += 16) outputRow(q, 64, to, 64);
}

export function winograd(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const groups = load<i32>(step, Step.group);
  const depth = load<i32>(step, Step.channels) / groups;
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
  const across = (dstWidth + 3) >> 2;
  const tiles = across * ((dstHeight + 3) >> 2);
  const blocks = (depth + 3) >> 2;
  const planes = <usize>((channels + 3) >> 2);
  const rowBytes = (<usize>width) << 4;
  const tilePitch = (<usize>strip) << 4;
  const inputStep = tilePitch * blocks;
  const outputStep = tilePitch << 1;
  // Scratch: eight zeros (the products' bias), a tile, a half-transformed tile, V, M.
  const zeros = plan + load<i32>(step, Step.scratch);
  const tile = zeros + 64;
  const temp = tile + 576;
  const v = temp + 576;
  const m = v + 36 * inputStep;
  v128.store(zeros, i32x4.splat(0));
  v128.store(zeros, i32x4.splat(0), 16);
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let g = 0; g < groups; ++g) {
    for (let first = 0; first < tiles; first += strip) {
      const count = min(strip, tiles - first);
      for (let i = 0; i < count; ++i) {
        const tileRow = (first + i) / across;
        const top = (tileRow << 2) - padTop;
        const left = ((first + i - tileRow * across) << 2) - padLeft;
        const inside = top >= 0 && left >= 0 && top + 6 <= height && left + 6 <= width;
        let q = v + ((<usize>i) << 4);
        let p = src;
        for (let b = 0; b < blocks; ++b, p += pitch, q += tilePitch) {
          if (inside) {
            inputTile(p + ((top * width + left) << 4), rowBytes, q, inputStep, temp);
          } else {
            edgeTile(p, height, width, top, left, tile);
            inputTile(tile, 96, q, inputStep, temp);
          }
        }
      }
      let w = weights;
      for (let plane: usize = 0; plane < planes; plane += 2) {
        const wide = plane + 1 < planes;
        const panelStep = (<usize>depth) << (wide ? 5 : 4);
        for (let k: usize = 0; k < 36; ++k, w += panelStep) {
          const x = v + k * inputStep;
          const to = m + k * outputStep;
          if (wide) panel8(x, tilePitch, (count + 3) >> 2, depth, 4, w, zeros, 0, 0, to, tilePitch, -Infinity, Infinity);
          else panel4(x, tilePitch, (count + 3) >> 2, depth, 4, w, zeros, 0, to, -Infinity, Infinity);
        }
        const halves: usize = wide ? 2 : 1;
        for (let half: usize = 0; half < halves; ++half) {
          const base = v128.load(bias + ((plane + half) << 4));
          const image = dst + (plane + half) * dstPitch;
          const other = residual ? residual + (plane + half) * residualPitch : 0;
          for (let i = 0; i < count; ++i) {
            outputTile(m + half * tilePitch + ((<usize>i) << 4), outputStep, tile, temp);
            const tileRow = (first + i) / across;
            const top = tileRow << 2;
            const left = (first + i - tileRow * across) << 2;
            const rows = min(4, dstHeight - top);
            const columns = min(4, dstWidth - left);
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
