// Resize and its predecessor Upsample: https://onnx.ai/onnx/operators/onnx__Resize.html. Images in height and width alone,
// linear or nearest; what exporters write for bilinear and nearest upsampling.
import type { CoordinateTransformation, NearestMode } from "../../graph/operators.ts";
import { formatDims } from "../../tensor.ts";
import type { OnnxNode } from "./node.ts";
import { Refusal } from "./refusal.ts";

const coordinates = new Set<string>(["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"]);
const nearestModes = new Set<string>(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]);

/** Real numbers that are a constant input, or an attribute (Upsample of opset 7); undefined where they are neither. */
function reals(node: OnnxNode, what: string, index: number): readonly number[] | undefined {
  if (!node.has(index)) return node.attributes.get(what)?.floats;
  const { data } = node.weight(index, what);
  return data.length === 0 ? undefined : Array.from(data);
}

/** Values for [N,C,H,W], of which `axes` may name a part, with `absent` for the others. */
function alongAxes<T>(node: OnnxNode, what: string, values: readonly T[], absent: readonly T[]): T[] {
  const axes = (node.attributes.ints("axes") ?? absent.map((_, i) => i)).map((axis) => node.axis(axis, absent.length));
  if (values.length !== axes.length) throw node.broken(`${values.length} ${what} do not fit ${axes.length} axes`);
  const all = [...absent];
  axes.forEach((axis, i) => {
    all[axis] = values[i];
  });
  return all;
}

export function resize(node: OnnxNode): void {
  const { attributes } = node;
  const x = node.value(0);
  const { dims } = x;
  if (dims.length !== 4) throw new Refusal(`its input ${formatDims(dims)} is not an image [N,C,H,W]`);
  const upsample = node.op === "Upsample";
  // Resize of opset 10 has Upsample's inputs and meaning; from 11 on a region of interest comes before the scales.
  const old = upsample || node.opset < 11;
  const mode = attributes.string("mode", "nearest");
  if (mode !== "linear" && mode !== "nearest") throw new Refusal(`mode "${mode}" is not supported`);
  const coordinate = old ? "asymmetric" : attributes.string("coordinate_transformation_mode", "half_pixel");
  if (!coordinates.has(coordinate)) throw new Refusal(`the coordinate transformation "${coordinate}" is not supported`);
  const nearestMode = old ? "floor" : attributes.string("nearest_mode", "round_prefer_floor");
  if (!nearestModes.has(nearestMode)) throw node.broken(`there is no nearest_mode "${nearestMode}"`);
  if (attributes.int("antialias", 0) !== 0) throw new Refusal("antialiasing is not supported");
  const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
  const given = old || !node.has(3) ? undefined : node.numbers("sizes", 3);

  let sizes: number[];
  let scales: number[] | undefined;
  if (given === undefined || given.length === 0) {
    const factors = reals(node, "scales", old ? 1 : 2);
    if (factors === undefined) throw node.broken("it has neither scales nor sizes");
    if (factors.some((scale) => !(scale > 0))) throw node.broken(`scales ${factors} must be above 0`);
    const all = alongAxes(
      node,
      "scales",
      factors,
      dims.map(() => 1),
    );
    // As onnxruntime does, in float32: five pixels by 1.4 are seven, though the float32 next to 1.4 is below it.
    sizes = dims.map((dim, i) => Math.floor(Math.fround(dim * all[i])));
    scales = all;
  } else {
    if (policy !== "stretch") throw new Refusal(`keep_aspect_ratio_policy "${policy}" is not supported`);
    sizes = alongAxes(node, "sizes", given, dims);
  }
  if (sizes[0] !== dims[0] || sizes[1] !== dims[1]) throw new Refusal("it resizes the batch or the channels");
  node.emit("Resize", [x], {
    mode,
    coordinateTransformation: coordinate as CoordinateTransformation,
    nearestMode: nearestMode as NearestMode,
    sizes: [sizes[2], sizes[3]],
    ...(scales && { scales: [scales[2], scales[3]] }),
  });
}
