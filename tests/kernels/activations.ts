// Every kind of activation, with usual and unusual parameters.
import type { Activation } from "../../src/graph/operators.ts";

export const activations = [
  { op: "Relu" },
  { op: "Clip", min: 0, max: 6 },
  { op: "Clip", min: -0.5, max: 0.75 },
  { op: "Clip", min: -0.25, max: Number.POSITIVE_INFINITY },
  { op: "Clip", min: Number.NEGATIVE_INFINITY, max: 0.25 },
  { op: "LeakyRelu", alpha: 0.01 },
  { op: "LeakyRelu", alpha: 1.5 },
  { op: "LeakyRelu", alpha: -0.5 },
  { op: "Elu", alpha: 1 },
  { op: "Elu", alpha: 0.3 },
  { op: "Sigmoid" },
  { op: "HardSigmoid", alpha: 0.2, beta: 0.5 },
  { op: "HardSigmoid", alpha: 1 / 6, beta: 0.5 },
  { op: "HardSwish" },
  { op: "Swish" },
] as const satisfies readonly Activation[];
