// The plan: the ABI between TypeScript, which writes it, and the engine, which runs it.
//
// This file is the only definition of that ABI. It is compiled twice, by asc into the engine and by tsc into
// the encoder, so it holds nothing but enums: constants in both languages, with no types of either.
//
// In linear memory (every address in a plan is a byte offset from its first byte, so a plan can lie anywhere):
//
//   0           Header                         ┐
//   prepareAt   prepareCount × Step            │
//   runAt       runCount × Step                │ programBytes: the whole program, a multiple of 64
//               runCount × parts × Step        │
//   ioAt        (inputs + outputs) × Port      │
//   stringsAt   UTF-8 names, no terminators    ┘
//   …           packed weights                   packedBytes, a multiple of 64
//   …           arena (activations, scratch)     arenaBytes
//
// In a file the program is followed at once by the stored weights (storedBytes). In memory those start at storedAt,
// which is mostly within the packed region: `prepare` packs from its beginning on, and no step may overwrite what it
// or a later one reads. The arena then overwrites what is left of them.
//
// Tensors are C4HW: [N][ceil(C/4)][H·W][4] float32. The distance between two planes (blocks of four channels)
// is the tensor's pitch, that between two images its batch stride, both in bytes. A plane has room for a
// multiple of four pixels (a 1×1 plane for exactly one), so kernels may compute up to three pixels too many.
// What lies in those pixels and in the lanes beyond the last channel is undefined, and never reaches a result.

/** "MNWP", little-endian. */
export enum Magic {
  PLAN = 0x50574e4d,
}

/** Goes up whenever a field or the meaning of an opcode changes. */
export enum Abi {
  VERSION = 14,
}

/** Byte offsets in the header; every field is a u32. */
export enum Header {
  magic = 0,
  version = 4,
  prepareAt = 8,
  prepareCount = 12,
  runAt = 16,
  runCount = 20,
  ioAt = 24,
  inputCount = 28,
  outputCount = 32,
  stringsAt = 36,
  stringsBytes = 40,
  programBytes = 44,
  packedBytes = 48,
  arenaBytes = 52,
  storedBytes = 56,
  /** For how many threads there are parts of each run step, behind all the whole ones; 0 for none. */
  parts = 60,
  /** The address of the stored weights. */
  storedAt = 64,
  BYTES = 128,
}

/**
 * Byte offsets in the block through which the threads of one plan meet; every field is an i32. What the owner alone writes
 * and what all threads count on lie in lines of their own.
 */
export enum Control {
  /** Goes up with every run. */
  generation = 0,
  stopped = 4,
  plan = 8,
  from = 12,
  to = 16,
  /** Of the step that failed, as `run` returns it. */
  status = 20,
  /** How many have arrived at meetings since the run began; how many sleep there, and how many sleep between runs. */
  arrived = 64,
  sleeping = 128,
  idle = 132,
  BYTES = 192,
}

/** Byte offsets in a thread's own state, which follows the control block; every field is an i32. */
export enum ThreadState {
  step = 0,
  /** How many must have arrived at the meeting that it waits at, or was at last. */
  target = 4,
  waiting = 8,
  BYTES = 64,
}

/** Byte offsets in an input or output record; every field is a u32. `dims` has room for six. */
export enum Port {
  name = 0,
  nameBytes = 4,
  dataType = 8,
  layout = 12,
  address = 16,
  bytes = 20,
  rank = 24,
  dims = 28,
  BYTES = 64,
}

/** Element types of ports (numbers as in ONNX's TensorProto.DataType). */
export enum DataType {
  float32 = 1,
  uint8 = 2,
}

/** Order of a port's elements in memory. */
export enum Layout {
  nchw = 0,
  nhwc = 1,
  rgba8 = 2,
  rgb8 = 3,
}

