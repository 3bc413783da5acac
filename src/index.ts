// The public API: `import { loadModel, Tensor } from "minnow"`. Architectures are in "minnow/models", files' formats in "minnow/formats".
export {
  FormatError,
  GraphError,
  HostError,
  InputError,
  MemoryError,
  MinnowError,
  OptionError,
  PlanError,
  UnsupportedError,
  WeightsError,
} from "./errors.ts";
export { GraphBuilder } from "./graph/builder.ts";
export type { Graph, GraphInput, Node, Normalisation, Parameter, ValueInfo, Weights } from "./graph/graph.ts";
export { seedWeights } from "./graph/seed.ts";
export { fitWeights, type Misshapen, type WeightsReport } from "./graph/weights.ts";
export type { MemoryChoice } from "./plan/cost.ts";
export type { StepInfo } from "./plan/index.ts";
export type { PortLayout } from "./plan/lowerings/ports.ts";
export type { ThreadsChoice } from "./runtime/choose-threads.ts";
export { createWorkerModel } from "./runtime/create-worker-model.ts";
export { type Build, type BuildChoice, init } from "./runtime/engine.ts";
export type { EngineSource } from "./runtime/engine-source.ts";
export { type LoadOptions, loadModel, type ModelSource } from "./runtime/load.ts";
export { Model, type RunOptions, type Statistics, type StepProfile } from "./runtime/model.ts";
export type { WorkerModel, WorkerModelOptions, WorkerRunOptions } from "./runtime/worker-model.ts";
export { Tensor, type TensorData, type TensorType } from "./tensor.ts";
