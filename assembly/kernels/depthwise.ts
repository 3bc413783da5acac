// Opcode.depthwise: convolution with one filter a channel (group = channels), any kernel size, stride and dilation.
//
//   dst[c][y][x] = act(bias[c] + Σ_taps w[c][tap] · src[c][…])      weights [ceil(C/4)][kH·kW][4]
//
// Four channels are the lanes, neighbouring output pixels the accumulators; taps beside the image are left out. depthwise-tiles.ts
// has the usual windows, depthwise-any.ts all others.
import { Step } from "../plan";
import { activatePlanes } from "./activation";
import { anyPlane } from "./depthwise-any";
import { hasTiles, tilesOfPlane } from "./depthwise-tiles";

export function depthwise(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const pixels = load<i32>(step, Step.dstHeight) * load<i32>(step, Step.dstWidth);
  const pitch = load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const residualPitch = load<i32>(step, Step.src2Pitch);
  const filterBytes = (load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth)) << 4;
  const tiled = hasTiles(step);
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let planes = (load<i32>(step, Step.channels) + 3) >> 2; planes > 0; --planes) {
    if (tiled) tilesOfPlane(step, src, weights, bias, residual, dst);
    else anyPlane(step, src, weights, bias, residual, dst);
    activatePlanes(step, dst, 1, pixels);
    src += pitch;
    dst += dstPitch;
    if (residual) residual += residualPitch;
    weights += filterBytes;
    bias += 16;
  }
}
