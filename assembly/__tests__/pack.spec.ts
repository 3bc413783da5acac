import { packConv, packDepthwise, packVector } from "../kernels/pack";
import { Step } from "../plan";
import { float, randomFloats } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set } from "./step";
import { expectExact, Worst } from "./worst";

/** Matrices of so many outputs and inputs, along the diagonal of a weight; one group each unless said otherwise. */
class Case {
  matrices: i32 = 1;
  taps: i32 = 1;
  depth: i32 = 0;
  groupOutputs: i32 = 0;
  groupInputs: i32 = 0;
  firstOutput: i32 = 0;
  firstInput: i32 = 0;
  withScale: bool = false;
  transposed: bool = false;

  constructor(
    public m: i32,
    public channels: i32,
  ) {
    this.depth = channels;
    this.groupOutputs = m;
    this.groupInputs = channels;
  }

  check(): void {
    const m = this.m;
    const depth = this.depth;
    const taps = this.taps;
    const rows = this.firstOutput + this.matrices * m;
    const src = randomFloats(rows * this.groupInputs * taps);
    const scale = this.withScale ? randomFloats(rows) : 0;
    const rowStride = this.transposed ? 1 : this.groupInputs * taps;
    const inputStride = this.transposed ? rows : taps;
    const floats = panelFloats(m, taps * depth);
    const dst = randomFloats(floats * this.matrices + 4);
    const guard = float(dst, floats * this.matrices);
    const step = newStep();
    set(step, Step.src, <i32>src);
    set(step, Step.src2, <i32>scale);
    set(step, Step.dst, <i32>dst);
    set(step, Step.dstChannels, m);
    set(step, Step.channels, this.channels);
    set(step, Step.height, depth);
    set(step, Step.kernelHeight, 1);
    set(step, Step.kernelWidth, taps);
    set(step, Step.rowStride, rowStride << 2);
    set(step, Step.pixelStride, inputStride << 2);
    set(step, Step.group, this.matrices);
    set(step, Step.groupOutputs, this.groupOutputs);
    set(step, Step.groupInputs, this.groupInputs);
    set(step, Step.firstOutput, this.firstOutput);
    set(step, Step.padFront, this.firstInput);
    packConv(step, PLAN);
    const worst = new Worst();
    for (let matrix = 0; matrix < this.matrices; ++matrix) {
      const panels = dst + ((matrix * floats) << 2);
      for (let o = 0; o < ((m + 3) & ~3); ++o) {
        for (let tap = 0; tap < taps; ++tap) {
          for (let c = 0; c < depth; ++c) {
            const row = this.firstOutput + matrix * m + o;
            const input = this.firstInput + matrix * this.channels + c;
            let expected: f64 = 0;
            if (o < m && c < this.channels && row / this.groupOutputs == input / this.groupInputs) {
              expected = float(src, row * rowStride + (input % this.groupInputs) * inputStride + tap);
              if (this.withScale) expected = <f32>expected * <f32>float(scale, row);
            }
            worst.compare(panelWeight(panels, m, taps * depth, o, tap * depth + c), expected);
          }
        }
      }
    }
    const what = `${this.matrices} of [${m},${this.channels},${taps}], depth ${depth}, scale ${this.withScale}`;
    expectExact(worst, `${what}, groups of [${this.groupOutputs},${this.groupInputs}]`);
    expect<f64>(float(dst, floats * this.matrices)).toBe(guard, what);
  }
}

describe("packConv", () => {
  test("over a grid of matrices, depth as it is and padded", () => {
    for (let m = 1; m <= 18; ++m) {
      for (let channels = 1; channels <= 6; ++channels) {
        const one = new Case(m, channels);
        one.check();
        one.depth = (channels + 3) & ~3;
        one.taps = 9;
        one.withScale = true;
        one.check();
      }
    }
  });

  test("several matrices, of a group each and of several", () => {
    const one = new Case(8, 4);
    one.taps = 9;
    one.matrices = 3;
    one.withScale = true;
    one.check();
    one.groupOutputs = 4;
    one.groupInputs = 2;
    one.check();
    const wide = new Case(24, 16);
    wide.matrices = 2;
    wide.groupOutputs = 12;
    wide.groupInputs = 8;
    wide.check();
  });

  // As three groups of [17,10] are cut: their second one begins within planes on both sides.
  test("matrices that begin and end within groups", () => {
    for (let taps = 1; taps <= 3; taps += 2) {
      for (let withScale = 0; withScale <= 1; ++withScale) {
        const one = new Case(16, 12);
        one.taps = taps;
        one.withScale = withScale != 0;
        one.groupOutputs = 17;
        one.groupInputs = 10;
        one.check();
        one.m = 4;
        one.channels = 20;
        one.depth = 20;
        one.firstOutput = 16;
        one.check();
        one.m = 12;
        one.channels = 12;
        one.depth = 12;
        one.firstOutput = 20;
        one.firstInput = 8;
        one.check();
      }
    }
  });

  test("a transposed matrix", () => {
    const one = new Case(10, 7);
    one.withScale = true;
    one.transposed = true;
    one.check();
  });
});

describe("packDepthwise", () => {
  test("interleaves four channels, with zeros beyond the last", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let taps = 1; taps <= 9; taps += 4) {
        for (let withScale = 0; withScale <= 1; ++withScale) {
          const src = randomFloats(channels * taps);
          const scale = withScale ? randomFloats(channels) : 0;
          const room = ((channels + 3) & ~3) * taps;
          const dst = randomFloats(room);
          const step = newStep();
          set(step, Step.src, <i32>src);
          set(step, Step.src2, <i32>scale);
          set(step, Step.dst, <i32>dst);
          set(step, Step.channels, channels);
          set(step, Step.kernelHeight, taps);
          set(step, Step.kernelWidth, 1);
          packDepthwise(step, PLAN);
          const worst = new Worst();
          for (let i = 0; i < room; ++i) {
            const c = (i / (taps * 4)) * 4 + (i & 3);
            const tap = (i >> 2) % taps;
            const factor: f32 = withScale && c < channels ? <f32>float(scale, c) : 1;
            worst.compare(float(dst, i), c < channels ? <f32>float(src, c * taps + tap) * factor : 0);
          }
          expectExact(worst, `${channels} channels, ${taps} taps, scale ${withScale}`);
        }
      }
    }
  });
});

describe("packVector", () => {
  test("copies and fills up with zeros", () => {
    for (let channels = 1; channels <= 5; ++channels) {
      for (let present = 0; present <= 1; ++present) {
        const src = randomFloats(channels);
        const dst = randomFloats(9);
        const guard = float(dst, 8);
        const step = newStep();
        set(step, Step.src, present ? <i32>src : 0);
        set(step, Step.dst, <i32>dst);
        set(step, Step.channels, channels);
        set(step, Step.dstChannels, 8);
        packVector(step, PLAN);
        const worst = new Worst();
        for (let i = 0; i < 8; ++i) worst.compare(float(dst, i), present && i < channels ? float(src, i) : 0);
        worst.compare(float(dst, 8), guard);
        expectExact(worst, `${channels} channels, present ${present}`);
      }
    }
  });
});
