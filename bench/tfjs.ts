// tfjs-backend-wasm, on one thread with SIMD. It has no reader for ONNX, so the graph is translated: images become NHWC, as
// they are native to it, BatchNormalization is folded and activations are fused, as its own converter does.

import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Node, NodeOf } from "../src/graph/graph.ts";
import type { Activation, AveragePoolAttributes, MaxPoolAttributes, Operator, Pads } from "../src/graph/operators.ts";
import { CannotRun, type Engine } from "./engine.ts";
import { byAxis, converted, isRelu6 } from "./nhwc.ts";

/** Computes one node from its inputs. Tensors of rank 4 are in NHWC, others as in the graph. */
type Step = (...inputs: tf.Tensor[]) => tf.Tensor;

/** For parameters that a node prepares when the graph is translated. */
interface Constants {
  /** A parameter as it is stored; to be called within `keep`. */
  read(name: string): tf.Tensor;
  /** Keeps what `make` computes until the runner is disposed of, and frees what it computed on the way. */
  keep<T extends tf.Tensor>(make: () => T): T;
}

type Translate<Op extends Operator> = (node: NodeOf<Op>, constants: Constants) => Step;

const toNhwc = (x: tf.Tensor): tf.Tensor => (x.rank === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x);
const toNchw = (x: tf.Tensor): tf.Tensor => {
  if (x.rank !== 4) return x;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return height * width === 1 ? tf.reshape(x, [batch, channels, 1, 1]) : tf.transpose(x, [0, 3, 1, 2]);
};

/** Where an axis of NCHW is in NHWC. */
const axisOf = (x: tf.Tensor, axis: number) => (x.rank === 4 ? [0, 3, 1, 2][axis] : axis);

type ExplicitPads = [[number, number], [number, number], [number, number], [number, number]];
const explicitPads = ([top, left, bottom, right]: Pads): ExplicitPads => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

const activations: { [Op in Activation["op"]]: (x: tf.Tensor, activation: Extract<Activation, { op: Op }>) => tf.Tensor } = {
  Relu: tf.relu,
  Clip: (x, clip) => (isRelu6(clip) ? tf.relu6(x) : tf.clipByValue(x, clip.min, clip.max)),
  LeakyRelu: (x, { alpha }) => tf.leakyRelu(x, alpha),
  Elu: (x, { alpha }) => (alpha === 1 ? tf.elu(x) : tf.where(tf.less(x, 0), tf.mul(tf.sub(tf.exp(x), 1), alpha), x)),
  Sigmoid: tf.sigmoid,
  HardSigmoid: (x, { alpha, beta }) => tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1),
  HardSwish: (x) => tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6)),
  Swish: (x) => tf.mul(x, tf.sigmoid(x)),
};

const activate = (x: tf.Tensor, activation: Activation | undefined): tf.Tensor =>
  activation === undefined
    ? x
    : (activations[activation.op] as (x: tf.Tensor, activation: Activation) => tf.Tensor)(x, activation);

/** The part of an activation that tfjs fuses into a convolution or product, and the part that is left. */
function splitActivation(activation: Activation | undefined) {
  if (activation?.op === "Relu") return { fused: { activation: "relu" as const } };
  if (activation?.op === "Sigmoid") return { fused: { activation: "sigmoid" as const } };
  if (activation?.op === "LeakyRelu") return { fused: { activation: "leakyrelu" as const, leakyreluAlpha: activation.alpha } };
  if (isRelu6(activation)) return { fused: { activation: "relu6" as const } };
  return { fused: {}, rest: activation };
}

const conv: Translate<"Conv"> = ({ inputs, attributes }, { read, keep }) => {
  const [, weightName, biasName, scaleName] = inputs;
  const { group, strides, pads, dilations, activation } = attributes;
  const filter = keep(() => {
    const weight = read(weightName);
    const [outChannels, inChannels, height, width] = weight.shape as [number, number, number, number];
    if (group > 1 && inChannels > 1) throw new CannotRun(`tfjs has no convolution of ${group} groups`);
    const scaled = scaleName ? tf.mul(weight, tf.reshape(read(scaleName), [outChannels, 1, 1, 1])) : weight;
    return group > 1
      ? tf.reshape<tf.Rank.R4>(tf.transpose(scaled, [2, 3, 0, 1]), [height, width, group, outChannels / group])
      : (tf.transpose(scaled, [2, 3, 1, 0]) as tf.Tensor4D);
  });
  const { fused, rest } = splitActivation(activation);
  const options = {
    filter,
    bias: biasName ? keep(() => read(biasName)) : undefined,
    strides: [...strides] as [number, number],
    dilations: [...dilations] as [number, number],
    // Pads for each side work for depthwise convolutions too, whatever the types say.
    pad: pads.some((side) => side > 0) ? (explicitPads(pads) as unknown as number) : ("valid" as const),
    ...fused,
  };
  const run = group > 1 ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return (x) => activate(run({ x: x as tf.Tensor4D, ...options }), rest);
};

