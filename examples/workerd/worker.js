// An edge function: POST a JPEG, get the five most probable classes as JSON.
//   curl --data-binary @photo.jpg http://localhost:8080
import jpeg from "jpeg-js";
import { loadModel } from "minnow";
import { imagenetNormalisation, parseLabels, preprocess, softmax, topK } from "minnow/image";
import labelsText from "./labels.txt";
import modelBytes from "./model.onnx";

// Loaded at the first request, and kept for those that follow.
let loading;
const labels = parseLabels(labelsText);

export default {
  async fetch(request) {
    if (request.method !== "POST") return Response.json({ error: "POST a JPEG image" }, { status: 405 });
    let image;
    try {
      const bytes = new Uint8Array(await request.arrayBuffer());
      image = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false, maxMemoryUsageInMB: 100 });
    } catch (error) {
      return Response.json({ error: `this is no JPEG image that can be decoded: ${error.message}` }, { status: 415 });
    }
    loading ??= loadModel(modelBytes);
    const model = await loading;
    const [input] = model.inputs;
    const [output] = model.outputs;
    const tensor = preprocess(image, {
      crop: [input.dims[2], input.dims[3]],
      normalisation: model.normalisation ?? imagenetNormalisation,
    });
    const results = await model.run({ [input.name]: tensor });
    const top = topK(softmax(results[output.name].data), 5);
    return Response.json({
      model: model.name,
      build: model.build,
      top: top.map(({ index, probability }) => ({ index, label: labels[index], probability })),
    });
  },
};
