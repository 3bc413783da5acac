// What every host computes: the strict build's output of three trained networks for one photo, to the bit.
import { loadModel } from "minnow";
import { preprocess } from "minnow/image";

const networks = ["squeezenet1_1", "mobilenet_v1_0.25_224", "densenet_bc_40_12_cifar10"];

/**
 * @param read gives the bytes of a file by name: photo.rgb (224×224 pixels of R, G, B) and the networks' .onnx
 * @param load loadModel or createWorkerModel
 * @returns each network's output, its bytes in hexadecimal
 */
export async function outputs(read, load = loadModel) {
  const photo = { data: await read("photo.rgb"), width: 224, height: 224 };
  const results = {};
  for (const name of networks) {
    const model = await load(await read(`${name}.onnx`), { build: "strict" });
    const [{ name: input, dims }] = model.inputs;
    const crop = [dims[2], dims[3]];
    const output = await model.run({ [input]: preprocess(photo, { crop, size: crop[0], normalisation: model.normalisation }) });
    const { data } = output[model.outputs[0].name];
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    results[name] = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    model.dispose();
  }
  return results;
}
