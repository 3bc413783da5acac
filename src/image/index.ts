// `import { preprocess, topK } from "minnow/image"`: from decoded pixels to a network's input, and from its output to classes.
// Runs in pages as well; decoding is the host's (a canvas, or a library such as sharp).
export { parseLabels } from "./labels.ts";
export { imagenetNormalisation } from "./normalise.ts";
export { type Image, type PreprocessOptions, preprocess } from "./preprocess.ts";
export { type Prediction, softmax, topK } from "./topk.ts";
