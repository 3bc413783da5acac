// Says what is in a picture, in the shell of WebKit's JavaScript engine, which has no fetch and finds no packages:
//   npx esbuild examples/jsc/classify.js --bundle --format=esm --outfile=classify.bundle.js
//   jsc -m classify.bundle.js -- MODEL.onnx PIXELS.rgb WIDTHxHEIGHT ENGINE.wasm
import "./page-functions.js";
import { init, loadModel } from "minnow";
import { imagenetNormalisation, preprocess, softmax, topK } from "minnow/image";

const [modelFile, pixels, size, engine] = globalThis.arguments;
const [width, height] = size.split("x").map(Number);

await init(readFile(engine, "binary"));
const model = await loadModel(readFile(modelFile, "binary"));
const [input] = model.inputs;
const [output] = model.outputs;
const tensor = preprocess(
  { data: readFile(pixels, "binary"), width, height },
  { crop: [input.dims[2], input.dims[3]], size: input.dims[2], normalisation: model.normalisation ?? imagenetNormalisation },
);
const results = await model.run({ [input.name]: tensor });
for (const { index, probability } of topK(softmax(results[output.name].data), 5)) {
  print(`${(100 * probability).toFixed(1).padStart(5)} %  class ${index}`);
}
