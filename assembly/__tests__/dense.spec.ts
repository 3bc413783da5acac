import { dense, denseColumn } from "../kernels/dense";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set, setDestination, setSource } from "./step";
import { expectClose, Worst } from "./worst";

function check(depth: i32, m: i32, withResidual: bool): void {
  const src = randomImage(depth, 1, 1, 0);
  const dst = new Image(m, 1, 1, 0);
  const residual = withResidual ? randomImage(m, 1, 1, 0) : null;
  const w = randomFloats(panelFloats(m, depth));
  const bias = randomFloats(panelFloats(m, 1));
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.weights, <i32>w);
  set(step, Step.bias, <i32>bias);
  dense(step, PLAN, src.at, residual ? residual.at : 0, dst.at);
  const worst = new Worst();
  for (let o = 0; o < m; ++o) {
    let sum = float(bias, o);
    for (let k = 0; k < depth; ++k) sum += src.get(k, 0) * panelWeight(w, m, depth, o, k);
    if (residual) sum += residual.get(o, 0);
    worst.compare(dst.get(o, 0), sum);
  }
  expectClose(worst, `${depth} → ${m}, residual ${withResidual}`);
}

describe("dense", () => {
  test("over every number of panels, whole and cut", () => {
    for (let m = 1; m <= 70; ++m) {
      check(1, m, false);
      check(6, m, true);
      check(128, m, true);
    }
  });

  test("a deep sum", () => check(517, 37, false));

  test("writes whole vectors and nothing beyond", () => {
    for (let m = 1; m <= 70; ++m) {
      const room = (m + 3) & ~3;
      const dst = randomFloats(room + 4);
      const guard = float(dst, room);
      denseColumn(randomFloats(3), 3, m, randomFloats(panelFloats(m, 3)), randomFloats(room), 0, dst, -9, 9);
      expect<f64>(float(dst, room)).toBe(guard, m.toString());
    }
  });

  test("with an activation", () => {
    const src = randomImage(5, 1, 1, 0);
    const plain = new Image(13, 1, 1, 0);
    const clamped = new Image(13, 1, 1, 0);
    const leaky = new Image(13, 1, 1, 0);
    const step = newStep();
    setSource(step, src);
    setDestination(step, plain);
    set(step, Step.weights, <i32>randomFloats(panelFloats(13, 5)));
    set(step, Step.bias, <i32>randomFloats(16));
    dense(step, PLAN, src.at, 0, plain.at);
    fuseClamp(step);
    dense(step, PLAN, src.at, 0, clamped.at);
    fuseLeaky(step);
    dense(step, PLAN, src.at, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
