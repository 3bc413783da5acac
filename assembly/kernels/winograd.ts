// Opcode.winograd: convolution by Winograd's F(m×m, r×r) (Lavin and Gray, arXiv:1509.09308): with n = m + r - 1 points, n²
// multiplications give an m×m tile of results that directly takes m²·r². The two sides of a tile may differ: F(5×4,3×3) has 7·6.
//
//   Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A      d: n×n inputs, g: r×r weights, Y: m×m outputs
//
// r is 2 to 5, in F(2×2,2×2), F(2×2,3×3), F(4×4,3×3), F(5×4,3×3), F(5×5,3×3), F(4×4,4×4) and F(3×3,5×5). A stride s > 1 splits
// the image into s² phases, each with every s-th row and column: the convolution is the sum of s² convolutions of stride 1 whose
// windows have r = ceil(kernel/s) rows, and one product adds them up. So 3×3 and 5×5 windows of stride 1, 3×3 and 7×7 of stride 2
// and 11×11 of stride 4 all come here. Phases whose windows have fewer rows or columns have no share in the point ∞ (phaseIndex),
// and are left out there.
//
// A block of tiles at a time, so that scratch stays small whatever the image:
//   1. Bᵀ d B of every tile, phase and channel, tiles beside each other at once (winograd-lines.ts)
//                                            → scratch  V [n²][s²·ceil(C/4)][tiles][4]
//   2. for so many panels of eight output channels, n² matrix products (panel.ts) → scratch  M [panels][n²][2][tiles][4]
//   3. Aᵀ M A, bias, residual and clamp      → the image
// V stays in the second-level cache while the panels pass, and what a product takes of it in the first, where that is small enough
// (src/plan/strips.ts has for how many panels).
//
// The error is a few times a direct convolution's (docs/performance.md has it layer by layer); sums have a fixed order, so bits
// do too.
//
// Weights: G g Gᵀ by packWinograd, panels [ceil(M/8/panels)][n²][panels][phases·C][8], in the order in which they are read, of each
// product the phases that have a share in it. Where s > 1, C fills whole blocks of four or is below four. F(4×4,3×3) of stride 1 can
// transform them itself (winograd-weights.ts), once a strip and panel: then `panels` is 0, and they are panels [ceil(M/8)][C][3·3][8].
import { Step } from "../plan";
import { activatePlanes } from "./activation";
import { NO_BIAS, panel4, panel8 } from "./panel";
import { touchRows } from "./touch";
import { endTap, firstTap } from "./window";
import { inputAcrossFour, inputDownFour, outputAcrossFour, outputDownFour } from "./winograd-four";
import { BUFFER, clearRows, ROW, RUN } from "./winograd-lines";
import { phaseIndex, pointsAcross } from "./winograd-points";
import {
  inputAcrossSeven,
  inputDownSeven,
  outputAcrossSevenToFive,
  outputAcrossSevenToFour,
  outputAcrossSevenToThree,
  outputDownSevenToFive,
  outputDownSevenToFour,
  outputDownSevenToThree,
} from "./winograd-seven";
import { inputAcrossSix, inputDownSix, outputAcrossSix, outputDownSix } from "./winograd-six";
import { inputAcrossThree, inputDownThree, outputAcrossThree, outputDownThree } from "./winograd-three";
import { transformWeights } from "./winograd-weights";

/** Copies rows × columns vectors, `fromStep` and 16 bytes apart in a row. */
function copyTile(from: usize, fromRow: usize, fromStep: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 4;
  for (; rows > 0; --rows, from += fromRow, to += toRow) {
    let p = from;
    for (let q = to; q < to + bytes; q += 16, p += fromStep) v128.store(q, v128.load(p));
  }
}

// The choice among functions is inline, lest those called become one.

/** Bᵀ d of columns of so many points, to the buffer's. */
// @ts-ignore: decorator
@inline
function inputDown(points: i32, p: usize, rowBytes: usize, pixelBytes: usize, to: usize, count: i32): void {
  if (points == 6) inputDownSix(p, rowBytes, pixelBytes, to, count);
  else if (points == 7) inputDownSeven(p, rowBytes, pixelBytes, to, count);
  else if (points == 4) inputDownFour(p, rowBytes, pixelBytes, to, count);
  else inputDownThree(p, rowBytes, pixelBytes, to, count);
}

