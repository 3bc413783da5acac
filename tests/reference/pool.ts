// Reference pooling: the largest or the mean of the pixels under each window.

import type { AveragePoolAttributes, MaxPoolAttributes } from "../../src/graph/operators.ts";
import { windowCount } from "../../src/graph/shapes.ts";
import { type Value, zeros } from "./value.ts";

interface Taps {
  /** The pixels of the image under the window. */
  readonly pixels: readonly number[];
  /** How many positions of the window lie in the image or its padding (not beyond, where ceilMode lets it stick out). */
  readonly padded: number;
}

function pool(x: Value, attributes: MaxPoolAttributes, reduce: (taps: Taps) => number): Value {
  const [batch, channels, height, width] = x.dims;
  const { kernelShape, strides, pads, dilations, ceilMode } = attributes;
  const outHeight = windowCount(height, kernelShape[0], strides[0], pads[0], pads[2], dilations[0], ceilMode);
  const outWidth = windowCount(width, kernelShape[1], strides[1], pads[1], pads[3], dilations[1], ceilMode);
  const out = zeros([batch, channels, outHeight, outWidth]);
  let at = 0;
  for (let plane = 0; plane < batch * channels; ++plane) {
    for (let oy = 0; oy < outHeight; ++oy) {
      for (let ox = 0; ox < outWidth; ++ox) {
        const pixels: number[] = [];
        let padded = 0;
        for (let ky = 0; ky < kernelShape[0]; ++ky) {
          for (let kx = 0; kx < kernelShape[1]; ++kx) {
            const y = oy * strides[0] + ky * dilations[0] - pads[0];
            const ix = ox * strides[1] + kx * dilations[1] - pads[1];
            if (y < height + pads[2] && ix < width + pads[3]) ++padded;
            if (y >= 0 && y < height && ix >= 0 && ix < width) pixels.push(x.data[(plane * height + y) * width + ix]);
          }
        }
        out.data[at++] = reduce({ pixels, padded });
      }
    }
  }
  return out;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** @param x [N,C,H,W] */
export function maxPool(x: Value, attributes: MaxPoolAttributes): Value {
  return pool(x, attributes, ({ pixels }) => Math.max(...pixels));
}

/** @param x [N,C,H,W] */
export function averagePool(x: Value, attributes: AveragePoolAttributes): Value {
  return pool(x, attributes, ({ pixels, padded }) => sum(pixels) / (attributes.countIncludePad ? padded : pixels.length));
}

/** [N,C,H,W] → [N,C,1,1] */
export function globalAveragePool(x: Value): Value {
  const [batch, channels, height, width] = x.dims;
  const out = zeros([batch, channels, 1, 1]);
  for (let plane = 0; plane < batch * channels; ++plane) {
    let total = 0;
    for (let i = 0; i < height * width; ++i) total += x.data[plane * height * width + i];
    out.data[plane] = total / (height * width);
  }
  return out;
}
