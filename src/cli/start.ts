// npm start: SqueezeNet 1.1 looks at the sample photos, and says what it saw and how long it took. Without the data folder
// the same network runs on random weights, to show that it runs.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { presets } from "../../models/index.ts";
import { seedWeights } from "../graph/seed.ts";
import { decodeImage } from "../image/decode.ts";
import { parseLabels } from "../image/labels.ts";
import type { Image } from "../image/preprocess.ts";
import { topK } from "../image/topk.ts";
import { loadModel, type Model } from "../index.ts";
import { createClassifier } from "./classifier.ts";
import { expandFolders } from "./image-arguments.ts";
import { formatPercent, formatTable } from "./table.ts";

/** What photos/labels.json knows of a photo. */
interface Photo {
  readonly file: string;
  readonly index: number;
  readonly label: string;
  /** Other classes that are right too, or fair. */
  readonly alsoAccept: readonly number[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const data = process.env.MINNOW_DATA ?? join(root, "../shared/data");
if (existsSync(join(data, "models/squeezenet1_1.onnx"))) await showPhotos();
else await showSeeded();

async function showPhotos(): Promise<void> {
  const start = performance.now();
  const model = await loadModel(join(data, "models/squeezenet1_1.onnx"));
  const loadMs = performance.now() - start;
  const labels = parseLabels(await readFile(join(data, "labels/imagenet1000.txt"), "utf8"));
  const photos = JSON.parse(await readFile(join(data, "photos/labels.json"), "utf8")) as Photo[];
  const classifier = createClassifier(model);

  const times: number[] = [];
  const rows: string[][] = [];
  let right = 0;
  for (const path of await expandFolders([join(data, "photos")])) {
    const { probabilities, ms } = await classifier.classify(await decodeImage(path));
    const [{ index, probability }] = topK(probabilities, 1);
    const file = path.slice(join(data, "photos").length + 1);
    const photo = photos.find((candidate) => candidate.file === file);
    const isRight = photo !== undefined && (photo.index === index || photo.alsoAccept.includes(index));
    if (isRight) right += 1;
    times.push(ms);
    const answer = photo === undefined ? "" : isRight ? "right" : `no: ${photo.label}`;
    rows.push([file, labels[index] ?? `class ${index}`, formatPercent(probability), answer, ms.toFixed(1)]);
  }
  console.log(formatTable(["photo", "SqueezeNet 1.1 saw", ">probability", "which is", ">ms"], rows));
  console.log(`\n${right} of ${rows.length} right or fair. ${formatTimes(model, loadMs, times)}`);
  model.dispose();
}

async function showSeeded(): Promise<void> {
  console.log(
    `There is no trained model in ${data}: take squeezenet1.1-7.onnx of github.com/onnx/models, ` +
      "and run: npx minnow classify photo.jpg --model squeezenet1.1-7.onnx",
  );
  const start = performance.now();
  const graph = presets.squeezenet1_1();
  const model = await loadModel(graph, { weights: seedWeights(graph, 1) });
  const loadMs = performance.now() - start;
  const classifier = createClassifier(model);
  const picture = gradient(320, 240);
  const times: number[] = [];
  let answer: ArrayLike<number> = [];
  for (let repeat = 0; repeat < 20; ++repeat) {
    const { probabilities, ms } = await classifier.classify(picture);
    answer = probabilities;
    times.push(ms);
  }
  console.log("\nSqueezeNet 1.1, UNTRAINED (seeded random weights), on a drawn picture; the classes mean nothing:");
  const rows = topK(answer, 3).map(({ index, probability }) => [`class ${index}`, formatPercent(probability)]);
  console.log(formatTable(["saw", ">probability"], rows));
  console.log(`\n${formatTimes(model, loadMs, times)}`);
  model.dispose();
}

function formatTimes(model: Model, loadMs: number, times: readonly number[]): string {
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  const speed = (model.statistics.multiplyAdds * 2) / (median * 1e6);
  return `Loading the model took ${loadMs.toFixed(0)} ms, a picture ${median.toFixed(1)} ms (median), ${speed.toFixed(0)} GFLOP/s.`;
}

/** A picture that is drawn, not photographed: three ramps. */
function gradient(width: number, height: number): Image {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) pixels.set([(x * 255) / width, (y * 255) / height, (x + y) & 255], (y * width + x) * 3);
  }
  return { data: pixels, width, height };
}
