import { lrn } from "../kernels/lrn";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setReal, setSource } from "./step";
import { expectClose, Worst } from "./worst";

function check(channels: i32, height: i32, width: i32, size: i32, alpha: f32, beta: f32, bias: f32): void {
  const src = randomImage(channels, height, width);
  const dst = new Image(channels, height, width);
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.mode, size);
  setReal(step, Step.alpha, alpha);
  setReal(step, Step.beta, beta);
  setReal(step, Step.low, bias);
  lrn(step, src.at, dst.at);
  const worst = new Worst();
  for (let c = 0; c < channels; ++c) {
    const first = max(0, c - (size - 1) / 2);
    const last = min(channels - 1, c + size / 2);
    for (let p = 0; p < src.pixels(); ++p) {
      let sum: f64 = 0;
      for (let i = first; i <= last; ++i) sum += src.get(i, p) * src.get(i, p);
      worst.compare(dst.get(c, p), src.get(c, p) * Math.pow(bias + alpha * sum, -beta));
    }
  }
  const what = `${channels}×${height}×${width}, ${size} channels, alpha ${alpha}, beta ${beta}, bias ${bias}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("lrn", () => {
  test("the window of five over every count of channels", () => {
    for (let channels = 1; channels <= 18; ++channels) check(channels, 3, 3, 5, 0.4, 0.75, 2);
  });

  test("windows of every size", () => {
    for (let size = 1; size <= 14; ++size) {
      for (let channels = 1; channels <= 18; ++channels) check(channels, 1, 3, size, 0.4, 0.75, 1);
    }
    check(6, 2, 2, 65535, 0.4, 0.75, 1);
  });

  test("every power", () => {
    for (let beta: f32 = -1; beta <= 3; beta += 0.25) {
      check(9, 2, 3, 5, 0.7, beta, 1);
      check(9, 2, 3, 3, 0.7, beta, 0.5);
    }
  });

  test("images of several strips", () => {
    check(9, 15, 17, 5, 0.4, 0.75, 2);
    check(9, 16, 16, 5, 0.4, 0.75, 2);
    check(9, 43, 3, 4, 0.4, 0.75, 2);
  });
});
