import { endTap, firstTap } from "../kernels/window";

describe("window", () => {
  test("the taps between firstTap and endTap are those inside the image", () => {
    for (let size = 1; size <= 5; ++size) {
      for (let taps = 1; taps <= 4; ++taps) {
        for (let dilation = 1; dilation <= 3; ++dilation) {
          for (let start = -9; start <= 9; ++start) {
            const what = `size ${size}, taps ${taps}, dilation ${dilation}, start ${start}`;
            for (let tap = 0; tap < taps; ++tap) {
              const position = start + tap * dilation;
              const between = tap >= firstTap(start, dilation) && tap < endTap(start, dilation, size, taps);
              expect<bool>(between).toBe(position >= 0 && position < size, what);
            }
          }
        }
      }
    }
  });
});
