// A model as a classifier of images: from pixels to class probabilities.
import { InputError, OptionError } from "../errors.ts";
import type { Normalisation } from "../graph/graph.ts";
import { classOutput, describeValues } from "../image/classes.ts";
import { imagenetNormalisation } from "../image/normalise.ts";
import { type Image, type PreprocessOptions, preprocess } from "../image/preprocess.ts";
import { areProbabilities, softmax } from "../image/topk.ts";
import type { Model } from "../index.ts";

export interface ClassifierOptions {
  /** Instead of what the model says about itself. */
  readonly normalisation?: Normalisation;
  /** The shorter side after resizing, in pixels. */
  readonly size?: number;
  /** The side of the square that is cut out, in pixels; it must be the model's. */
  readonly crop?: number;
}

export interface Classifier {
  readonly classes: number;
  /** How pixels are scaled. */
  readonly normalisation: Normalisation;
  /** Whether that is a guess, because neither the model nor the caller says it. */
  readonly guessed: boolean;
  /**
   * Probabilities by class, and how long the network took, in milliseconds.
   *
   * @throws InputError where the network's answer is not a number
   */
  classify(image: Image): Promise<{ probabilities: ArrayLike<number>; ms: number }>;
}

/**
 * @throws InputError where the model does not take one image, or does not give one number a class
 * @throws OptionError where the crop is not the model's
 */
export function createClassifier(model: Model, options: ClassifierOptions = {}): Classifier {
  const { input, channels, crop } = imageInput(model);
  const { output, classes } = classOutput(model);
  if (options.crop !== undefined && crop.some((side) => side !== options.crop)) {
    throw new OptionError(`--crop ${options.crop}: ${model.name} takes images of ${crop[1]}×${crop[0]} pixels`);
  }
  const known = options.normalisation ?? model.normalisation;
  const normalisation = known ?? (channels === 3 ? imagenetNormalisation : { mean: [0], std: [1], scale: 255 });
  const preprocessing: PreprocessOptions = { crop, channels, size: options.size, normalisation };
  return {
    classes,
    normalisation,
    guessed: known === undefined,
    async classify(image) {
      const tensor = preprocess(image, preprocessing);
      const start = performance.now();
      const { [output]: answer } = await model.run({ [input]: tensor });
      const ms = performance.now() - start;
      const values = answer.data as Float32Array;
      if (!values.every(Number.isFinite)) {
        throw new InputError(`${model.name} answers with infinities or no numbers at all`, "is the scaling of pixels right?");
      }
      return { probabilities: areProbabilities(values) ? values : softmax(values), ms };
    },
  };
}

function imageInput(model: Model): { input: string; channels: 1 | 3; crop: [number, number] } {
  const [input] = model.inputs;
  const [batch, channels, height, width] = input?.dims ?? [];
  const isImage = input?.dims.length === 4 && input.type === "float32" && batch === 1;
  if (model.inputs.length !== 1 || !isImage || (channels !== 1 && channels !== 3)) {
    throw new InputError(
      `${model.name} does not take one image: ${describeValues(model.inputs)}`,
      "classify needs one float32 input [1,3,height,width], or [1,1,height,width] for grey",
    );
  }
  return { input: input.name, channels, crop: [height, width] };
}
