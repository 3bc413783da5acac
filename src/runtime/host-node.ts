// What the runtime needs of Node (Deno and Bun alike): bytes of files. Chosen by the "#host" import in package.json.
import buffer from "node:buffer";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type MessagePort, parentPort, Worker } from "node:worker_threads";
import { HostError } from "../errors.ts";
import type { EngineFile } from "./engine.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import { type Port, webPort } from "./worker-port.ts";

/** The engine's bytes, from the file beside this package's code. Written so that bundlers see the files they must copy. */
export async function readEngine(file: EngineFile): Promise<Uint8Array> {
  const url = {
    strict: () => new URL("../../wasm/strict.wasm", import.meta.url),
    relaxed: () => new URL("../../wasm/relaxed.wasm", import.meta.url),
    "strict-threads": () => new URL("../../wasm/strict-threads.wasm", import.meta.url),
    "relaxed-threads": () => new URL("../../wasm/relaxed-threads.wasm", import.meta.url),
  }[file]();
  return readFile(url);
}

/** The bytes of a path, a file: URL, or a URL that fetch understands. */
export async function readSource(source: string | URL): Promise<Uint8Array> {
  const url = source instanceof URL ? source : /^[a-z][a-z0-9+.-]+:/i.test(source) ? new URL(source) : undefined;
  if (url === undefined || url.protocol === "file:") return readFile(url ?? source);
  return fetchBytes(url);
}

/** The same source for a worker: workers share the process' directory, but a URL object would not reach them. */
export const resolveSource = (source: string | URL): string => String(source);

/** Starts runtime/worker.ts on a thread. */
export const startWorker = (): Port => start(new URL("./worker.js", import.meta.url), "minnow");

/** Starts runtime/thread.ts on a thread. */
export const startThread = (): Port => start(new URL("./thread.js", import.meta.url), "minnow thread");

/** V8's version, as Chromium numbers it. */
export const v8Version = (): number | undefined => Number(process.versions.v8?.split(".").slice(0, 2).join(""));

/** Node 20's V8, which has relaxed SIMD behind a flag. */
const V8_WITH_FLAG = 113;

/**
 * Turns on relaxed SIMD where V8 has it behind a flag: in Node 20, from 20.16 on, on x86-64, where that was tested. It adds
 * instructions to WebAssembly and changes nothing else; networks take 0.77 to 0.93 of the time with them. The flag is the process', and
 * stays on: were it off again once an engine is compiled, a thread that compiles its own at that moment could find it so.
 */
export function enableRelaxedSimd(): void {
  if (v8Version() !== V8_WITH_FLAG || process.arch !== "x64") return;
  process.getBuiltinModule?.("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
}

const A_BYTE = new Uint8Array(1);

/**
 * Clears what is left in the upper halves of wide registers, before a run. Node's decoding of base64 leaves them in use, and so does its
 * loading of fetch; on processors of Intel's Skylake line all that the thread computes then takes a seventh longer. Node's checking of
 * UTF-8 clears them behind itself, and takes 50 ns.
 */
export function fullSpeed(): void {
  buffer.isUtf8?.(A_BYTE);
}

/** How many threads run at a time. */
export const processors = (): number => availableParallelism();

function start(script: URL, name: string): Port {
  // Options of this process (--eval, --input-type, --import) are not the worker's.
  const worker = new Worker(script, { name, execArgv: [] });
  return {
    ...threadPort(worker),
    listen(received, failed) {
      worker.on("message", received);
      worker.on("messageerror", failed);
      worker.on("error", failed);
      worker.on("exit", (code) => failed(new Error(`it exited with code ${code}`)));
    },
    keepAlive: (alive) => (alive ? worker.ref() : worker.unref()),
    close: () => void worker.terminate(),
  };
}

/** Within a worker: the port to its owner, which is a thread of Node, or a page's in Deno's and Bun's web workers. */
export function workerPort(): Port {
  if (parentPort !== null) return threadPort(parentPort);
  if (typeof self !== "undefined" && "postMessage" in self) return webPort(self as unknown as globalThis.Worker);
  throw new HostError('"minnow/worker" is for workers', 'import "minnow" here');
}

function threadPort(port: MessagePort | Worker): Port {
  return {
    post: (message, transfer) => port.postMessage(message, transfer as Parameters<MessagePort["postMessage"]>[1]),
    listen: (received) => port.on("message", received),
    keepAlive: () => {},
    close: () => {},
  };
}
