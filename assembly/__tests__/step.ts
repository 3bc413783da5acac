// Step records for specs. Kernels add the plan's address to those in a record; specs pass 0 for it, so that the
// addresses are absolute.
import { Step } from "../plan";
import { Image } from "./image";
import { zeroed } from "./memory";

/** The plan's address. */
export const PLAN: usize = 0;

/** A step for one image and one group, whose clamp lets everything through. */
export function newStep(): usize {
  const step = zeroed(Step.BYTES);
  set(step, Step.batch, 1);
  set(step, Step.group, 1);
  setReal(step, Step.low, -f32.MAX_VALUE);
  setReal(step, Step.high, f32.MAX_VALUE);
  return step;
}

export function set(step: usize, field: Step, value: i32): void {
  store<i32>(step + field, value);
}

export function setReal(step: usize, field: Step, value: f32): void {
  store<f32>(step + field, value);
}

export function setSource(step: usize, image: Image): void {
  set(step, Step.channels, image.channels);
  set(step, Step.height, image.height);
  set(step, Step.width, image.width);
  set(step, Step.pitch, image.pitch);
}

export function setDestination(step: usize, image: Image): void {
  set(step, Step.dstChannels, image.channels);
  set(step, Step.dstHeight, image.height);
  set(step, Step.dstWidth, image.width);
  set(step, Step.dstPitch, image.pitch);
}

/** A window of a convolution or pool along both axes; pads are [top, left, bottom, right]. */
export class Window {
  constructor(
    readonly kernelHeight: i32,
    readonly kernelWidth: i32,
    readonly strideHeight: i32,
    readonly strideWidth: i32,
    readonly pads: StaticArray<i32>,
    readonly dilationHeight: i32 = 1,
    readonly dilationWidth: i32 = 1,
  ) {}

  outHeight(height: i32): i32 {
    return (height + this.pads[0] + this.pads[2] - this.dilationHeight * (this.kernelHeight - 1) - 1) / this.strideHeight + 1;
  }

  outWidth(width: i32): i32 {
    return (width + this.pads[1] + this.pads[3] - this.dilationWidth * (this.kernelWidth - 1) - 1) / this.strideWidth + 1;
  }

  /** The row of the image under a tap. */
  row(y: i32, ky: i32): i32 {
    return y * this.strideHeight + ky * this.dilationHeight - this.pads[0];
  }

  /** The column of the image under a tap. */
  column(x: i32, kx: i32): i32 {
    return x * this.strideWidth + kx * this.dilationWidth - this.pads[1];
  }

  toString(): string {
    const kernel = `kernel ${this.kernelHeight}×${this.kernelWidth}, strides ${this.strideHeight}×${this.strideWidth}`;
    return `${kernel}, pads ${this.pads.join(",")}, dilations ${this.dilationHeight}×${this.dilationWidth}`;
  }
}

export function setWindow(step: usize, window: Window): void {
  set(step, Step.kernelHeight, window.kernelHeight);
  set(step, Step.kernelWidth, window.kernelWidth);
  set(step, Step.strideHeight, window.strideHeight);
  set(step, Step.strideWidth, window.strideWidth);
  set(step, Step.padTop, window.pads[0]);
  set(step, Step.padLeft, window.pads[1]);
  set(step, Step.padBottom, window.pads[2]);
  set(step, Step.padRight, window.pads[3]);
  set(step, Step.dilationHeight, window.dilationHeight);
  set(step, Step.dilationWidth, window.dilationWidth);
}
