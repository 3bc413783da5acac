// minnow classify: what is in these images, says this network.
import type { Command } from "commander";
import { MinnowError, OptionError } from "../errors.ts";
import { decodeImage } from "../image/decode.ts";
import { topK } from "../image/topk.ts";
import { parseCount } from "./arguments.ts";
import { createClassifier } from "./classifier.ts";
import { expandFolders } from "./image-arguments.ts";
import { readLabels } from "./labels.ts";
import {
  addThreadsOption,
  addWeightsOption,
  modelHelp,
  noteThreads,
  openModel,
  type ThreadsOptions,
  type WeightsOptions,
} from "./model-argument.ts";
import { startProgress } from "./progress.ts";
import { addScalingOptions, noteGuess, type ScalingOptions, scalingOf } from "./scaling.ts";
import { formatPercent, formatTable } from "./table.ts";

interface Options extends ScalingOptions, WeightsOptions, ThreadsOptions {
  readonly model: string;
  readonly labels?: string;
  readonly top?: number;
  readonly size?: number;
  readonly crop?: number;
  readonly json?: true;
}

interface Answer {
  readonly index: number;
  readonly label: string;
  readonly probability: number;
}

type Result = { file: string; top: Answer[] } | { file: string; error: string };

export function addClassify(program: Command): void {
  const command = program
    .command("classify")
    .summary("say what is in images")
    .description("Says what is in images: the most probable classes of each, by a classification network.")
    .argument("<image...>", "image files (JPEG, PNG, WebP, GIF, TIFF, AVIF), and folders of them")
    .requiredOption("--model <model>", modelHelp);
  addThreadsOption(addWeightsOption(command))
    .option("--labels <file>", "names of the classes: one a line, or JSON")
    .option("--top <k>", "how many classes to show (default: 5; 1 in the lines for several images)", parseCount);
  addScalingOptions(command)
    .option("--size <n>", "pixels of the shorter side after resizing (default: 256 for a crop of 224)", parseCount)
    .option("--crop <n>", "pixels of the square cut from the middle (default: the model's input)", parseCount)
    .option("--json", "print an array of {file, top: [{index, label, probability}]} or {file, error}")
    .addHelpText(
      "after",
      `
Without --mean, --std and --scale, pixels are scaled as the model's file says; where it says nothing, as for
torchvision's ImageNet networks. An image that cannot be read does not stop the others; the exit code is then 1.

Examples:
  $ minnow classify cat.jpg --model squeezenet1_1.onnx --labels imagenet.txt
  $ minnow classify photos/ --model squeezenet1_1 --weights squeezenet1_1.safetensors --json
  $ minnow classify cat.jpg --model mobilenet.onnx --mean 1 --std 1 --scale 127.5`,
    )
    .action(classify);
}

async function classify(images: string[], options: Options): Promise<void> {
  const files = await expandFolders(images);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const model = await openModel(options.model, options, { inputLayout: "nchw" });
  noteThreads(model);
  const classifier = createClassifier(model, { normalisation: scalingOf(options), size: options.size, crop: options.crop });
  if (labels !== undefined && labels.length !== classifier.classes) {
    throw new OptionError(`${options.labels} has ${labels.length} labels, ${model.name} knows ${classifier.classes} classes`);
  }
  if (classifier.guessed) noteGuess(classifier.normalisation);

  const single = files.length === 1 && !options.json;
  const count = options.top ?? (single || options.json ? 5 : 1);
  const results: Result[] = [];
  const progress = startProgress(files.length);
  try {
    for (const file of files) {
      try {
        const { probabilities } = await classifier.classify(await decodeImage(file));
        const top = topK(probabilities, count).map((answer) => ({ ...answer, label: labelOf(labels, answer.index) }));
        results.push({ file, top });
        if (!options.json && !single) progress.print(formatLine(file, top));
      } catch (error) {
        if (!(error instanceof MinnowError)) throw error;
        results.push({ file, error: error.message });
        progress.warn(`minnow: ${error.message.includes(file) ? "" : `${file}: `}${error.message}`);
        process.exitCode = 1;
      }
      progress.advance();
    }
  } finally {
    progress.stop();
    model.dispose();
  }

  if (options.json) console.log(JSON.stringify(results, undefined, 2));
  else if (single && "top" in results[0]) console.log(formatAnswers(results[0].top));
}

function labelOf(labels: (string | undefined)[] | undefined, index: number): string {
  return labels?.[index] ?? `class ${index}`;
}

function formatLine(file: string, top: Answer[]): string {
  return `${file}: ${top.map(({ label, probability }) => `${label} ${formatPercent(probability)}`).join("; ")}`;
}

function formatAnswers(top: Answer[]): string {
  return formatTable(
    [">index", "class", ">probability"],
    top.map(({ index, label, probability }) => [String(index), label, formatPercent(probability)]),
  );
}