const gemm: Translate<"Gemm"> = ({ inputs, attributes: { transB, activation } }, { read, keep }) => {
  const [, weightName, biasName] = inputs;
  const { fused, rest } = splitActivation(activation);
  const options = {
    // With its own transposeB and a bias, tfjs-backend-wasm 4.22 computes something else; and it is slower.
    b: keep(() => (transB ? tf.transpose(read(weightName)) : read(weightName))),
    bias: biasName ? keep(() => read(biasName)) : undefined,
    ...fused,
  };
  return (a) => activate(tf.fused.matMul({ a, ...options }), rest);
};

/** The pads, and on the far sides what the last window needs where the size is rounded up. */
function poolPads(x: tf.Tensor, { kernelShape, strides, pads, ceilMode }: MaxPoolAttributes): ExplicitPads | "valid" {
  const all = [...pads] as [number, number, number, number];
  if (ceilMode) {
    for (const axis of [0, 1]) {
      const padded = x.shape[axis + 1]! + pads[axis] + pads[axis + 2];
      let steps = Math.ceil((padded - kernelShape[axis]) / strides[axis]);
      if (steps * strides[axis] >= x.shape[axis + 1]! + pads[axis]) steps -= 1;
      all[axis + 2] += Math.max(0, steps * strides[axis] + kernelShape[axis] - padded);
    }
  }
  return all.some((side) => side > 0) ? explicitPads(all) : "valid";
}

function pool(kind: "max" | "avg", attributes: MaxPoolAttributes): Step {
  if (attributes.dilations.some((dilation) => dilation !== 1)) throw new CannotRun("tfjs has no dilated pooling");
  const [size, strides] = [[...attributes.kernelShape] as [number, number], [...attributes.strides] as [number, number]];
  const run = kind === "max" ? tf.maxPool : tf.avgPool;
  return (x) => run(x as tf.Tensor4D, size, strides, poolPads(x, attributes));
}

function averagePool(attributes: AveragePoolAttributes): Step {
  if (!attributes.countIncludePad || attributes.pads.every((side) => side === 0)) return pool("avg", attributes);
  if (attributes.ceilMode) throw new CannotRun("tfjs has no average pooling that counts pads and rounds up");
  const unpadded = pool("avg", { ...attributes, pads: [0, 0, 0, 0] });
  return (x) => unpadded(tf.pad(x, explicitPads(attributes.pads)));
}

/** An operand of lower rank stands for one with leading ones; where the other is an image, that is in another order here. */
const broadcast = (x: tf.Tensor, rank: number): tf.Tensor =>
  rank < 4 || x.rank === 4 || x.rank === 0 ? x : toNhwc(tf.reshape(x, [...new Array<number>(4 - x.rank).fill(1), ...x.shape]));

const binary =
  (run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) =>
  ({ attributes: { activation } }: NodeOf<"Add" | "Sub" | "Mul" | "Div">): Step =>
  (a, b) => {
    const rank = Math.max(a.rank, b.rank);
    return activate(run(broadcast(a, rank), broadcast(b, rank)), activation);
  };

const onLastAxis =
  (name: string, run: (x: tf.Tensor) => tf.Tensor) =>
  ({ attributes: { axis } }: { attributes: { axis: number } }): Step =>
  (x) => {
    if (axisOf(x, axis) !== x.rank - 1) throw new CannotRun(`tfjs has ${name} only along the last axis`);
    return run(x);
  };

