// A standalone module's inputs and outputs, as its embedder asks for them. An index that does not exist traps.
import { planBase } from "../index";
import { Header, Port } from "../plan";
import { Record } from "./record";

/** The plan's address. */
export function planAt(): usize {
  return load<u32>(planBase(), Record.plan);
}

/** The port record of input or output `i`, the outputs counted behind the inputs. */
function portAt(i: u32, from: u32, count: u32): usize {
  if (i >= count) unreachable();
  return planAt() + load<u32>(planAt(), Header.ioAt) + (from + i) * Port.BYTES;
}

function input(i: u32): usize {
  return portAt(i, 0, inputCount());
}

function output(i: u32): usize {
  return portAt(i, inputCount(), outputCount());
}

function dim(port: usize, axis: u32): u32 {
  if (axis >= load<u32>(port, Port.rank)) unreachable();
  return load<u32>(port + (axis << 2), Port.dims);
}

export function inputCount(): u32 {
  return load<u32>(planAt(), Header.inputCount);
}

export function inputAddress(i: u32): usize {
  return planAt() + load<u32>(input(i), Port.address);
}

export function inputBytes(i: u32): u32 {
  return load<u32>(input(i), Port.bytes);
}

export function inputType(i: u32): u32 {
  return load<u32>(input(i), Port.dataType);
}

export function inputRank(i: u32): u32 {
  return load<u32>(input(i), Port.rank);
}

export function inputDim(i: u32, axis: u32): u32 {
  return dim(input(i), axis);
}

export function outputCount(): u32 {
  return load<u32>(planAt(), Header.outputCount);
}

export function outputAddress(i: u32): usize {
  return planAt() + load<u32>(output(i), Port.address);
}

export function outputBytes(i: u32): u32 {
  return load<u32>(output(i), Port.bytes);
}

export function outputType(i: u32): u32 {
  return load<u32>(output(i), Port.dataType);
}

export function outputRank(i: u32): u32 {
  return load<u32>(output(i), Port.rank);
}

export function outputDim(i: u32, axis: u32): u32 {
  return dim(output(i), axis);
}
