// A window's attributes as step fields.
import type { Pads, Pair } from "../../graph/operators.ts";

interface Window {
  readonly kernelShape: Pair;
  readonly strides: Pair;
  readonly pads: Pads;
  readonly dilations: Pair;
}

/** The fields that say which pixels a convolution's or pool's windows hold. */
export function windowFields({ kernelShape, strides, pads, dilations }: Window) {
  return {
    kernelHeight: kernelShape[0],
    kernelWidth: kernelShape[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: pads[0],
    padLeft: pads[1],
    padBottom: pads[2],
    padRight: pads[3],
    dilationHeight: dilations[0],
    dilationWidth: dilations[1],
  };
}
