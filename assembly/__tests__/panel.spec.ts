import { panel4, panel8, panels, useLongTiles } from "../kernels/panel";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { float, randomFloats } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, set, setDestination, setReal } from "./step";
import { expectClose, Worst } from "./worst";

/** Σ_k x[k][p] · w[k][o] + bias[o] (+ residual[o][p]), clamped. */
function naive(x: Image, w: usize, bias: usize, residual: Image | null, m: i32, o: i32, p: i32, lo: f64, hi: f64): f64 {
  let sum = float(bias, o);
  for (let k = 0; k < x.channels; ++k) sum += x.get(k, p) * panelWeight(w, m, x.channels, o, k);
  if (residual) sum += residual.get(o, p);
  return min(max(sum, lo), hi);
}

function check(depth: i32, m: i32, pixels: i32, withResidual: bool, lo: f32, hi: f32): void {
  const x = randomImage(depth, 1, pixels);
  const w = randomFloats(panelFloats(m, depth));
  const bias = randomFloats(panelFloats(m, 1));
  const residual = withResidual ? randomImage(m, 1, pixels) : null;
  const dst = new Image(m, 1, pixels);
  const step = newStep();
  setReal(step, Step.low, lo);
  setReal(step, Step.high, hi);
  setDestination(step, dst);
  if (residual) set(step, Step.src2Pitch, residual.pitch);
  panels(step, x.at, x.pitch, pixels, depth, depth, 4, m, w, bias, residual ? residual.at : 0, dst.at);
  const worst = new Worst();
  for (let o = 0; o < m; ++o) {
    for (let p = 0; p < pixels; ++p) worst.compare(dst.get(o, p), naive(x, w, bias, residual, m, o, p, lo, hi));
  }
  const what = `depth ${depth}, ${m} channels, ${pixels} pixels, residual ${withResidual}, clamp ${lo}…${hi}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("panel", () => {
  test("panels over a grid of depths, channels and pixels", () => {
    for (let depth = 1; depth <= 9; ++depth) {
      for (let m = 1; m <= 18; ++m) {
        for (let pixels = 2; pixels <= 10; ++pixels) check(depth, m, pixels, false, -f32.MAX_VALUE, f32.MAX_VALUE);
      }
    }
  });

  test("panels add a residual, then clamp", () => {
    for (let m = 1; m <= 18; ++m) {
      for (let pixels = 8; pixels <= 9; ++pixels) check(7, m, pixels, true, 0, 0.5);
    }
  });

  test("a deep sum", () => check(517, 12, 9, true, -f32.MAX_VALUE, f32.MAX_VALUE));

  test("panel8 and panel4 give the same bits", () => {
    const pixels = 9;
    const x = randomImage(11, 1, pixels);
    const wide = randomFloats(panelFloats(8, 11));
    const narrow = randomFloats(panelFloats(4, 11));
    for (let k = 0; k < 11; ++k) memory.copy(narrow + (k << 4), wide + (k << 5), 16);
    const bias = randomFloats(8);
    const a = new Image(8, 1, pixels);
    const b = new Image(4, 1, pixels);
    const bounds = randomFloats(2);
    store<f32>(bounds, -1);
    store<f32>(bounds, 1, 4);
    panel8(x.at, x.pitch, pixels, 11, 4, wide, bias, 0, 0, a.at, a.pitch, bounds);
    panel4(x.at, x.pitch, pixels, 11, 4, narrow, bias, 0, b.at, bounds);
    expect<i32>(memory.compare(a.at, b.at, pixels << 4)).toBe(0);
  });

  // From here on: they cannot be turned off again. In the strict build there are none, and all is as before.
  test("long tiles over a grid of depths, channels and pixels", () => {
    useLongTiles();
    for (let depth = 1; depth <= 9; ++depth) {
      for (let m = 1; m <= 18; ++m) {
        for (let pixels = 12; pixels <= 29; ++pixels) check(depth, m, pixels, false, -f32.MAX_VALUE, f32.MAX_VALUE);
      }
    }
    for (let m = 1; m <= 18; ++m) check(7, m, 25, true, 0, 0.5);
    check(517, 12, 25, true, -f32.MAX_VALUE, f32.MAX_VALUE);
  });

  test("long tiles, and those of five, give the same bits as fours", () => {
    const pixels = 37;
    for (let m = 4; m <= 8; m += 4) {
      const x = randomImage(11, 1, pixels);
      const residual = randomImage(m, 1, pixels);
      const w = randomFloats(panelFloats(m, 11));
      const bias = randomFloats(8);
      const step = newStep();
      setReal(step, Step.low, -1);
      setReal(step, Step.high, 1);
      set(step, Step.src2Pitch, residual.pitch);
      const long = new Image(m, 1, pixels);
      const short = new Image(m, 1, pixels);
      setDestination(step, long);
      panels(step, x.at, x.pitch, pixels, 11, 11, 4, m, w, bias, residual.at, long.at);
      for (let i = 0; i < pixels; i += 4) {
        panels(step, x.at + i * 16, x.pitch, 4, 11, 11, 4, m, w, bias, residual.at + i * 16, short.at + i * 16);
      }
      for (let plane = 0; plane < m >> 2; ++plane) {
        const at = plane * long.pitch;
        expect<i32>(memory.compare(long.at + at, short.at + at, pixels << 4)).toBe(0, `${m} channels`);
      }
    }
  });
});
