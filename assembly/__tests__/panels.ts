// Weights in the panel form of kernels/panel.ts, for specs.
import { float } from "./memory";

/** How many floats the panels of M output channels take. */
export function panelFloats(m: i32, depth: i32): i32 {
  return ((m + 3) & ~3) * depth;
}

/** The weight from input k to output channel o. */
export function panelWeight(panels: usize, m: i32, depth: i32, o: i32, k: i32): f64 {
  const first = o & ~7;
  const wide = m - first > 4 ? 8 : 4;
  return float(panels, first * depth + k * wide + (o - first));
}
