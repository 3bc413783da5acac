import { affine } from "../kernels/affine";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats } from "./memory";
import { newStep, PLAN, set, setDestination, setSource } from "./step";
import { expectClose, Worst } from "./worst";

function newAffine(src: Image, dst: Image): usize {
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.weights, <i32>randomFloats(src.planes * 4));
  set(step, Step.bias, <i32>randomFloats(src.planes * 4));
  return step;
}

describe("affine", () => {
  test("over a grid of channels and sizes", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let width = 1; width <= 5; ++width) {
        const src = randomImage(channels, 3, width);
        const dst = new Image(channels, 3, width);
        const step = newAffine(src, dst);
        affine(step, PLAN, src.at, dst.at);
        const worst = new Worst();
        for (let c = 0; c < channels; ++c) {
          const scale = float(load<u32>(step, Step.weights), c);
          const shift = float(load<u32>(step, Step.bias), c);
          for (let p = 0; p < src.pixels(); ++p) worst.compare(dst.get(c, p), scale * src.get(c, p) + shift);
        }
        expectClose(worst, `${channels} channels, 3×${width}`);
        expect<bool>(dst.intact()).toBe(true);
      }
    }
  });

  test("with an activation", () => {
    const src = randomImage(6, 2, 3);
    const plain = new Image(6, 2, 3);
    const clamped = new Image(6, 2, 3);
    const leaky = new Image(6, 2, 3);
    const step = newAffine(src, plain);
    affine(step, PLAN, src.at, plain.at);
    fuseClamp(step);
    affine(step, PLAN, src.at, clamped.at);
    fuseLeaky(step);
    affine(step, PLAN, src.at, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