/** (Bᵀ d) B of the buffer's rows for tiles of so many points across, whose m results are side by side. */
// @ts-ignore: decorator
@inline
function inputAcross(points: i32, m: i32, p: usize, rows: i32, q: usize, out: usize, count: i32): void {
  if (points == 6) inputAcrossSix(p, rows, q, out, count);
  else if (points == 7) inputAcrossSeven(p, rows, (<usize>m) << 4, q, out, count);
  else if (points == 4) inputAcrossFour(p, rows, q, out, count);
  else inputAcrossThree(p, rows, q, out, count);
}

/** M A of tiles of so many points across, to m results side by side in each of the buffer's rows. */
// @ts-ignore: decorator
@inline
function outputAcross(points: i32, m: i32, p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  if (points == 6) outputAcrossSix(p, rows, out, to, count);
  else if (points == 4) outputAcrossFour(p, rows, out, to, count);
  else if (points == 3) outputAcrossThree(p, rows, out, to, count);
  else if (m == 5) outputAcrossSevenToFive(p, rows, out, to, count);
  else if (m == 4) outputAcrossSevenToFour(p, rows, out, to, count);
  else outputAcrossSevenToThree(p, rows, out, to, count);
}

/** Aᵀ (M A) of the buffer's columns of so many points → m rows of finished results. */
// @ts-ignore: decorator
@inline
function outputDown(
  points: i32,
  m: i32,
  p: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
  count: i32,
): void {
  if (points == 6) outputDownSix(p, to, residual, row, bias, low, high, count);
  else if (points == 4) outputDownFour(p, to, residual, row, bias, low, high, count);
  else if (points == 3) outputDownThree(p, to, residual, row, bias, low, high, count);
  else if (m == 5) outputDownSevenToFive(p, to, residual, row, bias, low, high, count);
  else if (m == 4) outputDownSevenToFour(p, to, residual, row, bias, low, high, count);
  else outputDownSevenToThree(p, to, residual, row, bias, low, high, count);
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
  const panels = load<i32>(step, Step.panels);
  const together = (<usize>max(panels, 1)) << 1;
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const stride = load<i32>(step, Step.strideHeight);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const r = (kernelHeight + stride - 1) / stride;
  const fullRows = kernelHeight - (r - 1) * stride;
  const fullColumns = load<i32>(step, Step.kernelWidth) - (r - 1) * stride;
  const products = load<i32>(step, Step.products);
  const columnPoints = pointsAcross(products);
  const rowPoints = products / columnPoints;
  const tileHeight = rowPoints + 1 - r;
  const tileWidth = columnPoints + 1 - r;
  const across = (dstWidth + tileWidth - 1) / tileWidth;
  const tiles = across * ((dstHeight + tileHeight - 1) / tileHeight);
  const blocks = (inputs + 3) >> 2;
  const lanes = min(inputs, 4);
  const planes = <usize>((channels + 3) >> 2);
  const rowBytes = (<usize>(stride * width)) << 4;
  const pixelBytes = (<usize>stride) << 4;
  const dstRow = (<usize>dstWidth) << 4;
  const tilePitch = (<usize>strip) << 4;
  // An odd number of cache lines, lest the matrices collide in the first-level cache.
  const inputStep = (tilePitch * stride * stride * blocks) | 64;
  const outputStep = tilePitch << 1;
  const panelStep = <usize>products * outputStep;
  // Scratch: a run of tiles that the image does not fill, one that is transformed along one dimension, V, M; and where there are no
  // `panels`, one panel's weights for a row of points.
  const frame = plan + load<i32>(step, Step.scratch);
  const buffer = frame + BUFFER;
  const v = buffer + BUFFER;
  const results = v + <usize>products * inputStep;
  const transformed = results + panelStep;
  const weightStep = ((<usize>inputs) << 5) | 64;
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let g = 0; g < groups; ++g) {
    let w = weights;
    for (let first = 0; first < tiles; first += strip) {
      const count = min(strip, tiles - first);
      const firstRow = max((first / across) * tileHeight * stride - padTop, 0);
      const endRow = min(((first + count - 1) / across) * tileHeight * stride - padTop + rowPoints * stride, height);
      touchRows(src, pitch, blocks, width << 4, firstRow, endRow);
      for (let phase = 0; phase < stride * stride; ++phase) {
        const phaseRow = phase / stride;
        const phaseColumn = phase - phaseRow * stride;
        const block = v + tilePitch * blocks * phaseIndex(phaseRow, phaseColumn, stride, fullRows, fullColumns);
        let run = 0;
        for (let i = 0; i < count; i += run) {
          const tileRow = (first + i) / across;
          const tileColumn = first + i - tileRow * across;
          run = min(min(across - tileColumn, count - i), RUN);
          const y = tileRow * tileHeight * stride - padTop + phaseRow;
          const x = tileColumn * tileWidth * stride - padLeft + phaseColumn;
          const wide = run * tileWidth + r - 1;
          const top = firstTap(y, stride);
          const left = firstTap(x, stride);
          const rows = endTap(y, stride, height, rowPoints) - top;
          // Windows may lie beside the image altogether.
          const columns = max(endTap(x, stride, width, wide) - left, 0);
          if (columns < wide) clearRows(buffer, rowPoints, wide);
          if (rows < rowPoints) clearRows(frame, rowPoints, columns);
          const inside = buffer + (left << 4);
          let p = src + (((y + top * stride) * width + x + left * stride) << 4);
          let q = block + ((<usize>i) << 4);
          for (let b = 0; b < blocks; ++b, p += pitch, q += tilePitch) {
            if (rows == rowPoints) inputDown(rowPoints, p, rowBytes, pixelBytes, inside, columns);
            else {
              copyTile(p, rowBytes, pixelBytes, frame + <usize>top * ROW, ROW, rows, columns);
              inputDown(rowPoints, frame, ROW, 16, inside, columns);
            }
            inputAcross(columnPoints, tileWidth, buffer, rowPoints, q, inputStep, run);
          }
        }
      }
      w = weights;
      for (let begin: usize = 0; begin < planes; begin += together) {
        const close = min(begin + together, planes);
        const shift: usize = begin + 1 < planes ? 5 : 4;
        for (let k = 0; k < products; ++k) {
          const column = k % columnPoints;
          if (panels == 0 && column == 0) transformWeights(k / columnPoints, w, inputs, 1 << shift, transformed, weightStep);
          // The phases that have a share in these points.
          const last = k >= products - columnPoints;
          const end = column == columnPoints - 1;
          const from = end ? fullRows * (stride - fullColumns) : 0;
          const depth = (last ? fullRows : stride) * (end ? fullColumns : stride) * inputs;
          const x = v + <usize>k * inputStep + <usize>(from * blocks) * tilePitch;
          let to = results + <usize>k * outputStep;
          for (let plane = begin; plane < close; plane += 2, to += panelStep) {
            const wide = plane + 1 < planes;
            const matrix = panels == 0 ? transformed + <usize>column * weightStep : w;
            if (wide) panel8(x, tilePitch, count, depth, lanes, matrix, NO_BIAS, 0, 0, to, tilePitch, 0);
            else panel4(x, tilePitch, count, depth, lanes, matrix, NO_BIAS, 0, to, 0);
            if (panels > 0) w += (<usize>depth) << (wide ? 5 : 4);
          }
        }
        if (panels == 0) w += (<usize>(inputs * 9)) << shift;
        for (let plane = begin; plane < close; ++plane) {
          const base = bias + (plane << 4);
          const image = dst + plane * dstPitch;
          const other = residual ? residual + plane * residualPitch : 0;
          let from = results + ((plane - begin) >> 1) * panelStep + (plane & 1) * tilePitch;
          let run = 0;
          for (let i = 0; i < count; i += run, from += (<usize>run) << 4) {
            const tileRow = (first + i) / across;
            const tileColumn = first + i - tileRow * across;
            run = min(min(across - tileColumn, count - i), RUN);
            const top = tileRow * tileHeight;
            const left = tileColumn * tileWidth;
            const rows = min(tileHeight, dstHeight - top);
            const columns = min(run * tileWidth, dstWidth - left);
            const at = <usize>((top * dstWidth + left) << 4);
            outputAcross(columnPoints, tileWidth, from, rowPoints, outputStep, buffer, run);
            if (rows == tileHeight) {
              const rest = other ? other + at : 0;
              outputDown(rowPoints, tileHeight, buffer, image + at, rest, dstRow, base, low, high, columns);
            } else {
              // Rows that stick out of the image.
              if (other) copyTile(other + at, dstRow, 16, frame, ROW, rows, columns);
              outputDown(rowPoints, tileHeight, buffer, frame, other ? frame : 0, ROW, base, low, high, columns);
              copyTile(frame, ROW, 16, image + at, dstRow, rows, columns);
            }
          }
        }
      }
    }
    activatePlanes(step, dst, <i32>planes, dstHeight * dstWidth);
    src += pitch * blocks;
    dst += dstPitch * planes;
    if (residual) residual += residualPitch * planes;
    weights = w;
    bias += planes << 4;
  }
}
