// The panel kernel's short tiles: four pixels by eight (or four) output channels, in any build.
//
// Eight accumulators, two weights, four splats and a product are all the registers that V8 has on x86-64. Here it is the order that
// counts. AMD's Zen 3 seems to give every other vector operation, loads included, to the other of two schedulers, of which each has one
// multiplier and one adder: where nothing stands between pairs of a product and a sum, all products wait for the same one. With a splat
// before the two pairs of each pixel a lane takes 4.5 cycles instead of 6 (strict, Node 20), four being the arithmetic.
//
// To get that order from V8 up to Node 22, which reorders what is between two branches, takes this (found by reading its machine code):
// - A lane is an `if` of its own, closed before the next one, the first one, too, which is always taken. V8 orders such a block by what
//   is done to each accumulator, backwards; nested, or without an `if`, all of a lane's loads come first.
// - A lane reads its pixels from the last to the first, and results are stored pixel by pixel. V8 takes accumulators as they are stored,
//   and moves a load before the products that need it only where no later load waits for others.
// - Limits lie in memory: as arguments they would keep registers, and one accumulator would be copied in each lane.
// Newer V8 keeps the order of the source. It finds the addresses of splats once a turn, since those of the first lane precede its `if`.
//
// Up to Node 22 it also counts where jumps lie: processors of Intel's Skylake line cannot keep one decoded that touches the end of 32
// bytes (the JCC erratum), which newer V8 pads.
import { clamp, madd } from "../simd";

