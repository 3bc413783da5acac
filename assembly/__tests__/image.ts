// C4HW images for specs. What a kernel must not use is poison, and what it must not write is watched:
//
//   plane   H·W pixels × 4 lanes, up to three pixels more     NaN in pixels and lanes that do not exist
//   gap     32 bytes between planes                           MARK, to find writes beyond a plane
import { random, zeroed } from "./memory";

const GAP: i32 = 32;
const MARK: f32 = 12345;

export class Image {
  readonly pitch: i32;
  readonly planes: i32;
  readonly at: usize;

  constructor(
    readonly channels: i32,
    readonly height: i32,
    readonly width: i32,
    /** Fully connected layers take planes that follow each other without a gap. */
    gap: i32 = GAP,
  ) {
    const pixels = height * width;
    this.planes = (channels + 3) >> 2;
    this.pitch = (pixels == 1 ? 16 : ((pixels + 3) & ~3) << 4) + gap;
    this.at = zeroed(this.planes * this.pitch);
    for (let i = 0; i < this.planes * this.pitch; i += 4) store<f32>(this.at + i, MARK);
    const room = (this.pitch - gap) >> 4;
    for (let c = 0; c < this.planes << 2; ++c) {
      for (let p = 0; p < room; ++p) this.set(c, p, NaN);
    }
  }

  set(c: i32, pixel: i32, value: f32): void {
    store<f32>(this.address(c, pixel), value);
  }

  get(c: i32, pixel: i32): f64 {
    return load<f32>(this.address(c, pixel));
  }

  /** 0 outside the image, as padding has it. */
  padded(c: i32, y: i32, x: i32): f64 {
    return this.holds(y, x) ? this.get(c, y * this.width + x) : 0;
  }

  holds(y: i32, x: i32): bool {
    return y >= 0 && y < this.height && x >= 0 && x < this.width;
  }

  pixels(): i32 {
    return this.height * this.width;
  }

  /** Whether nothing has been written between the planes. */
  intact(): bool {
    const used = this.pixels() == 1 ? 16 : ((this.pixels() + 3) & ~3) << 4;
    for (let plane = 0; plane < this.planes; ++plane) {
      for (let i = used; i < this.pitch; i += 4) {
        if (load<f32>(this.at + plane * this.pitch + i) != MARK) return false;
      }
    }
    return true;
  }

  private address(c: i32, pixel: i32): usize {
    return this.at + (c >> 2) * this.pitch + (pixel << 4) + ((c & 3) << 2);
  }
}

/** An image of random numbers. */
export function randomImage(channels: i32, height: i32, width: i32, gap: i32 = GAP): Image {
  const image = new Image(channels, height, width, gap);
  for (let c = 0; c < channels; ++c) {
    for (let p = 0; p < height * width; ++p) image.set(c, p, random());
  }
  return image;
}
