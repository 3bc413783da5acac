// What a model's owner and the worker that runs it say to each other, and how tensors and errors cross over.
import * as errors from "../errors.ts";
import { Tensor } from "../tensor.ts";
import type { givenModules } from "./engine-modules.ts";
import type { LoadOptions, ModelSource } from "./load.ts";
import type { Model, StepProfile } from "./model.ts";

/** What a model says about itself. */
export type Description = Pick<
  Model,
  | "name"
  | "build"
  | "inputs"
  | "outputs"
  | "normalisation"
  | "steps"
  | "operators"
  | "statistics"
  | "weights"
  | "threads"
  | "threadsReason"
>;

export type Tensors = Record<string, Tensor>;

/** What the owner asks for, and what it gets. */
export interface Requests {
  load: { ask: { source: ModelSource; options: LoadOptions; given: ReturnType<typeof givenModules> }; answer: Description };
  run: { ask: Tensors; answer: Tensors };
  profile: { ask: number | undefined; answer: StepProfile[] };
}

export type Request = { [Kind in keyof Requests]: { id: number; kind: Kind; ask: Requests[Kind]["ask"] } }[keyof Requests];
export type Reply = { id: number; answer: unknown } | { id: number; error: PlainError };

/** Tensors as they arrive: plain objects, which become tensors again. */
export function receiveTensors(plain: Tensors): Tensors {
  return Object.fromEntries(Object.entries(plain).map(([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)]));
}

/** Their buffers, each once; those that cannot be handed over (shared memory) are copied by being sent. */
export function buffersOf(tensors: Tensors): Transferable[] {
  const buffers = new Set(Object.values(tensors).map(({ data }) => data.buffer));
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}

const errorClasses: Readonly<Record<string, { prototype: Error }>> = { ...errors, RangeError, TypeError };

/** An error whose class does not cross over, but whose name and fields do. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function sendError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined, fields: {} };
  // What each class of error has beside a message: hint, byteOffset, problems, missing, …: text and numbers. Not `cause`.
  const { message, stack, cause: _, ...fields } = error as Error & Record<string, unknown>;
  return { name: error.name, message, stack, fields: error instanceof errors.MinnowError ? fields : {} };
}

/** The error again, of its own class, so that `instanceof` tells it as it would have without a worker. */
export function receiveError({ name, message, stack, fields }: PlainError): Error {
  const error: Error = Object.create((errorClasses[name] ?? Error).prototype);
  for (const [key, value] of Object.entries({ message, stack })) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  return Object.assign(error, { name }, fields);
}
