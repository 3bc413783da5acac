// From 8-bit pixels to the numbers a network was trained on.
import { OptionError } from "../errors.ts";
import type { Normalisation } from "../graph/graph.ts";
import { Tensor } from "../tensor.ts";

/** What torchvision's ImageNet networks were trained with, and most others after them. */
export const imagenetNormalisation: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], scale: 255 };

/**
 * Computes (x / scale − mean) / std, channel by channel, and turns interleaved channels into planes.
 *
 * @param pixels height × width × channels bytes
 * @param normalisation mean and std hold one number a channel, or one for all
 * @returns float32 [1, channels, height, width]
 * @throws OptionError where mean or std has another count of numbers, or std or scale is 0 or not finite
 */
export function normalise(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
  normalisation: Normalisation,
): Tensor<"float32"> {
  const mean = perChannel("mean", normalisation.mean, channels);
  const std = perChannel("std", normalisation.std, channels);
  const { scale } = normalisation;
  if (![...mean, ...std, scale].every(Number.isFinite) || std.includes(0) || scale === 0) {
    throw new OptionError(
      `pixels cannot be scaled by mean ${mean.join(",")}, std ${std.join(",")}, scale ${scale}`,
      "all of them must be finite numbers, and std and scale not 0",
    );
  }
  const plane = width * height;
  const data = new Float32Array(channels * plane);
  const scaled = new Float32Array(256);
  for (let channel = 0; channel < channels; ++channel) {
    for (let value = 0; value < 256; ++value) scaled[value] = (value / scale - mean[channel]) / std[channel];
    for (let pixel = 0; pixel < plane; ++pixel) {
      data[channel * plane + pixel] = scaled[pixels[pixel * channels + channel]];
    }
  }
  return new Tensor("float32", data, [1, channels, height, width]);
}

function perChannel(name: string, values: readonly number[], channels: number): readonly number[] {
  if (values.length === channels) return values;
  if (values.length === 1) return new Array<number>(channels).fill(values[0]);
  throw new OptionError(
    `${name} has ${values.length} numbers, the input has ${channels} channel${channels === 1 ? "" : "s"}`,
    `give ${channels === 1 ? "one number" : `one number for each channel, or one for all`}`,
  );
}
