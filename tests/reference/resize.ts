// Reference Resize: each element from the position that ONNX's formulas give, in float64; scales are float32.
import type { ResizeAttributes } from "../../src/graph/operators.ts";
import { indexOf, positions, type Value, zeros } from "./value.ts";

const transformations: Readonly<
  Record<ResizeAttributes["coordinateTransformation"], (x: number, scale: number, from: number, to: number) => number>
> = {
  half_pixel: (x, scale) => (x + 0.5) / scale - 0.5,
  pytorch_half_pixel: (x, scale, _, to) => (to > 1 ? (x + 0.5) / scale - 0.5 : 0),
  asymmetric: (x, scale) => x / scale,
  align_corners: (x, _, from, to) => (to > 1 ? (x * (from - 1)) / (to - 1) : 0),
};

const roundings: Readonly<Record<ResizeAttributes["nearestMode"], (x: number) => number>> = {
  round_prefer_floor: (x) => (x - Math.floor(x) <= 0.5 ? Math.floor(x) : Math.ceil(x)),
  round_prefer_ceil: (x) => (x - Math.floor(x) < 0.5 ? Math.floor(x) : Math.ceil(x)),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Pixels along one axis and how much each counts. */
function taps(
  x: number,
  axis: 0 | 1,
  from: number,
  how: ResizeAttributes,
): readonly (readonly [pixel: number, weight: number])[] {
  const { mode, coordinateTransformation, nearestMode, sizes, scales } = how;
  const scale = scales?.[axis] ?? sizes[axis] / from;
  const at = transformations[coordinateTransformation](x, Math.fround(scale), from, sizes[axis]);
  const inside = (pixel: number) => Math.min(Math.max(pixel, 0), from - 1);
  if (mode === "nearest") return [[inside(roundings[nearestMode](at)), 1]];
  const before = Math.floor(at);
  return [
    [inside(before), before + 1 - at],
    [inside(before + 1), at - before],
  ];
}

/** The image at another size. */
export function resize(x: Value, attributes: ResizeAttributes): Value {
  const [n, c, h, w] = x.dims;
  const out = zeros([n, c, ...attributes.sizes]);
  let at = 0;
  for (const [i, channel, row, column] of positions(out.dims)) {
    let sum = 0;
    for (const [y, weight] of taps(row, 0, h, attributes)) {
      for (const [z, part] of taps(column, 1, w, attributes)) {
        sum += weight * part * x.data[indexOf(x.dims, [i, channel, y, z])];
      }
    }
    out.data[at++] = sum;
  }
  return out;
}