/**
 * Computes `tiles` × 4 pixels of eight output channels. `residual` may be 0; its planes are `residualPitch` apart. `bounds` is where the
 * least and the greatest result lie, or 0.
 */
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
  bounds: usize,
): void {
  // From the last lane of a block to the next block; of four, only the last block of all may have fewer.
  const next = pitch - ((<usize>lanes - 1) << 2);
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
    let left = depth;
    if (lanes == 4) {
      // Two blocks a turn, since what V8 does between turns takes as long as half a lane.
      do {
        const x3 = v128.load32_splat(p, 48);
        const x2 = v128.load32_splat(p, 32);
        const x1 = v128.load32_splat(p, 16);
        if (left > 0) {
          const w0 = v128.load(q);
          const w1 = v128.load(q, 16);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 1) {
          p += 4;
          const w0 = v128.load(q, 32);
          const w1 = v128.load(q, 48);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 2) {
          p += 4;
          const w0 = v128.load(q, 64);
          const w1 = v128.load(q, 80);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 3) {
          p += 4;
          const w0 = v128.load(q, 96);
          const w1 = v128.load(q, 112);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        p += next;
        if (left > 4) {
          const w0 = v128.load(q, 128);
          const w1 = v128.load(q, 144);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 5) {
          p += 4;
          const w0 = v128.load(q, 160);
          const w1 = v128.load(q, 176);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 6) {
          p += 4;
          const w0 = v128.load(q, 192);
          const w1 = v128.load(q, 208);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (left > 7) {
          p += 4;
          const w0 = v128.load(q, 224);
          const w1 = v128.load(q, 240);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        p += next;
        q += 256;
        left -= 8;
      } while (left > 0);
    } else {
      // Fewer lanes, which all blocks have: the same, apart, since one piece of code for both took 1 to 5 % longer in Node 20.
      do {
        const x3 = v128.load32_splat(p, 48);
        const x2 = v128.load32_splat(p, 32);
        const x1 = v128.load32_splat(p, 16);
        if (left > 0) {
          const w0 = v128.load(q);
          const w1 = v128.load(q, 16);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (lanes > 1) {
          p += 4;
          const w0 = v128.load(q, 32);
          const w1 = v128.load(q, 48);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (lanes > 2) {
          p += 4;
          const w0 = v128.load(q, 64);
          const w1 = v128.load(q, 80);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        p += next;
        q += (<usize>lanes) << 5;
        const count = min(left - lanes, lanes);
        if (count > 0) {
          const w0 = v128.load(q);
          const w1 = v128.load(q, 16);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (count > 1) {
          p += 4;
          const w0 = v128.load(q, 32);
          const w1 = v128.load(q, 48);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        if (count > 2) {
          p += 4;
          const w0 = v128.load(q, 64);
          const w1 = v128.load(q, 80);
          const x3 = v128.load32_splat(p, 48);
          a3 = madd(x3, w0, a3);
          b3 = madd(x3, w1, b3);
          const x2 = v128.load32_splat(p, 32);
          a2 = madd(x2, w0, a2);
          b2 = madd(x2, w1, b2);
          const x1 = v128.load32_splat(p, 16);
          a1 = madd(x1, w0, a1);
          b1 = madd(x1, w1, b1);
          const x0 = v128.load32_splat(p);
          a0 = madd(x0, w0, a0);
          b0 = madd(x0, w1, b0);
        }
        p += next;
        q += (<usize>lanes) << 5;
        left -= 2 * lanes;
      } while (left > 0);
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
    if (bounds) {
      const lo = v128.load32_splat(bounds);
      const hi = v128.load32_splat(bounds, 4);
      a0 = clamp(a0, lo, hi);
      a1 = clamp(a1, lo, hi);
      a2 = clamp(a2, lo, hi);
      a3 = clamp(a3, lo, hi);
      b0 = clamp(b0, lo, hi);
      b1 = clamp(b1, lo, hi);
      b2 = clamp(b2, lo, hi);
      b3 = clamp(b3, lo, hi);
    }
    const second = dst + dstPitch;
    v128.store(dst, a0);
    v128.store(second, b0);
    v128.store(dst, a1, 16);
    v128.store(second, b1, 16);
    v128.store(dst, a2, 32);
    v128.store(second, b2, 32);
    v128.store(dst, a3, 48);
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
  bounds: usize,
): void {
  // From the last lane of a block to the next block; only the last of all may have fewer lanes.
  const next = pitch - ((<usize>lanes - 1) << 2);
  for (; tiles > 0; --tiles) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let p = x;
    let q = w;
    let left = depth;
    do {
      const count = min(left, lanes);
      const x3 = v128.load32_splat(p, 48);
      const x2 = v128.load32_splat(p, 32);
      const x1 = v128.load32_splat(p, 16);
      if (count > 0) {
        const w0 = v128.load(q);
        a3 = madd(x3, w0, a3);
        a2 = madd(x2, w0, a2);
        a1 = madd(x1, w0, a1);
        const x0 = v128.load32_splat(p);
        a0 = madd(x0, w0, a0);
      }
      if (count > 1) {
        p += 4;
        const w0 = v128.load(q, 16);
        const x3 = v128.load32_splat(p, 48);
        a3 = madd(x3, w0, a3);
        const x2 = v128.load32_splat(p, 32);
        a2 = madd(x2, w0, a2);
        const x1 = v128.load32_splat(p, 16);
        a1 = madd(x1, w0, a1);
        const x0 = v128.load32_splat(p);
        a0 = madd(x0, w0, a0);
      }
      if (count > 2) {
        p += 4;
        const w0 = v128.load(q, 32);
        const x3 = v128.load32_splat(p, 48);
        a3 = madd(x3, w0, a3);
        const x2 = v128.load32_splat(p, 32);
        a2 = madd(x2, w0, a2);
        const x1 = v128.load32_splat(p, 16);
        a1 = madd(x1, w0, a1);
        const x0 = v128.load32_splat(p);
        a0 = madd(x0, w0, a0);
      }
      if (count > 3) {
        p += 4;
        const w0 = v128.load(q, 48);
        const x3 = v128.load32_splat(p, 48);
        a3 = madd(x3, w0, a3);
        const x2 = v128.load32_splat(p, 32);
        a2 = madd(x2, w0, a2);
        const x1 = v128.load32_splat(p, 16);
        a1 = madd(x1, w0, a1);
        const x0 = v128.load32_splat(p);
        a0 = madd(x0, w0, a0);
      }
      p += next;
      q += (<usize>lanes) << 4;
      left -= lanes;
    } while (left > 0);
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      residual += 64;
    }
    if (bounds) {
      const lo = v128.load32_splat(bounds);
      const hi = v128.load32_splat(bounds, 4);
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
