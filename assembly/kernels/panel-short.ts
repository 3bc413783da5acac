// The panel kernel's short tiles: four pixels by eight (or four) output channels, in any build.
//
// Four by eight keep eight accumulators, four splats and a weight in 13 of the 15 registers that V8 has on x86-64. The lanes of two
// blocks are unrolled. The branches between them, nearly always predicted, end basic blocks: V8 up to Node 22 hoists all loads of one to
// its start, for which it lacks the registers. So no branch's condition may follow from the loop's own. `p` moves on by a lane, since V8
// adds a splat's offset in an instruction of its own, unless it finds it once before the loop.
//
// `q` moves on where a turn begins, and by a block. What that changes is where jumps lie: processors of Intel's Skylake line cannot keep
// one decoded that touches the end of 32 bytes (the JCC erratum), and V8 pads its jumps against that only after Node 22. A lane took 9.0
// cycles in Node 20 and 22 (strict) and 6.3 to 7.5 in 22 (relaxed) when `q` moved on at a turn's end, and takes 8.6 and 4.5.
import { clamp, isBound, madd } from "../simd";

/** Computes `tiles` × 4 pixels of eight output channels. `residual` may be 0; its planes are `residualPitch` apart. */
export function short8(
  x: usize,
  pitch: usize,
  tiles: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  residualPitch: usize,
  dst: usize,
  dstPitch: usize,
  bounded: bool,
  low: f32,
  high: f32,
): void {
  // From the last lane of a block to the next block; of four, only the last block of all may have fewer.
  const next = pitch - ((<usize>lanes - 1) << 2);
  // Of four lanes, `q` moves on by a block before it first reads. To go back by one for each tile would keep another register.
  if (lanes == 4) w -= 128;
  for (; tiles > 0; --tiles) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = v128.load(bias, 16);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    let p = x;
    let q = w;
    if (lanes == 4) {
      // Two blocks a turn, since what V8 does between turns takes as long as half a lane.
      for (let left = depth; left > 0; left -= 8) {
        q += 128;
        let s = v128.load32_splat(p);
        let t = v128.load32_splat(p, 16);
        let u = v128.load32_splat(p, 32);
        let v = v128.load32_splat(p, 48);
        let weight = v128.load(q);
        a0 = madd(s, weight, a0);
        a1 = madd(t, weight, a1);
        a2 = madd(u, weight, a2);
        a3 = madd(v, weight, a3);
        weight = v128.load(q, 16);
        b0 = madd(s, weight, b0);
        b1 = madd(t, weight, b1);
        b2 = madd(u, weight, b2);
        b3 = madd(v, weight, b3);
        if (left > 1) {
          p += 4;
          s = v128.load32_splat(p);
          t = v128.load32_splat(p, 16);
          u = v128.load32_splat(p, 32);
          v = v128.load32_splat(p, 48);
          weight = v128.load(q, 32);
          a0 = madd(s, weight, a0);
          a1 = madd(t, weight, a1);
          a2 = madd(u, weight, a2);
          a3 = madd(v, weight, a3);
          weight = v128.load(q, 48);
          b0 = madd(s, weight, b0);
          b1 = madd(t, weight, b1);
          b2 = madd(u, weight, b2);
          b3 = madd(v, weight, b3);
          if (left > 2) {
            p += 4;
            s = v128.load32_splat(p);
            t = v128.load32_splat(p, 16);
            u = v128.load32_splat(p, 32);
            v = v128.load32_splat(p, 48);
            weight = v128.load(q, 64);
            a0 = madd(s, weight, a0);
            a1 = madd(t, weight, a1);
            a2 = madd(u, weight, a2);
            a3 = madd(v, weight, a3);
            weight = v128.load(q, 80);
            b0 = madd(s, weight, b0);
            b1 = madd(t, weight, b1);
            b2 = madd(u, weight, b2);
            b3 = madd(v, weight, b3);
            if (left > 3) {
              p += 4;
              s = v128.load32_splat(p);
              t = v128.load32_splat(p, 16);
              u = v128.load32_splat(p, 32);
              v = v128.load32_splat(p, 48);
              weight = v128.load(q, 96);
              a0 = madd(s, weight, a0);
              a1 = madd(t, weight, a1);
              a2 = madd(u, weight, a2);
              a3 = madd(v, weight, a3);
              weight = v128.load(q, 112);
              b0 = madd(s, weight, b0);
              b1 = madd(t, weight, b1);
              b2 = madd(u, weight, b2);
              b3 = madd(v, weight, b3);
            }
          }
        }
        p += next;
        q += 128;
        if (left > 4) {
          s = v128.load32_splat(p);
          t = v128.load32_splat(p, 16);
          u = v128.load32_splat(p, 32);
          v = v128.load32_splat(p, 48);
          weight = v128.load(q);
          a0 = madd(s, weight, a0);
          a1 = madd(t, weight, a1);
          a2 = madd(u, weight, a2);
          a3 = madd(v, weight, a3);
          weight = v128.load(q, 16);
          b0 = madd(s, weight, b0);
          b1 = madd(t, weight, b1);
          b2 = madd(u, weight, b2);
          b3 = madd(v, weight, b3);
          if (left > 5) {
            p += 4;
            s = v128.load32_splat(p);
            t = v128.load32_splat(p, 16);
            u = v128.load32_splat(p, 32);
            v = v128.load32_splat(p, 48);
            weight = v128.load(q, 32);
            a0 = madd(s, weight, a0);
            a1 = madd(t, weight, a1);
            a2 = madd(u, weight, a2);
            a3 = madd(v, weight, a3);
            weight = v128.load(q, 48);
            b0 = madd(s, weight, b0);
            b1 = madd(t, weight, b1);
            b2 = madd(u, weight, b2);
            b3 = madd(v, weight, b3);
            if (left > 6) {
              p += 4;
              s = v128.load32_splat(p);
              t = v128.load32_splat(p, 16);
              u = v128.load32_splat(p, 32);
              v = v128.load32_splat(p, 48);
              weight = v128.load(q, 64);
              a0 = madd(s, weight, a0);
              a1 = madd(t, weight, a1);
              a2 = madd(u, weight, a2);
              a3 = madd(v, weight, a3);
              weight = v128.load(q, 80);
              b0 = madd(s, weight, b0);
              b1 = madd(t, weight, b1);
              b2 = madd(u, weight, b2);
              b3 = madd(v, weight, b3);
              if (left > 7) {
                p += 4;
                s = v128.load32_splat(p);
                t = v128.load32_splat(p, 16);
                u = v128.load32_splat(p, 32);
                v = v128.load32_splat(p, 48);
                weight = v128.load(q, 96);
                a0 = madd(s, weight, a0);
                a1 = madd(t, weight, a1);
                a2 = madd(u, weight, a2);
                a3 = madd(v, weight, a3);
                weight = v128.load(q, 112);
                b0 = madd(s, weight, b0);
                b1 = madd(t, weight, b1);
                b2 = madd(u, weight, b2);
                b3 = madd(v, weight, b3);
              }
            }
          }
          p += next;
        }
      }
    } else {
      // Fewer lanes, which all blocks have: the same, apart, since one piece of code for both took 1 to 5 % longer in Node 20.
      for (let left = depth; left > 0; left -= lanes) {
        let s = v128.load32_splat(p);
        let t = v128.load32_splat(p, 16);
        let u = v128.load32_splat(p, 32);
        let v = v128.load32_splat(p, 48);
        let weight = v128.load(q);
        a0 = madd(s, weight, a0);
        a1 = madd(t, weight, a1);
        a2 = madd(u, weight, a2);
        a3 = madd(v, weight, a3);
        weight = v128.load(q, 16);
        b0 = madd(s, weight, b0);
        b1 = madd(t, weight, b1);
        b2 = madd(u, weight, b2);
        b3 = madd(v, weight, b3);
        if (lanes > 1) {
          p += 4;
          s = v128.load32_splat(p);
          t = v128.load32_splat(p, 16);
          u = v128.load32_splat(p, 32);
          v = v128.load32_splat(p, 48);
          weight = v128.load(q, 32);
          a0 = madd(s, weight, a0);
          a1 = madd(t, weight, a1);
          a2 = madd(u, weight, a2);
          a3 = madd(v, weight, a3);
          weight = v128.load(q, 48);
          b0 = madd(s, weight, b0);
          b1 = madd(t, weight, b1);
          b2 = madd(u, weight, b2);
          b3 = madd(v, weight, b3);
          if (lanes > 2) {
            p += 4;
            s = v128.load32_splat(p);
            t = v128.load32_splat(p, 16);
            u = v128.load32_splat(p, 32);
            v = v128.load32_splat(p, 48);
            weight = v128.load(q, 64);
            a0 = madd(s, weight, a0);
            a1 = madd(t, weight, a1);
            a2 = madd(u, weight, a2);
            a3 = madd(v, weight, a3);
            weight = v128.load(q, 80);
            b0 = madd(s, weight, b0);
            b1 = madd(t, weight, b1);
            b2 = madd(u, weight, b2);
            b3 = madd(v, weight, b3);
          }
        }
        p += next;
        q += (<usize>lanes) << 5;
        left -= lanes;
        if (left > 0) {
          s = v128.load32_splat(p);
          t = v128.load32_splat(p, 16);
          u = v128.load32_splat(p, 32);
          v = v128.load32_splat(p, 48);
          weight = v128.load(q);
          a0 = madd(s, weight, a0);
          a1 = madd(t, weight, a1);
          a2 = madd(u, weight, a2);
          a3 = madd(v, weight, a3);
          weight = v128.load(q, 16);
          b0 = madd(s, weight, b0);
          b1 = madd(t, weight, b1);
          b2 = madd(u, weight, b2);
          b3 = madd(v, weight, b3);
          if (lanes > 1) {
            p += 4;
            s = v128.load32_splat(p);
            t = v128.load32_splat(p, 16);
            u = v128.load32_splat(p, 32);
            v = v128.load32_splat(p, 48);
            weight = v128.load(q, 32);
            a0 = madd(s, weight, a0);
            a1 = madd(t, weight, a1);
            a2 = madd(u, weight, a2);
            a3 = madd(v, weight, a3);
            weight = v128.load(q, 48);
            b0 = madd(s, weight, b0);
            b1 = madd(t, weight, b1);
            b2 = madd(u, weight, b2);
            b3 = madd(v, weight, b3);
            if (lanes > 2) {
              p += 4;
              s = v128.load32_splat(p);
              t = v128.load32_splat(p, 16);
              u = v128.load32_splat(p, 32);
              v = v128.load32_splat(p, 48);
              weight = v128.load(q, 64);
              a0 = madd(s, weight, a0);
              a1 = madd(t, weight, a1);
              a2 = madd(u, weight, a2);
              a3 = madd(v, weight, a3);
              weight = v128.load(q, 80);
              b0 = madd(s, weight, b0);
              b1 = madd(t, weight, b1);
              b2 = madd(u, weight, b2);
              b3 = madd(v, weight, b3);
            }
          }
          p += next;
          q += (<usize>lanes) << 5;
        }
      }
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      const second = residual + residualPitch;
      b0 = f32x4.add(b0, v128.load(second));
      b1 = f32x4.add(b1, v128.load(second, 16));
      b2 = f32x4.add(b2, v128.load(second, 32));
      b3 = f32x4.add(b3, v128.load(second, 48));
      residual += 64;
    }
    if (bounded) {
      const lo = f32x4.splat(low);
      const hi = f32x4.splat(high);
      a0 = clamp(a0, lo, hi);
      a1 = clamp(a1, lo, hi);
      a2 = clamp(a2, lo, hi);
      a3 = clamp(a3, lo, hi);
      b0 = clamp(b0, lo, hi);
      b1 = clamp(b1, lo, hi);
      b2 = clamp(b2, lo, hi);
      b3 = clamp(b3, lo, hi);
    }
    v128.store(dst, a0);
    v128.store(dst, a1, 16);
    v128.store(dst, a2, 32);
    v128.store(dst, a3, 48);
    const second = dst + dstPitch;
    v128.store(second, b0);
    v128.store(second, b1, 16);
    v128.store(second, b2, 32);
    v128.store(second, b3, 48);
    x += 64;
    dst += 64;
  }
}

