// Activations as step fields. Kernels clamp to [low, high] in their epilogue; what is more than a clamp follows it.
import { Activation as Kind } from "../../../assembly/plan.ts";
import type { Activation } from "../../graph/operators.ts";
import type { StepRecord } from "../step.ts";

const unlimited = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Fields `activation`, `alpha`, `beta`, `low` and `high` of a step. */
export function activationFields(activation: Activation | undefined): StepRecord {
  switch (activation?.op) {
    case undefined:
      return unlimited;
    case "Relu":
      return { ...unlimited, low: 0 };
    case "Clip":
      return { low: activation.min, high: activation.max };
    case "LeakyRelu":
      return { ...unlimited, activation: Kind.leakyRelu, alpha: activation.alpha };
    case "Elu":
      return { ...unlimited, activation: Kind.elu, alpha: activation.alpha };
    case "Sigmoid":
      return { ...unlimited, activation: Kind.sigmoid };
    case "Swish":
      return { ...unlimited, activation: Kind.swish };
    case "HardSigmoid":
      return { ...unlimited, activation: Kind.hardSigmoid, alpha: activation.alpha, beta: activation.beta };
    case "HardSwish":
      return { ...unlimited, activation: Kind.hardSwish };
  }
}

/** For people: Relu, Clip[0,6] … */
export function describeActivation(activation: Activation): string {
  return activation.op === "Clip" ? `Clip[${activation.min},${activation.max}]` : activation.op;
}
