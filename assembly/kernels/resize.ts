// Opcode.resize: the image at another size, linear between four pixels or the nearest pixel (ONNX Resize).
//
// Where a column comes from is the same in all rows and planes: it is computed once, in float64 from the float32 scale, so that
// a position that should be a whole number is one. Positions outside the image become its edge.
import { ResizeCoordinate, ResizeMode, Step } from "../plan";
import { madd } from "../simd";

/** Bytes of a column's entry in scratch: offsets of the pixels before and after it, and how far it is between them. */
const COLUMN = 12;

/** Where pixel x of a row of `to` pixels lies in one of `from` pixels. */
function position(x: i32, coordinate: i32, scale: f32, from: i32, to: i32): f64 {
  if (coordinate == ResizeCoordinate.asymmetric) return <f64>x / scale;
  if (coordinate == ResizeCoordinate.alignCorners) return to == 1 ? 0 : (<f64>x * (from - 1)) / (to - 1);
  if (coordinate == ResizeCoordinate.pytorchHalfPixel && to == 1) return 0;
  return (<f64>x + 0.5) / scale - 0.5;
}

/** The position as a whole pixel of a row of `from`: the one before it, or the nearest. */
function pixelAt(at: f64, mode: i32, from: i32): i32 {
  let pixel: f64;
  if (mode == ResizeMode.nearestRoundPreferFloor) pixel = ceil(at - 0.5);
  else if (mode == ResizeMode.nearestRoundPreferCeil) pixel = floor(at + 0.5);
  else if (mode == ResizeMode.nearestCeil) pixel = ceil(at);
  else pixel = floor(at);
  return <i32>min(max(pixel, 0), <f64>(from - 1));
}

/** How far the position is from its pixel to the next: 0 outside the image, and for the nearest pixel. */
function fractionAt(at: f64, pixel: i32, mode: i32): f32 {
  return mode == ResizeMode.linear ? <f32>min(max(at - <f64>pixel, 0), 1) : 0;
}

export function resize(step: usize, plan: usize, src: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const scaleHeight = load<f32>(step, Step.alpha);
  const scaleWidth = load<f32>(step, Step.beta);
  const coordinate = load<i32>(step, Step.mode) >> 4;
  const mode = load<i32>(step, Step.mode) & 15;
  const columns = plan + load<i32>(step, Step.scratch);
  const end = columns + dstWidth * COLUMN;
  for (let x = 0, column = columns; x < dstWidth; ++x, column += COLUMN) {
    const at = position(x, coordinate, scaleWidth, width, dstWidth);
    const pixel = pixelAt(at, mode, width);
    store<i32>(column, pixel << 4);
    store<i32>(column, min(pixel + 1, width - 1) << 4, 4);
    store<f32>(column, fractionAt(at, pixel, mode), 8);
  }
  for (let y = 0; y < dstHeight; ++y) {
    const at = position(y, coordinate, scaleHeight, height, dstHeight);
    const row = pixelAt(at, mode, height);
    const fraction = fractionAt(at, row, mode);
    const down = f32x4.splat(fraction);
    let above = src + ((row * width) << 4);
    let below = src + ((min(row + 1, height - 1) * width) << 4);
    let q = dst + ((y * dstWidth) << 4);
    for (let plane = planes; plane > 0; --plane, above += pitch, below += pitch, q += dstPitch) {
      let to = q;
      if (mode != ResizeMode.linear) {
        for (let column = columns; column < end; column += COLUMN, to += 16) {
          v128.store(to, v128.load(above + load<i32>(column)));
        }
        continue;
      }
      for (let column = columns; column < end; column += COLUMN, to += 16) {
        const left = load<i32>(column);
        const right = load<i32>(column, 4);
        const across = v128.load32_splat(column, 8);
        const a = v128.load(above + left);
        const b = v128.load(below + left);
        const upper = madd(f32x4.sub(v128.load(above + right), a), across, a);
        const lower = madd(f32x4.sub(v128.load(below + right), b), across, b);
        v128.store(to, madd(f32x4.sub(lower, upper), down, upper));
      }
    }
  }
}
