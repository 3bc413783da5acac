// The public API of "minnow/formats": other programs' files, to and from graphs, weights and tensors. `loadModel` reads ONNX by itself.
export { readNpy, writeNpy } from "./npy.ts";
export { readOnnx } from "./onnx/read.ts";
export { writeOnnx } from "./onnx/write.ts";
export { readSafetensors } from "./safetensors.ts";