const translators: { [Op in Operator]?: Translate<Op> } = {
  Conv: conv,
  Gemm: gemm,
  MaxPool: ({ attributes }) => pool("max", attributes),
  AveragePool: ({ attributes }) => averagePool(attributes),
  // Faster there than tf.mean, which transposes first.
  GlobalAveragePool: () => (x) => tf.avgPool(x as tf.Tensor4D, [x.shape[1]!, x.shape[2]!], 1, "valid"),
  BatchNormalization: ({ attributes: { epsilon, activation } }) => {
    return (x, scale, bias, mean, variance) =>
      activate(
        tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, bias as tf.Tensor1D, scale as tf.Tensor1D, epsilon),
        activation,
      );
  },
  LRN: ({ attributes: { size, alpha, beta, bias } }) => {
    if (size % 2 === 0) throw new CannotRun("tfjs has local response normalisation only over odd sizes");
    return (x) => tf.localResponseNormalization(x as tf.Tensor4D, (size - 1) / 2, bias, alpha / size, beta);
  },
  Softmax: onLastAxis("Softmax", tf.softmax),
  LogSoftmax: onLastAxis("LogSoftmax", tf.logSoftmax),
  Add: binary(tf.add),
  Sub: binary(tf.sub),
  Mul: binary(tf.mul),
  Div: binary(tf.div),
  Concat: ({ attributes: { axis } }) => {
    return (...parts) => tf.concat(parts, axisOf(parts[0], axis));
  },
  Slice: ({ attributes: { starts, ends, steps } }) => {
    return (x) => tf.stridedSlice(x, byAxis(starts), byAxis(ends), byAxis(steps));
  },
  Pad: ({ attributes: { before, after, value } }) => {
    const sides = byAxis(before.map((count, axis): [number, number] => [count, after[axis]]));
    if (sides.flat().some((count) => count < 0)) throw new CannotRun("tfjs has no negative padding");
    return (x) => tf.pad(x, sides, value);
  },
  Flatten: ({ attributes: { axis } }) => {
    return (x) => tf.reshape(toNchw(x), [x.shape.slice(0, axis).reduce((a, b) => a * b, 1), -1]);
  },
  Reshape: ({ attributes: { dims } }) => {
    return (x) => toNhwc(tf.reshape(toNchw(x), [...dims]));
  },
  Identity: () => (x) => tf.clone(x),
};

function translate(node: Node, constants: Constants): Step {
  if (node.op in activations) {
    const activation = { op: node.op, ...node.attributes } as Activation;
    return (x) => activate(x, activation);
  }
  const translator = translators[node.op] as Translate<Operator> | undefined;
  if (translator === undefined) throw new CannotRun(`the bench has no translation of ${node.op} for tfjs`);
  return translator(node, constants);
}

/** How many nodes read each value; outputs are read once more. */
function readers(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Inputs that are parameters which a node has prepared for itself, and so takes no more. */
const prepared = (node: Node): number => (node.op === "Conv" || node.op === "Gemm" ? 1 : node.inputs.length);

let started: Promise<unknown> | undefined;

async function start(): Promise<void> {
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  if (!(await tf.setBackend("wasm"))) throw new CannotRun("tfjs-backend-wasm did not start");
  setThreadsCount(1);
}

export const tfjs: Engine = {
  name: "tfjs-backend-wasm",
  async load({ graph, input }) {
    started ??= start();
    await started;
    const simple = converted(graph);
    const kept: tf.Tensor[] = [];
    const keep = <T extends tf.Tensor>(make: () => T): T => {
      const tensor = tf.tidy(make);
      kept.push(tensor);
      return tensor;
    };
    const read = (name: string): tf.Tensor => {
      const { data, dims } = simple.parameters.get(name)!;
      return tf.tensor(data as Float32Array, [...dims]);
    };
    const dispose = () => {
      for (const tensor of kept) tensor.dispose();
    };

    let steps: { node: Node; run: Step }[];
    try {
      steps = simple.nodes.map((node) => ({ node, run: translate(node, { read, keep }) }));
    } catch (error) {
      dispose();
      throw error;
    }
    const constants = new Map<string, tf.Tensor>();
    for (const { node } of steps) {
      for (const name of node.inputs.slice(0, prepared(node))) {
        if (simple.parameters.has(name) && !constants.has(name))
          constants.set(
            name,
            keep(() => toNhwc(read(name))),
          );
      }
    }
    const uses = readers(simple);
    const [{ name: inputName, dims }] = simple.inputs;
    const [{ name: outputName }] = simple.outputs;
    const pixels = tf.tidy(() => toNhwc(tf.tensor(input.data, [...dims])).dataSync()) as Float32Array;

    /** Runs the steps; values are freed after their last use, so that their memory is used again, as tfjs' own executor does. */
    const run = (): Float32Array => {
      const left = new Map(uses);
      const values = new Map<string, tf.Tensor>([[inputName, tf.tensor(pixels, byAxis(dims))]]);
      for (const { node, run: step } of steps) {
        const names = node.inputs.slice(0, prepared(node)).filter((name) => name !== "");
        const value = tf.tidy(() => step(...names.map((name) => values.get(name) ?? constants.get(name)!)));
        values.set(node.output, value);
        for (const name of names) {
          left.set(name, left.get(name)! - 1);
          if (left.get(name) === 0) values.get(name)?.dispose();
        }
      }
      const output = values.get(outputName)!;
      const data = tf.tidy(() => toNchw(output).dataSync()) as Float32Array;
      output.dispose();
      return data;
    };
    return { run, dispose };
  },
};
