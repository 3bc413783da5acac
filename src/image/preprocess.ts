// From a decoded image to a network's input: resize so that the shorter side has a given size, cut out the middle, scale.
// The order and the rounding are those under which published networks were measured.
import { OptionError } from "../errors.ts";
import type { Normalisation } from "../graph/graph.ts";
import type { Tensor } from "../tensor.ts";
import { centreCrop } from "./crop.ts";
import { toGrey } from "./grey.ts";
import { normalise } from "./normalise.ts";
import { resizeBilinear } from "./resize.ts";

/** A decoded picture. */
export interface Image {
  /** height × width × 3 bytes: R, G, B of each pixel, rows from above. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface PreprocessOptions {
  /** [height, width] of the input, in pixels. */
  readonly crop: readonly [number, number];
  readonly normalisation: Normalisation;
  /** The shorter side after resizing, in pixels; by default the longer side of the crop × 256 / 224. */
  readonly size?: number;
  /** 3 for R, G, B (the default), 1 for grey. */
  readonly channels?: 1 | 3;
}

/**
 * Resizes, crops and scales an image for a network.
 *
 * @returns float32 [1, channels, crop height, crop width]
 * @throws OptionError where the crop does not fit into the resized image, or the normalisation into the channels
 */
export function preprocess(image: Image, options: PreprocessOptions): Tensor<"float32"> {
  const { crop, normalisation, channels = 3 } = options;
  const size = options.size ?? Math.round((Math.max(...crop) * 256) / 224);
  if (![size, ...crop].every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw new OptionError(`size ${size} and crop ${crop.join("×")} must be whole numbers of pixels above 0`);
  }
  const { width, height } = image;
  const shorter = Math.min(width, height);
  const toWidth = roundHalfEven((width * size) / shorter);
  const toHeight = roundHalfEven((height * size) / shorter);
  const pixels = channels === 1 ? toGrey(image.data) : image.data;
  const window = centreCrop(toWidth, toHeight, crop);
  const cropped = resizeBilinear(pixels, width, height, channels, toWidth, toHeight, window);
  return normalise(cropped, window.width, window.height, channels, normalisation);
}

/** As Python's round(), by which the expected sizes were computed: 2.5 becomes 2, 3.5 becomes 4. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + (below % 2) : Math.round(value);
}
