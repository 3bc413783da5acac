// Reference matrix product: out[n,m] = bias[m] + Σ x[n,k] · weight[m,k].
import { type Value, zeros } from "./value.ts";

/**
 * @param x [N,K]
 * @param weight [M,K], or [K,M] where transB is false
 * @param bias [M], none if left out
 */
export function gemm(x: Value, weight: Value, bias: Value | undefined, { transB }: { readonly transB: boolean }): Value {
  const [rows, depth] = x.dims;
  const columns = transB ? weight.dims[0] : weight.dims[1];
  const out = zeros([rows, columns]);
  for (let n = 0; n < rows; ++n) {
    for (let m = 0; m < columns; ++m) {
      let sum = bias?.data[m] ?? 0;
      for (let k = 0; k < depth; ++k) {
        sum += x.data[n * depth + k] * weight.data[transB ? m * depth + k : k * columns + m];
      }
      out.data[n * columns + m] = sum;
    }
  }
  return out;
}
