// Resize against the reference: enlarged and reduced, every coordinate transformation and rounding.
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

const coordinateTransformation = ["half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"] as const;

const sizes = [
  { from: [1, 1], to: [1, 1] },
  { from: [1, 1], to: [4, 3] },
  { from: [5, 7], to: [1, 1] },
  { from: [7, 7], to: [14, 14] },
  { from: [3, 5], to: [7, 8] },
  { from: [9, 6], to: [4, 13] },
  { from: [4, 3], to: [4, 1] },
] as const;

grid(
  "Resize, linear",
  product({ coordinateTransformation, batch: [1, 2], channels: oddChannels, size: sizes }),
  (builder, { coordinateTransformation, batch, channels, size: { from, to } }) =>
    builder.node("Resize", "resize", [builder.input("input", [batch, channels, ...from])], {
      mode: "linear",
      coordinateTransformation,
      nearestMode: "floor",
      sizes: to,
    }),
);

grid(
  "Resize, nearest",
  product({
    coordinateTransformation,
    nearestMode: ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const,
    channels: [1, 4, 7],
    size: sizes,
  }),
  (builder, { coordinateTransformation, nearestMode, channels, size: { from, to } }) =>
    builder.node("Resize", "resize", [builder.input("input", [2, channels, ...from])], {
      mode: "nearest",
      coordinateTransformation,
      nearestMode,
      sizes: to,
    }),
);

grid(
  "Resize by scales that are not the sizes' ratios",
  product({ coordinateTransformation, mode: ["linear", "nearest"] as const, scale: [0.6, 1.3, 2.5, 3.3] }),
  (builder, { coordinateTransformation, mode, scale }) =>
    builder.node("Resize", "resize", [builder.input("input", [1, 6, 5, 7])], {
      mode,
      coordinateTransformation,
      nearestMode: "round_prefer_floor",
      sizes: [Math.floor(5 * scale), Math.floor(7 * scale)],
      scales: [scale, scale],
    }),
);
