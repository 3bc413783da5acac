// Reference local response normalisation: x / (bias + alpha/size · Σ x²)^beta, the sum over neighbouring channels.
import type { LrnAttributes } from "../../src/graph/operators.ts";
import { type Value, zeros } from "./value.ts";

/** @param x [N,C,H,W] */
export function lrn(x: Value, { size, alpha, beta, bias }: LrnAttributes): Value {
  const [batch, channels, height, width] = x.dims;
  const pixels = height * width;
  const out = zeros(x.dims);
  for (let n = 0; n < batch; ++n) {
    for (let c = 0; c < channels; ++c) {
      const first = Math.max(0, c - Math.floor((size - 1) / 2));
      const last = Math.min(channels - 1, c + Math.ceil((size - 1) / 2));
      for (let p = 0; p < pixels; ++p) {
        let sum = 0;
        for (let k = first; k <= last; ++k) sum += x.data[(n * channels + k) * pixels + p] ** 2;
        const at = (n * channels + c) * pixels + p;
        out.data[at] = x.data[at] / (bias + (alpha / size) * sum) ** beta;
      }
    }
  }
  return out;
}
