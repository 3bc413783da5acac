// Image files to RGB pixels, by sharp. Node only: in a page, a canvas decodes. sharp's decoders give the same pixels as
// Pillow's, to the bit, for JPEG and PNG.
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { FormatError } from "../errors.ts";
import { cmykToRgb } from "./cmyk.ts";
import type { Image } from "./preprocess.ts";

/** File name endings of the formats that can be decoded; what a folder is searched for. */
export const imageExtensions: readonly string[] = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".avif"];

/**
 * Decodes an image to 8-bit RGB. The camera's orientation (EXIF) is honoured; colour profiles are ignored, as by most
 * training pipelines; alpha is dropped; grey, 16-bit and CMYK pixels are converted; of an animation the first picture counts.
 *
 * @param source path of a file, or its bytes
 * @param name what to call the image in a message; the path by default
 * @throws FormatError where the file cannot be read, or is broken, truncated, of another format or larger than 268 megapixels
 */
export async function decodeImage(
  source: string | Uint8Array,
  name = typeof source === "string" ? source : "image",
): Promise<Image> {
  const bytes = typeof source === "string" ? await readImageFile(source) : source;
  if (bytes.length === 0) throw new FormatError(`${name} is empty`);
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) {
    throw new FormatError(`${name} is a BMP image, which cannot be decoded here`, { hint: "convert it to PNG" });
  }
  try {
    // failOn "error": a truncated picture is an error, a stray byte between two markers is not.
    const picture = sharp(bytes, { autoOrient: true, failOn: "error", ignoreIcc: true });
    const inks = (await picture.metadata()).space === "cmyk";
    // Without its own colour space as the pipeline's, sharp would convert inks by a colour profile.
    if (inks) picture.pipelineColourspace("cmyk").toColourspace("cmyk");
    else picture.toColourspace("srgb").removeAlpha();
    const { data, info } = await picture.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { data: inks ? cmykToRgb(data) : data, width: info.width, height: info.height };
  } catch (error) {
    const reason = (error as Error).message.split("\n")[0];
    throw new FormatError(`${name} cannot be decoded: ${reason}`, { hint: hintFor(reason) });
  }
}

function hintFor(reason: string): string {
  if (/unsupported image format/.test(reason)) return "it must be a JPEG, PNG, WebP, GIF, TIFF or AVIF image";
  if (/pixel limit/.test(reason)) return "an image may have 268 million pixels";
  return "the file may be damaged or incomplete";
}

async function readImageFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : (error as Error).message;
    throw new FormatError(`cannot read ${path}: ${reason}`);
  }
}
