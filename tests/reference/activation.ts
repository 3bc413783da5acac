// Reference activations: functions of one element, as ONNX defines them.
import type { Activation } from "../../src/graph/operators.ts";
import { map, type Value } from "./value.ts";

const clamp = (x: number, min: number, max: number) => Math.min(Math.max(x, min), max);
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function activate(x: number, activation: Activation): number {
  switch (activation.op) {
    case "Relu":
      return Math.max(x, 0);
    case "Clip":
      return clamp(x, activation.min, activation.max);
    case "LeakyRelu":
      return x < 0 ? activation.alpha * x : x;
    case "Elu":
      return x < 0 ? activation.alpha * Math.expm1(x) : x;
    case "Sigmoid":
      return sigmoid(x);
    case "HardSigmoid":
      return clamp(activation.alpha * x + activation.beta, 0, 1);
    case "HardSwish":
      return x * clamp(x / 6 + 0.5, 0, 1);
    case "Swish":
      return x * sigmoid(x);
  }
}

/** Applies an activation to every element; without one, the value itself. */
export function activation(x: Value, how: Activation | undefined): Value {
  return how === undefined ? x : map(x, (element) => activate(element, how));
}
