import { packConv, packDepthwise, packVector } from "../kernels/pack";
import { Step } from "../plan";
import { float, randomFloats } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set } from "./step";
import { expectExact, Worst } from "./worst";

/** A stored weight [clusters·m][channels/groups][taps], or its transpose over the first two. */
function checkConv(
  m: i32,
  channels: i32,
  depth: i32,
  taps: i32,
  clusters: i32,
  groups: i32,
  withScale: bool,
  transposed: bool,
): void {
  const rows = clusters * m;
  const columns = channels / groups;
  const src = randomFloats(rows * columns * taps);
  const scale = withScale ? randomFloats(rows) : 0;
  const rowStride = transposed ? 1 : columns * taps;
  const columnStride = transposed ? rows : taps;
  const clusterFloats = panelFloats(m, taps * depth);
  const dst = randomFloats(clusterFloats * clusters + 4);
  const guard = float(dst, clusterFloats * clusters);
  const step = newStep();
  set(step, Step.src, <i32>src);
  set(step, Step.src2, <i32>scale);
  set(step, Step.dst, <i32>dst);
  set(step, Step.dstChannels, m);
  set(step, Step.channels, channels);
  set(step, Step.height, depth);
  set(step, Step.kernelHeight, 1);
  set(step, Step.kernelWidth, taps);
  set(step, Step.rowStride, rowStride << 2);
  set(step, Step.pixelStride, columnStride << 2);
  set(step, Step.group, clusters);
  set(step, Step.mode, groups);
  packConv(step, PLAN);
  const worst = new Worst();
  for (let cluster = 0; cluster < clusters; ++cluster) {
    const panels = dst + ((cluster * clusterFloats) << 2);
    for (let o = 0; (o < m + 3) & ~3; ++o) {
      for (let tap = 0; tap < taps; ++tap) {
        for (let c = 0; c < depth; ++c) {
          let expected: f64 = 0;
          if (o < m && c < channels && o / (m / groups) == c / columns) {
            const row = cluster * m + o;
            expected = float(src, row * rowStride + (c % columns) * columnStride + tap);
            if (withScale) expected = <f32>expected * <f32>float(scale, row);
          }
          worst.compare(panelWeight(panels, m, taps * depth, o, tap * depth + c), expected);
        }
      }
    }
  }
  const what = `[${m},${channels},${taps}], depth ${depth}, ${clusters} clusters of ${groups}, scale ${withScale}`;
  expectExact(worst, what);
  expect<f64>(float(dst, clusterFloats * clusters)).toBe(guard, what);
}

describe("packConv", () => {
  test("over a grid of matrices, depth as it is and padded", () => {
    for (let m = 1; m <= 18; ++m) {
      for (let channels = 1; channels <= 6; ++channels) {
        checkConv(m, channels, channels, 1, 1, 1, false, false);
        checkConv(m, channels, (channels + 3) & ~3, 9, 1, 1, true, false);
      }
    }
  });

  test("clusters, whole and of several groups", () => {
    checkConv(8, 4, 4, 9, 3, 1, true, false);
    checkConv(12, 8, 8, 1, 2, 4, false, false);
    checkConv(4, 4, 4, 3, 5, 2, true, false);
  });

  test("a transposed matrix", () => checkConv(10, 7, 7, 1, 1, 1, true, true));
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
