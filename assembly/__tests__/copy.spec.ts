import { copyChannels, gatherChannels, slice } from "../kernels/copy";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setReal, setSource } from "./step";
import { expectExact, Worst } from "./worst";

describe("copyChannels", () => {
  test("moves channels to any place and leaves the others alone", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let front = 0; front <= 5; ++front) {
        const src = randomImage(channels, 2, 3);
        const dst = randomImage(channels + front + 3, 2, 3);
        const before = new Image(dst.channels, 2, 3);
        memory.copy(before.at, dst.at, dst.planes * dst.pitch);
        const step = newStep();
        setSource(step, src);
        setDestination(step, dst);
        set(step, Step.padFront, front);
        copyChannels(step, src.at, dst.at);
        const worst = new Worst();
        for (let c = 0; c < dst.channels; ++c) {
          const copied = c >= front && c < front + channels;
          for (let p = 0; p < 6; ++p) worst.compare(dst.get(c, p), copied ? src.get(c - front, p) : before.get(c, p));
        }
        expectExact(worst, `${channels} channels to ${front}`);
        expect<bool>(dst.intact()).toBe(true);
      }
    }
  });
});

describe("gatherChannels", () => {
  test("takes one channel of each group in turn, from a start, by steps", () => {
    for (let group = 1; group <= 5; ++group) {
      for (let start = 0; start <= 3; ++start) {
        for (let stride = 1; stride <= 3; ++stride) {
          const src = randomImage(4 * group, 2, 3);
          for (let channels = 1; start + (channels - 1) * stride < src.channels; ++channels) {
            const dst = new Image(channels, 2, 3);
            const step = newStep();
            setSource(step, src);
            setDestination(step, dst);
            set(step, Step.group, group);
            set(step, Step.groupInputs, 4);
            set(step, Step.padFront, start);
            set(step, Step.strideChannel, stride);
            gatherChannels(step, src.at, dst.at);
            const worst = new Worst();
            for (let c = 0; c < channels; ++c) {
              const k = start + c * stride;
              for (let p = 0; p < 6; ++p) worst.compare(dst.get(c, p), src.get((k % group) * 4 + k / group, p));
            }
            const what = `${channels} of ${src.channels} channels in ${group} groups from ${start} by ${stride}`;
            expectExact(worst, what);
            expect<bool>(dst.intact()).toBe(true, what);
          }
        }
      }
    }
  });

  test("repeats each channel", () => {
    for (let times = 1; times <= 5; ++times) {
      const src = randomImage(5, 2, 3);
      const dst = new Image(5 * times, 2, 3);
      const step = newStep();
      setSource(step, src);
      setDestination(step, dst);
      set(step, Step.group, times);
      set(step, Step.strideChannel, 1);
      gatherChannels(step, src.at, dst.at);
      const worst = new Worst();
      for (let c = 0; c < dst.channels; ++c) {
        for (let p = 0; p < 6; ++p) worst.compare(dst.get(c, p), src.get(c / times, p));
      }
      expectExact(worst, `${times} times`);
      expect<bool>(dst.intact()).toBe(true, `${times} times`);
    }
  });
});

/** Steps and pads on [channels, rows, columns]; pads may be negative, which is where a slice starts. */
function check(src: Image, dst: Image, steps: StaticArray<i32>, pads: StaticArray<i32>): void {
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.strideChannel, steps[0]);
  set(step, Step.strideHeight, steps[1]);
  set(step, Step.strideWidth, steps[2]);
  set(step, Step.padFront, pads[0]);
  set(step, Step.padTop, pads[1]);
  set(step, Step.padLeft, pads[2]);
  setReal(step, Step.alpha, 7);
  slice(step, src.at, dst.at);
  const worst = new Worst();
  for (let c = 0; c < dst.channels; ++c) {
    for (let y = 0; y < dst.height; ++y) {
      for (let x = 0; x < dst.width; ++x) {
        const channel = c * steps[0] - pads[0];
        const row = y * steps[1] - pads[1];
        const column = x * steps[2] - pads[2];
        const inside = channel >= 0 && channel < src.channels && src.holds(row, column);
        worst.compare(dst.get(c, y * dst.width + x), inside ? src.padded(channel, row, column) : 7);
      }
    }
  }
  const what = `steps ${steps.join(",")}, pads ${pads.join(",")}`;
  expectExact(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("slice", () => {
  test("takes every step-th element from a start", () => {
    for (let start = 0; start <= 3; ++start) {
      for (let step = 1; step <= 3; ++step) {
        const size = (7 - start + step - 1) / step;
        check(randomImage(7, 4, 3), new Image(size, 4, 3), [step, 1, 1], [-start, 0, 0]);
        check(randomImage(5, 7, 3), new Image(5, size, 3), [1, step, 1], [0, -start, 0]);
        check(randomImage(5, 4, 7), new Image(5, 4, size), [1, 1, step], [0, 0, -start]);
      }
    }
  });

  test("pads every side with a value", () => {
    check(randomImage(5, 2, 3), new Image(11, 5, 7), [1, 1, 1], [3, 1, 2]);
    check(randomImage(5, 2, 3), new Image(9, 1, 4), [1, 1, 1], [4, 0, -1]);
  });
});
