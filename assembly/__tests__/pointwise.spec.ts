import { pointwise } from "../kernels/pointwise";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set, setDestination, setSource } from "./step";
import { expectClose, Worst } from "./worst";

/** `depth` input and `m` output channels in each group. */
function check(depth: i32, m: i32, height: i32, width: i32, groups: i32, withResidual: bool, withFactors: bool = false): void {
  const src = randomImage(depth * groups, height, width);
  const dst = new Image(m * groups, height, width);
  const residual = withResidual ? randomImage(m * groups, height, width) : null;
  const groupFloats = panelFloats(m, depth);
  const groupBias = panelFloats(m, 1);
  const weights = randomFloats(groupFloats * groups);
  const bias = randomFloats(groupBias * groups);
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.group, groups);
  set(step, Step.strip, 8);
  set(step, Step.weights, <i32>weights);
  set(step, Step.bias, <i32>bias);
  if (residual) set(step, Step.src2Pitch, residual.pitch);
  const factors: usize = withFactors ? randomFloats(panelFloats(depth, 1)) : 0;
  if (withFactors) set(step, Step.scratch, <i32>zeroed(groupFloats << 2));
  pointwise(step, PLAN, src.at, residual ? residual.at : 0, factors, dst.at);
  const worst = new Worst();
  for (let g = 0; g < groups; ++g) {
    for (let o = 0; o < m; ++o) {
      for (let p = 0; p < src.pixels(); ++p) {
        let sum = float(bias, g * groupBias + o);
        for (let k = 0; k < depth; ++k) {
          const factor = withFactors ? float(factors, k) : 1;
          sum += src.get(g * depth + k, p) * factor * panelWeight(weights + ((g * groupFloats) << 2), m, depth, o, k);
        }
        if (residual) sum += residual.get(g * m + o, p);
        worst.compare(dst.get(g * m + o, p), sum);
      }
    }
  }
  const what = `${depth} → ${m} channels × ${groups} groups, ${height}×${width}, residual ${withResidual}, factors ${withFactors}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("pointwise", () => {
  test("over a grid of channels and sizes", () => {
    for (let depth = 1; depth <= 13; depth += 3) {
      for (let m = 1; m <= 17; m += 4) {
        for (let width = 1; width <= 6; ++width) check(depth, m, 3, width, 1, false);
      }
    }
  });

  test("groups", () => {
    for (let depth = 4; depth <= 8; depth += 4) {
      for (let m = 4; m <= 12; m += 4) check(depth, m, 3, 3, 3, false);
    }
  });

  test("with a residual", () => {
    check(5, 13, 3, 5, 1, true);
    check(4, 12, 3, 5, 2, true);
  });

  test("with a factor for each channel of the source", () => {
    for (let m = 1; m <= 17; m += 4) check(7, m, 3, 5, 1, m > 8, true);
  });

  test("with an activation, in every group", () => {
    const src = randomImage(8, 2, 3);
    const plain = new Image(8, 2, 3);
    const clamped = new Image(8, 2, 3);
    const leaky = new Image(8, 2, 3);
    const step = newStep();
    setSource(step, src);
    setDestination(step, plain);
    set(step, Step.group, 2);
    set(step, Step.strip, 8);
    set(step, Step.weights, <i32>randomFloats(32));
    set(step, Step.bias, <i32>randomFloats(8));
    pointwise(step, PLAN, src.at, 0, 0, plain.at);
    fuseClamp(step);
    pointwise(step, PLAN, src.at, 0, 0, clamped.at);
    fuseLeaky(step);
    pointwise(step, PLAN, src.at, 0, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
