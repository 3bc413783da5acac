// Where the part of an image that a network looks at lies.
import { OptionError } from "../errors.ts";

/** A rectangle of pixels, from its upper left corner. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The rectangle in the middle of an image; half a pixel too many is left over on the right and below.
 *
 * @param width width of the image, in pixels
 * @param height height of the image, in pixels
 * @param crop [height, width] of the rectangle
 * @throws OptionError where the image is smaller than the rectangle
 */
export function centreCrop(width: number, height: number, crop: readonly [number, number]): Rectangle {
  const [cropHeight, cropWidth] = crop;
  if (cropWidth > width || cropHeight > height) {
    throw new OptionError(
      `a crop of ${cropWidth}×${cropHeight} does not fit into the resized image, ${width}×${height} pixels`,
      "resize to a larger size, or crop less",
    );
  }
  return {
    left: Math.floor((width - cropWidth) / 2),
    top: Math.floor((height - cropHeight) / 2),
    width: cropWidth,
    height: cropHeight,
  };
}