/** short8 for a last panel of at most four channels. */
export function short4(
  x: usize,
  pitch: usize,
  tiles: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
  low: f32,
  high: f32,
): void {
  const bounded = isBound(low, high);
  // From the last lane of a block to the next block; only the last of all may have fewer lanes.
  const next = pitch - ((<usize>lanes - 1) << 2);
  for (; tiles > 0; --tiles) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let p = x;
    let q = w;
    for (let left = depth; left > 0; left -= lanes) {
      const count = min(left, lanes);
      let w0 = v128.load(q);
      a0 = madd(v128.load32_splat(p), w0, a0);
      a1 = madd(v128.load32_splat(p, 16), w0, a1);
      a2 = madd(v128.load32_splat(p, 32), w0, a2);
      a3 = madd(v128.load32_splat(p, 48), w0, a3);
      if (count > 1) {
        p += 4;
        w0 = v128.load(q, 16);
        a0 = madd(v128.load32_splat(p), w0, a0);
        a1 = madd(v128.load32_splat(p, 16), w0, a1);
        a2 = madd(v128.load32_splat(p, 32), w0, a2);
        a3 = madd(v128.load32_splat(p, 48), w0, a3);
        if (count > 2) {
          p += 4;
          w0 = v128.load(q, 32);
          a0 = madd(v128.load32_splat(p), w0, a0);
          a1 = madd(v128.load32_splat(p, 16), w0, a1);
          a2 = madd(v128.load32_splat(p, 32), w0, a2);
          a3 = madd(v128.load32_splat(p, 48), w0, a3);
          if (count > 3) {
            p += 4;
            w0 = v128.load(q, 48);
            a0 = madd(v128.load32_splat(p), w0, a0);
            a1 = madd(v128.load32_splat(p, 16), w0, a1);
            a2 = madd(v128.load32_splat(p, 32), w0, a2);
            a3 = madd(v128.load32_splat(p, 48), w0, a3);
          }
        }
      }
      p += next;
      q += (<usize>count) << 4;
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      residual += 64;
    }
    if (bounded) {
      const lo = f32x4.splat(low);
      const hi = f32x4.splat(high);
      a0 = clamp(a0, lo, hi);
      a1 = clamp(a1, lo, hi);
      a2 = clamp(a2, lo, hi);
      a3 = clamp(a3, lo, hi);
    }
    v128.store(dst, a0);
    v128.store(dst, a1, 16);
    v128.store(dst, a2, 32);
    v128.store(dst, a3, 48);
    x += 64;
    dst += 64;
  }
}
