// Says what is in a picture from a file, or in what the camera sees. The model runs in a worker: the page never stutters.
import { createWorkerModel, Tensor } from "minnow";
import { parseLabels, softmax, topK } from "minnow/image";

const [file, camera, status, error, picture, answers, latency, video] = [
  ...["file", "camera", "status", "error", "picture", "answers", "latency", "video"],
].map((id) => document.getElementById(id));
const context = picture.getContext("2d", { willReadFrequently: true });

/** Shows an error where it happens to the user, instead of in the console. */
const guarded =
  (action) =>
  async (...args) => {
    error.textContent = "";
    try {
      await action(...args);
    } catch (cause) {
      error.textContent = cause.message;
    }
  };

let model;
let labels;
let stream;

/** Classifies the middle of an image, seven eighths of its shorter side: what the network was trained on. */
async function classify(image, imageWidth, imageHeight) {
  const [{ name: input, dims }] = model.inputs;
  const [, height, width] = dims;
  const side = Math.min(imageWidth, imageHeight) * (7 / 8);
  context.imageSmoothingQuality = "high";
  context.drawImage(image, (imageWidth - side) / 2, (imageHeight - side) / 2, side, side, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);

  // The canvas' pixels go to the worker as they are, and without a copy.
  const start = performance.now();
  const pixels = new Tensor("uint8", new Uint8Array(data.buffer), dims);
  const outputs = await model.run({ [input]: pixels }, { transfer: true });
  const ms = performance.now() - start;

  const top = topK(softmax(outputs[model.outputs[0].name].data), 5);
  answers.replaceChildren(
    ...top.map(({ index, probability }) => {
      const item = document.createElement("li");
      item.textContent = `${labels[index] ?? `class ${index}`}: ${(100 * probability).toFixed(1)} %`;
      return item;
    }),
  );
  latency.textContent = `${ms.toFixed(1)} ms`;
}

async function classifyFile() {
  const [chosen] = file.files;
  if (chosen === undefined) return;
  stopCamera();
  const bitmap = await createImageBitmap(chosen).catch((cause) => {
    throw new Error(`${chosen.name} is not a picture that this browser can read`, { cause });
  });
  await classify(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
}

async function toggleCamera() {
  if (stream !== undefined) return stopCamera();
  stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  camera.textContent = "Stop the camera";
  video.srcObject = stream;
  await video.play();
  try {
    while (stream !== undefined) {
      await classify(video, video.videoWidth, video.videoHeight);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  } finally {
    stopCamera();
  }
}

function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  camera.textContent = "Use the camera";
}

file.addEventListener("change", guarded(classifyFile));
camera.addEventListener("click", guarded(toggleCamera));

await guarded(async () => {
  status.textContent = "Loading the model …";
  const text = fetch("labels.txt").then((response) => response.text());
  model = await createWorkerModel("model.onnx", { inputLayout: "rgba8" });
  labels = parseLabels(await text);
  status.textContent = `${model.name} is ready (${model.build}).`;
  file.disabled = camera.disabled = false;
})();
