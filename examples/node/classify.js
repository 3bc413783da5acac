// Says what is in a picture: node examples/node/classify.js MODEL.onnx PICTURE [LABELS.txt]
import { readFile } from "node:fs/promises";
import { loadModel } from "minnow";
import { imagenetNormalisation, parseLabels, preprocess, softmax, topK } from "minnow/image";
import sharp from "sharp";

const [modelFile, picture, labelsFile] = process.argv.slice(2);
if (picture === undefined) {
  console.error("usage: node examples/node/classify.js MODEL.onnx PICTURE [LABELS.txt]");
  process.exit(2);
}

const model = await loadModel(modelFile);
const [input] = model.inputs;
const [output] = model.outputs;

const { data, info } = await sharp(picture)
  .autoOrient()
  .removeAlpha()
  .toColourspace("srgb")
  .raw()
  .toBuffer({ resolveWithObject: true });
const tensor = preprocess(
  { data, width: info.width, height: info.height },
  { crop: [input.dims[2], input.dims[3]], normalisation: model.normalisation ?? imagenetNormalisation },
);

const results = await model.run({ [input.name]: tensor });
const labels = labelsFile === undefined ? [] : parseLabels(await readFile(labelsFile, "utf8"));
for (const { index, probability } of topK(softmax(results[output.name].data), 5)) {
  console.log(`${(100 * probability).toFixed(1).padStart(5)} %  ${labels[index] ?? `class ${index}`}`);
}
model.dispose();
