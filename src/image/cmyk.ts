// Printing inks to RGB, the plain way (each ink takes away its light, no colour profile): what Pillow's convert("RGB") gives.

/**
 * @param cmyk interleaved C, M, Y, K bytes, 255 being all the ink
 * @returns interleaved R, G, B bytes
 */
export function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - cmyk[from + 3];
    for (let ink = 0; ink < 3; ++ink) rgb[to + ink] = light - Math.round((cmyk[from + ink] * light) / 255);
  }
  return rgb;
}
