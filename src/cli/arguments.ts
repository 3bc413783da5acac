// Parsers of option values; what they throw, commander prints together with the option's name.
import { InvalidArgumentError } from "commander";
import type { MemoryChoice, ThreadsChoice } from "../index.ts";

/** A whole number above 0. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError("It must be a whole number above 0.");
  }
  return value;
}

/** fast, small, or a number of bytes. */
export function parseMemory(text: string): MemoryChoice {
  return text === "fast" || text === "small" ? text : parseCount(text);
}

/** auto, or a number of threads. */
export function parseThreads(text: string): ThreadsChoice {
  return text === "auto" ? text : parseCount(text);
}

/** One number, not 0. */
export function parseDivisor(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value === 0)
    throw new InvalidArgumentError("It must be a number, and not 0.");
  return value;
}

/** One number, or one for each of R, G, B. */
export function parseNumbers(text: string): number[] {
  const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!values.every(Number.isFinite) || (values.length !== 1 && values.length !== 3)) {
    throw new InvalidArgumentError("It must be one number, or three with commas between them: 0.485,0.456,0.406");
  }
  return values;
}

/** As parseNumbers, but none of them 0. */
export function parseDivisors(text: string): number[] {
  const values = parseNumbers(text);
  if (values.includes(0)) throw new InvalidArgumentError("It must not be 0.");
  return values;
}

/** For options that may be given several times. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}
