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

function check(depth: i32, m: i32, tiles: i32, withResidual: bool, lo: f32, hi: f32): void {
  const x = randomImage(depth, tiles, 4);
  const w = randomFloats(panelFloats(m, depth));
  const bias = randomFloats(panelFloats(m, 1));
  const residual = withResidual ? randomImage(m, tiles, 4) : null;
  const dst = new Image(m, tiles, 4);
  const step = newStep();
  setReal(step, Step.low, lo);
  setReal(step, Step.high, hi);
  setDestination(step, dst);
  if (residual) set(step, Step.src2Pitch, residual.pitch);
  panels(step, x.at, x.pitch, tiles, depth, 4, m, w, bias, residual ? residual.at : 0, dst.at);
  const worst = new Worst();
  for (let o = 0; o < m; ++o) {
    for (let p = 0; p < tiles * 4; ++p) worst.compare(dst.get(o, p), naive(x, w, bias, residual, m, o, p, lo, hi));
  }
  const what = `depth ${depth}, ${m} channels, ${tiles} tiles, residual ${withResidual}, clamp ${lo}…${hi}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("panel", () => {
  test("panels over a grid of depths, channels and tiles", () => {
    for (let depth = 1; depth <= 9; ++depth) {
      for (let m = 1; m <= 18; ++m) {
        for (let tiles = 1; tiles <= 3; ++tiles) check(depth, m, tiles, false, -f32.MAX_VALUE, f32.MAX_VALUE);
      }
    }
  });

  test("panels add a residual, then clamp", () => {
    for (let m = 1; m <= 18; ++m) check(7, m, 2, true, 0, 0.5);
  });

  test("a deep sum", () => check(517, 12, 2, true, -f32.MAX_VALUE, f32.MAX_VALUE));

  test("panel8 and panel4 give the same bits", () => {
    const x = randomImage(11, 2, 4);
    const wide = randomFloats(panelFloats(8, 11));
    const narrow = randomFloats(panelFloats(4, 11));
    for (let k = 0; k < 11; ++k) memory.copy(narrow + (k << 4), wide + (k << 5), 16);
    const bias = randomFloats(8);
    const a = new Image(8, 2, 4);
    const b = new Image(4, 2, 4);
    panel8(x.at, x.pitch, 2, 11, 4, wide, bias, 0, 0, a.at, a.pitch, -1, 1);
    panel4(x.at, x.pitch, 2, 11, 4, narrow, bias, 0, b.at, -1, 1);
    expect<i32>(memory.compare(a.at, b.at, 8 << 4)).toBe(0);
  });

  // From here on: they cannot be turned off again. In the strict build there are none, and all is as before.
  test("long tiles over a grid of depths, channels and tiles", () => {
    useLongTiles();
    for (let depth = 1; depth <= 9; ++depth) {
      for (let m = 1; m <= 18; ++m) {
        for (let tiles = 3; tiles <= 7; ++tiles) check(depth, m, tiles, false, -f32.MAX_VALUE, f32.MAX_VALUE);
      }
    }
    for (let m = 1; m <= 18; ++m) check(7, m, 7, true, 0, 0.5);
    check(517, 12, 6, true, -f32.MAX_VALUE, f32.MAX_VALUE);
  });

  test("long tiles give the same bits as short ones", () => {
    const tiles = 7;
    for (let m = 4; m <= 8; m += 4) {
      const x = randomImage(11, tiles, 4);
      const residual = randomImage(m, tiles, 4);
      const w = randomFloats(panelFloats(m, 11));
      const bias = randomFloats(8);
      const step = newStep();
      setReal(step, Step.low, -1);
      setReal(step, Step.high, 1);
      set(step, Step.src2Pitch, residual.pitch);
      const long = new Image(m, tiles, 4);
      const short = new Image(m, tiles, 4);
      setDestination(step, long);
      panels(step, x.at, x.pitch, tiles, 11, 4, m, w, bias, residual.at, long.at);
      for (let i = 0; i < tiles; ++i) {
        panels(step, x.at + i * 64, x.pitch, 1, 11, 4, m, w, bias, residual.at + i * 64, short.at + i * 64);
      }
      expect<i32>(memory.compare(long.at, short.at, long.pitch * (m >> 2))).toBe(0, `${m} channels`);
    }
  });
});
