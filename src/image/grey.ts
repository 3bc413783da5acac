// RGB to one channel of brightness, for networks that see no colour.

/**
 * ITU-R 601 luma in 16-bit fixed point: the grey that Pillow's convert("L") gives.
 *
 * @param rgb interleaved R, G, B bytes
 * @returns one byte a pixel
 */
export function toGrey(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let pixel = 0; pixel < grey.length; ++pixel) {
    const at = pixel * 3;
    grey[pixel] = (rgb[at] * 19595 + rgb[at + 1] * 38470 + rgb[at + 2] * 7471 + 0x8000) >> 16;
  }
  return grey;
}
