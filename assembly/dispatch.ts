// The one switch from opcode to kernel. Images of a batch are independent, so a batch is a loop around it.
import { activate } from "./kernels/activation";
import { affine } from "./kernels/affine";
import { binary } from "./kernels/binary";
import { conv } from "./kernels/conv";
import { copyChannels, gatherChannels, slice } from "./kernels/copy";
import { dense } from "./kernels/dense";
import { depthwise } from "./kernels/depthwise";
import { readNchw, readNhwc, readRgba8, writeNchw, writeNhwc, writeRgba8 } from "./kernels/layout";
import { lrn } from "./kernels/lrn";
import { packConv, packDepthwise, packVector } from "./kernels/pack";
import { packWinograd } from "./kernels/pack-winograd";
import { pointwise } from "./kernels/pointwise";
import { averagePool, globalAveragePool, maxPool } from "./kernels/pool";
import { resize } from "./kernels/resize";
import { softmax } from "./kernels/softmax";
import { strassen } from "./kernels/strassen";
import { winograd } from "./kernels/winograd";
import { Opcode, Status, Step } from "./plan";

/**
 * Runs one prepare step. Its kernels find their addresses in the record themselves.
 *
 * The opcode is an argument here and below, so that a standalone module can be made of copies for single opcodes.
 */
export function prepareStep(opcode: i32, plan: usize, step: usize): i32 {
  switch (opcode) {
    case Opcode.packConv:
      packConv(step, plan);
      break;
    case Opcode.packDepthwise:
      packDepthwise(step, plan);
      break;
    case Opcode.packVector:
      packVector(step, plan);
      break;
    case Opcode.packWinograd:
      packWinograd(step, plan);
      break;
    case Opcode.readNchw:
      return runStep(opcode, plan, step);
    default:
      return Status.UNKNOWN_OPCODE;
  }
  return Status.OK;
}

/** Runs one step on every image of its batch. */
export function runStep(opcode: i32, plan: usize, step: usize): i32 {
  let src = plan + load<i32>(step, Step.src);
  // 0 is the header's address: where there is no second source.
  let src2: usize = load<i32>(step, Step.src2) ? plan + load<i32>(step, Step.src2) : 0;
  let dst = plan + load<i32>(step, Step.dst);
  let factors: usize = load<i32>(step, Step.factors) ? plan + load<i32>(step, Step.factors) : 0;
  // A model's inputs must be finite; readers of intermediate results take what there is.
  const checked = load<i32>(step, Step.mode) != 0;
  for (let n = load<i32>(step, Step.batch); n > 0; --n) {
    switch (opcode) {
      case Opcode.conv:
        conv(step, plan, src, src2, factors, dst);
        break;
      case Opcode.winograd:
        winograd(step, plan, src, src2, dst);
        break;
      case Opcode.pointwise:
        pointwise(step, plan, src, src2, factors, dst);
        break;
      case Opcode.strassen:
        strassen(step, plan, src, src2, factors, dst);
        break;
      case Opcode.depthwise:
        depthwise(step, plan, src, src2, dst);
        break;
      case Opcode.dense:
        dense(step, plan, src, src2, dst);
        break;
      case Opcode.maxPool:
        maxPool(step, src, dst);
        break;
      case Opcode.averagePool:
        averagePool(step, src, dst);
        break;
      case Opcode.globalAveragePool:
        globalAveragePool(step, src, dst);
        break;
      case Opcode.binary:
        binary(step, src, src2, dst);
        break;
      case Opcode.activate:
        activate(step, src, dst);
        break;
      case Opcode.affine:
        affine(step, plan, src, dst);
        break;
      case Opcode.softmax:
        softmax(step, src, dst);
        break;
      case Opcode.lrn:
        lrn(step, src, dst);
        break;
      case Opcode.copyChannels:
        copyChannels(step, src, dst);
        break;
      case Opcode.gatherChannels:
        gatherChannels(step, src, dst);
        break;
      case Opcode.slice:
        slice(step, src, dst);
        break;
      case Opcode.resize:
        resize(step, plan, src, dst);
        break;
      case Opcode.readNchw:
        if (!readNchw(step, src, dst) && checked) return Status.NOT_FINITE;
        break;
      case Opcode.readNhwc:
        if (!readNhwc(step, src, dst) && checked) return Status.NOT_FINITE;
        break;
      case Opcode.readRgba8:
        readRgba8(step, plan, src, dst);
        break;
      case Opcode.writeNchw:
        writeNchw(step, src, dst);
        break;
      case Opcode.writeNhwc:
        writeNhwc(step, src, dst);
        break;
      case Opcode.writeRgba8:
        writeRgba8(step, plan, src, dst);
        break;
      default:
        return Status.UNKNOWN_OPCODE;
    }
    src += load<i32>(step, Step.batchStride);
    if (src2) src2 += load<i32>(step, Step.src2BatchStride);
    if (factors) factors += load<i32>(step, Step.factorsBatchStride);
    dst += load<i32>(step, Step.dstBatchStride);
  }
  return Status.OK;
}
