// The operators a graph may hold, and their attributes. Names, meanings and order of inputs are ONNX's.
// Images are [N,C,H,W]; two-element attributes are [height, width]; pads are [top, left, bottom, right].

/** A function applied to each element; as a node of its own, or fused into the node before it. */
export type Activation =
  | { readonly op: "Relu" }
  | { readonly op: "Clip"; readonly min: number; readonly max: number }
  | { readonly op: "LeakyRelu"; readonly alpha: number }
  /** α·(eˣ − 1) below 0. */
  | { readonly op: "Elu"; readonly alpha: number }
  | { readonly op: "Sigmoid" }
  | { readonly op: "HardSigmoid"; readonly alpha: number; readonly beta: number }
  | { readonly op: "HardSwish" }
  /** x · sigmoid(x), also called SiLU. */
  | { readonly op: "Swish" };

export type ActivationOperator = Activation["op"];

type AttributesOf<Op extends ActivationOperator> = Omit<Extract<Activation, { op: Op }>, "op">;

export type Pair = readonly [height: number, width: number];
export type Pads = readonly [top: number, left: number, bottom: number, right: number];

/** A node that a fused activation can follow. */
export interface Fusable {
  readonly activation?: Activation;
}

/**
 * Inputs: x [N,C,H,W], weight [M,C/group,kH,kW], bias? [M]; fused: scale? [M], which multiplies the weight, a residual? of the
 * result's dims, which is added before the activation, and what is done to x first: factors? [N or 1,C,1,1], which multiply its
 * channels, addends? [C], and `inputActivation`.
 */
export interface ConvAttributes extends Fusable {
  readonly inputActivation?: Extract<Activation, { op: "Relu" }>;
  readonly kernelShape: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly group: number;
}

/** Inputs: x [N,K], weight [M,K] (or [K,M] where transB is false), bias? [M]. */
export interface GemmAttributes extends Fusable {
  readonly transB: boolean;
}

/** Inputs: x [N,C,H,W]. The last window may begin in the image and end beyond it where ceilMode is set. */
export interface MaxPoolAttributes {
  readonly kernelShape: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
  readonly ceilMode: boolean;
}

export interface AveragePoolAttributes extends MaxPoolAttributes {
  readonly countIncludePad: boolean;
}

/** Inputs: x [N,C,…], scale [C], bias [C], mean [C], variance [C]. */
export interface BatchNormalizationAttributes extends Fusable {
  readonly epsilon: number;
}

/** Inputs: x. One start, end and step for each axis; ends are exclusive. All are within bounds, steps ≥ 1. */
export interface SliceAttributes {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps: readonly number[];
}

/** Inputs: x. Elements added before and after on each axis (a negative number takes some away). */
export interface PadAttributes {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/**
 * Inputs: x [N,C,H,W]. Local response normalisation: each element by (bias + alpha/size · Σ x²)^beta, the sum over `size`
 * channels around its own (an even size reaches one further after it than before).
 */
export interface LrnAttributes {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
}

/** Where {@link ResizeAttributes} takes a pixel from; names and formulas are ONNX's. */
export type CoordinateTransformation = "half_pixel" | "pytorch_half_pixel" | "asymmetric" | "align_corners";

/** Which pixel a nearest Resize takes where it falls between two. */
export type NearestMode = "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";

/**
 * Inputs: x [N,C,H,W]. The image at another size, between the four nearest pixels (linear) or the nearest. `sizes` are the
 * result's; `scales`, rounded to float32, say where pixels come from where those are not the sizes' ratios exactly.
 */
export interface ResizeAttributes {
  readonly mode: "linear" | "nearest";
  readonly coordinateTransformation: CoordinateTransformation;
  readonly nearestMode: NearestMode;
  readonly sizes: Pair;
  readonly scales?: Pair;
}

export interface Attributes {
  Conv: ConvAttributes;
  Gemm: GemmAttributes;
  MaxPool: MaxPoolAttributes;
  AveragePool: AveragePoolAttributes;
  GlobalAveragePool: object;
  BatchNormalization: BatchNormalizationAttributes;
  LRN: LrnAttributes;
  Relu: AttributesOf<"Relu">;
  Clip: AttributesOf<"Clip">;
  LeakyRelu: AttributesOf<"LeakyRelu">;
  Elu: AttributesOf<"Elu">;
  Sigmoid: AttributesOf<"Sigmoid">;
  HardSigmoid: AttributesOf<"HardSigmoid">;
  HardSwish: AttributesOf<"HardSwish">;
  Swish: AttributesOf<"Swish">;
  /** Inputs: x; the axis counts from the front. */
  Softmax: { readonly axis: number };
  LogSoftmax: { readonly axis: number };
  /** Inputs: a, b, which broadcast to each other as in NumPy. */
  Add: Fusable;
  Sub: Fusable;
  Mul: Fusable;
  Div: Fusable;
  /** Inputs: one or more tensors that differ only on the axis. */
  Concat: { readonly axis: number };
  Slice: SliceAttributes;
  Pad: PadAttributes;
  Resize: ResizeAttributes;
  /** Inputs: x; [d0…d(axis−1), d(axis)…dn] in two dims. */
  Flatten: { readonly axis: number };
  /** Inputs: x; axis i of the result is axis perm[i] of x. */
  Transpose: { readonly perm: readonly number[] };
  /**
   * Inputs: x [N,C,H,W]. Channel i of group j becomes channel j of group i (ShuffleNet): [N,g,C/g,H,W] with the two middle
   * axes exchanged. ONNX writes it as Reshape, Transpose, Reshape. Fused: the range (start, end) of its channels that is kept.
   */
  ChannelShuffle: { readonly group: number; readonly range?: readonly [start: number, end: number] };
  /** Inputs: x; the new dims, without −1 or 0. */
  Reshape: { readonly dims: readonly number[] };
  Identity: object;
}

export type Operator = keyof Attributes;

/** The operators of {@link Activation}. */
export const activationOperators: ReadonlySet<string> = new Set<ActivationOperator>([
  "Relu",
  "Clip",
  "LeakyRelu",
  "Elu",
  "Sigmoid",
  "HardSigmoid",
  "HardSwish",
  "Swish",
]);

/** The operators that combine two tensors element by element, with broadcasting. */
export const binaryOperators: ReadonlySet<string> = new Set<Operator>(["Add", "Sub", "Mul", "Div"]);