/** Byte offsets in a step record. Fields are i32, except `alpha`, `beta`, `low` and `high`, which are f32. */
export enum Step {
  opcode = 0,
  dataType = 4,
  // An activation that is more than a clamp, and its parameters. Applied after the clamp to [low, high].
  activation = 8,
  alpha = 12,
  beta = 16,
  batch = 20,
  // Addresses. `scratch` is memory that only this step uses.
  src = 24,
  src2 = 28,
  dst = 32,
  weights = 36,
  bias = 40,
  scratch = 44,
  // Source.
  channels = 48,
  height = 52,
  width = 56,
  pitch = 60,
  batchStride = 64,
  // Destination.
  dstChannels = 68,
  dstHeight = 72,
  dstWidth = 76,
  dstPitch = 80,
  dstBatchStride = 84,
  // Window.
  kernelHeight = 88,
  kernelWidth = 92,
  strideHeight = 96,
  strideWidth = 100,
  padTop = 104,
  padLeft = 108,
  padBottom = 112,
  padRight = 116,
  dilationHeight = 120,
  dilationWidth = 124,
  group = 128,
  // Second source, and the byte steps of both sources where one is broadcast; `pixelStride` also of pixels in bytes.
  src2Pitch = 132,
  src2BatchStride = 136,
  rowStride = 140,
  pixelStride = 144,
  src2RowStride = 148,
  src2PixelStride = 152,
  // First channel, of a slice, pad, gathering or matrix, and channel step.
  padFront = 156,
  strideChannel = 160,
  /** A kernel's variant: a BinaryMode, a softmax axis, the size of an LRN's window … */
  mode = 164,
  /** Pixels that a convolution gathers at a time, or tiles that Winograd's transforms. */
  strip = 168,
  // The step's name, for people: offset into the plan's strings, length in bytes.
  name = 172,
  nameBytes = 176,
  // f32: what results are clamped to before they are stored, ±infinity for no limit. An LRN's bias is `low`.
  low = 180,
  high = 184,
  /** In plans for several threads: 1 where all must have done what comes before. */
  sync = 188,
  // What a convolution multiplies each channel of its source by, an image of one pixel, or 0; and where it gathers its source, what
  // it then adds, whole blocks of four floats, or 0. `mode` 1: and it limits the sums to 0 from below.
  factors = 192,
  factorsBatchStride = 196,
  addends = 200,
  /** Of Winograd's convolution: products of a tile, which are its rows of points by columns: 16, 36, 42 (7 by 6) or 49. */
  products = 204,
  /** 1 where Strassen's algorithm gathers its source before it multiplies it. */
  gathers = 208,
  /**
   * Panels of eight output channels for which Winograd's convolution computes a product before it turns to the next. 0: for one, whose
   * weights it transforms itself.
   */
  panels = 212,
  // Where weights are packed: channels of a group on both sides, and the first output channel; the first input channel is `padFront`.
  groupInputs = 216,
  groupOutputs = 220,
  firstOutput = 224,
  BYTES = 256,
}

export enum Opcode {
  // prepare
  packConv = 1,
  packDepthwise = 2,
  packVector = 3,
  packWinograd = 4,
  // run
  conv = 16,
  pointwise = 17,
  depthwise = 18,
  dense = 19,
  maxPool = 20,
  averagePool = 21,
  globalAveragePool = 22,
  binary = 23,
  activate = 24,
  affine = 25,
  softmax = 26,
  copyChannels = 27,
  slice = 28,
  readNchw = 29,
  readNhwc = 30,
  readRgba8 = 31,
  writeNchw = 32,
  writeNhwc = 33,
  writeRgba8 = 34,
  winograd = 35,
  lrn = 36,
  gatherChannels = 37,
  resize = 38,
  strassen = 39,
}

/** What is applied to each result after the clamp to [low, high], which alone covers ReLU, ReLU6 and nothing at all. */
export enum Activation {
  none = 0,
  leakyRelu = 1,
  sigmoid = 2,
  swish = 3,
  hardSigmoid = 4,
  hardSwish = 5,
  elu = 6,
}

/** How a resize finds a result between pixels: bits 0…2 of its `mode`. */
export enum ResizeMode {
  linear = 0,
  nearestRoundPreferFloor = 1,
  nearestRoundPreferCeil = 2,
  nearestFloor = 3,
  nearestCeil = 4,
}

/** Where a resize takes the pixel at x from, for a scale s from a source of n pixels to m: bits 4…6 of its `mode`. */
export enum ResizeCoordinate {
  /** (x + 1/2) / s − 1/2 */
  halfPixel = 0,
  /** x / s */
  asymmetric = 1,
  /** x · (n − 1) / (m − 1), or 0 where m is 1 */
  alignCorners = 2,
  /** As halfPixel, or 0 where m is 1. */
  pytorchHalfPixel = 3,
}

export enum BinaryMode {
  add = 0,
  sub = 1,
  mul = 2,
  div = 3,
}

/** What `prepare` and `run` return: OK, or a Status in the low byte with the step's index above it. */
export enum Status {
  OK = 0,
  /** A step has an opcode that this engine lacks. */
  UNKNOWN_OPCODE = 1,
  /** An input holds NaN or an infinity. */
  NOT_FINITE = 2,
  /** Other threads have not finished yet. */
  WAITING = 3,
}
