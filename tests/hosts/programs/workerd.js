// The networks' outputs as an edge function's answer.

import densenet from "./data/densenet_bc_40_12_cifar10.onnx";
import mobilenet from "./data/mobilenet_v1_0.25_224.onnx";
import photo from "./data/photo.rgb";
import squeezenet from "./data/squeezenet1_1.onnx";
import { outputs } from "./outputs.js";

const files = {
  "photo.rgb": photo,
  "squeezenet1_1.onnx": squeezenet,
  "mobilenet_v1_0.25_224.onnx": mobilenet,
  "densenet_bc_40_12_cifar10.onnx": densenet,
};

export default {
  fetch: async () => Response.json(await outputs(async (name) => new Uint8Array(files[name]))),
};
