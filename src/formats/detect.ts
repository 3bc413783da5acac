// What a file is, judged by its content: names lie, and a download is easily an error page or a Git LFS pointer.

/** The formats that Minnow reads, and those that people hand to it by mistake. */
export type FileFormat = keyof typeof formatNames;

/** Each format as a message calls it: "this is a PNG image". */
export const formatNames = {
  onnx: "an ONNX model",
  safetensors: "a safetensors file",
  npy: "a NumPy array (.npy)",
  tflite: "a TensorFlow Lite model",
  png: "a PNG image",
  jpeg: "a JPEG image",
  gif: "a GIF image",
  webp: "a WebP image",
  bmp: "a BMP image",
  zip: "a ZIP archive (PyTorch .pt and .npz files are such archives)",
  pickle: "a Python pickle (an old PyTorch checkpoint)",
  hdf5: "an HDF5 file (Keras .h5)",
  gzip: "a gzip archive",
  wasm: "a WebAssembly module",
  plan: "a Minnow plan",
  lfs: "a Git LFS pointer, not the file itself",
  html: "a web page",
  json: "a JSON text",
} as const;

/** Signatures: the format, the byte offset, and the bytes as Latin-1 text. */
const signatures: readonly (readonly [FileFormat, number, string])[] = [
  ["npy", 0, "\x93NUMPY"],
  ["tflite", 4, "TFL3"],
  ["png", 0, "\x89PNG\r\n\x1a\n"],
  ["jpeg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF8"],
  ["webp", 8, "WEBP"],
  ["zip", 0, "PK\x03\x04"],
  ["hdf5", 0, "\x89HDF\r\n\x1a\n"],
  ["gzip", 0, "\x1f\x8b\x08"],
  ["wasm", 0, "\0asm"],
  ["plan", 0, "MNWP"],
  ["lfs", 0, "version https://git-lfs"],
  ["bmp", 0, "BM"],
];

/**
 * Guesses a file's format from its first bytes.
 * @returns undefined where nothing fits. ONNX has no signature: a file that begins as every exporter's does is taken for one.
 */
export function detectFormat(bytes: Uint8Array): FileFormat | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  // Eight bytes of header length, of which no sane header uses the upper four, then JSON.
  if (head.startsWith("\0\0\0\0{", 4)) return "safetensors";
  // ModelProto begins with ir_version (field 1), then one of the fields 2 to 8.
  if (bytes[0] === 0x08 && bytes[1] <= 32 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(bytes[2])) return "onnx";
  for (const [format, offset, text] of signatures) {
    if (head.startsWith(text, offset)) return format;
  }
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) return "pickle";
  const text = head.trimStart();
  if (/^<(!doctype html|html)/i.test(text)) return "html";
  if (/^[{[]\s*["{[]/.test(text)) return "json";
  return undefined;
}
