// Reference batch normalisation: (x − mean) / √(variance + epsilon) · scale + bias, channel by channel.
import { type Value, zeros } from "./value.ts";

/** @param x [N,C,…]; the others [C] */
export function batchNormalization(
  x: Value,
  scale: Value,
  bias: Value,
  mean: Value,
  variance: Value,
  { epsilon }: { readonly epsilon: number },
): Value {
  const channels = x.dims[1];
  const out = zeros(x.dims);
  const perPlane = x.data.length / (x.dims[0] * channels);
  for (let i = 0; i < x.data.length; ++i) {
    const c = Math.floor(i / perPlane) % channels;
    out.data[i] = ((x.data[i] - mean.data[c]) / Math.sqrt(variance.data[c] + epsilon)) * scale.data[c] + bias.data[c];
  }
  return out;
}
