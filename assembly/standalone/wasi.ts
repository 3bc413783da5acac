// A standalone module as a command of a WASI host (preview 1): standard input is the model's input, standard output gets
// the most probable classes, or the outputs as they are.
import { planBase } from "../index";
import { Status } from "../plan";
import { inputAddress, inputBytes, inputCount, outputAddress, outputBytes, outputCount } from "./ports";
import { Record, Text, Top } from "./record";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(file: i32, vectors: usize, count: i32, done: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(file: i32, vectors: usize, count: i32, done: usize): i32;
// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;

/** Address and length of what is read or written, and how much of it was. */
const vector: usize = memory.data(8, 4);
const done: usize = memory.data(4, 4);
const scratch: usize = memory.data(32);

/** Fills [at, at + bytes) from standard input, and returns how many bytes there were. */
function readFully(at: usize, bytes: usize): usize {
  let total: usize = 0;
  while (total < bytes) {
    store<usize>(vector, at + total);
    store<usize>(vector, bytes - total, 4);
    store<usize>(done, 0);
    if (fd_read(0, vector, 1, done) != 0 || load<usize>(done) == 0) break;
    total += load<usize>(done);
  }
  return total;
}

function writeFully(file: i32, at: usize, bytes: usize): void {
  while (bytes > 0) {
    store<usize>(vector, at);
    store<usize>(vector, bytes, 4);
    store<usize>(done, 0);
    // Nobody reads any more, or the disk is full.
    if (fd_write(file, vector, 1, done) != 0 || load<usize>(done) == 0) return proc_exit(1);
    at += load<usize>(done);
    bytes -= load<usize>(done);
  }
}

function writeText(file: i32, text: usize): void {
  writeFully(file, load<u32>(text, Text.at), load<u32>(text, Text.bytes));
}

function fail(text: usize): void {
  writeText(2, text);
  proc_exit(1);
}

/** Writes a whole number in decimal so that it ends at `end`, and returns where it begins. */
function putDecimal(end: usize, value: u32): usize {
  do {
    store<u8>(--end, 48 + (value % 10));
    value /= 10;
  } while (value);
  return end;
}

/** " 93.1 %  pizza", or "class 963" where the class has no label. */
function writeEntry(entry: usize): void {
  const probability = load<f32>(entry, Top.probability);
  // Infinite logits make it NaN, whose conversion would trap.
  const tenths = probability >= 0 ? <u32>nearest<f64>(<f64>probability * 1000) : 0;
  memory.fill(scratch, 32, 32);
  putDecimal(scratch + 3, tenths / 10);
  store<u8>(scratch, 46, 3);
  store<u8>(scratch, 48 + (tenths % 10), 4);
  store<u8>(scratch, 37, 6);
  writeFully(1, scratch, 9);
  const index = load<u32>(entry, Top.index);
  const label = load<u32>(planBase(), Record.labelsAt) + index * Text.BYTES;
  if (index < load<u32>(planBase(), Record.labelCount) && load<u32>(label, Text.bytes) > 0) {
    writeText(1, label);
  } else {
    // "class "
    store<u32>(scratch, 0x73616c63);
    store<u16>(scratch, 0x2073, 4);
    writeFully(1, scratch, 6);
    const at = putDecimal(scratch + 32, index);
    writeFully(1, at, scratch + 32 - at);
  }
  store<u8>(scratch, 10);
  writeFully(1, scratch, 1);
}

/** Reads all inputs, one behind the other, from standard input; says so and ends where they are longer or shorter. */
export function readInputs(): void {
  const wrongLength = planBase() + Record.wrongLength;
  for (let i: u32 = 0; i < inputCount(); ++i) {
    if (readFully(inputAddress(i), inputBytes(i)) != inputBytes(i)) fail(wrongLength);
  }
  if (readFully(scratch, 1) != 0) fail(wrongLength);
}

/** Says what is wrong with the input, and ends, unless the status is OK. */
export function check(status: i32): void {
  if (status != Status.OK) fail(planBase() + Record.notFinite);
}

/** Prints a line for each top-k entry. */
export function writeTop(at: usize, count: i32): void {
  for (let i = 0; i < count; ++i) writeEntry(at + <usize>i * Top.BYTES);
}

/** Writes all outputs, one behind the other, as they lie in memory. */
export function writeOutputs(): void {
  for (let i: u32 = 0; i < outputCount(); ++i) writeFully(1, outputAddress(i), outputBytes(i));
}
