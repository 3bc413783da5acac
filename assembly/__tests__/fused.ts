// Fused activations for specs: a kernel runs three times, plain, with a clamp and with an activation that is not one,
// and the last two results must be those of the first, activated.
import { Activation, Step } from "../plan";
import { Image } from "./image";
import { set, setReal } from "./step";
import { expectExact, Worst } from "./worst";

/** A clamp to [0, ½]. */
export function fuseClamp(step: usize): void {
  set(step, Step.activation, Activation.none);
  setReal(step, Step.low, 0);
  setReal(step, Step.high, 0.5);
}

/** LeakyRelu. */
export function fuseLeaky(step: usize): void {
  set(step, Step.activation, Activation.leakyRelu);
  setReal(step, Step.alpha, 0.25);
  setReal(step, Step.low, -f32.MAX_VALUE);
  setReal(step, Step.high, f32.MAX_VALUE);
}

export function expectFused(plain: Image, clamped: Image, leaky: Image): void {
  const clamps = new Worst();
  const leaks = new Worst();
  for (let c = 0; c < plain.channels; ++c) {
    for (let p = 0; p < plain.pixels(); ++p) {
      const x = plain.get(c, p);
      clamps.compare(clamped.get(c, p), min(max(x, 0), 0.5));
      leaks.compare(leaky.get(c, p), x < 0 ? 0.25 * x : x);
    }
  }
  expectExact(clamps, "clamp");
  expectExact(leaks, "leakyRelu");
}
