// From whatever holds an engine to its compiled module; and where that fails, why.
import { HostError } from "../errors.ts";
import { detectFormat, formatNames } from "../formats/detect.ts";

/** An engine that the caller has got hold of himself: compiled, as bytes, or as a response that will have them. */
export type EngineSource = WebAssembly.Module | BufferSource | Response | Promise<WebAssembly.Module | BufferSource | Response>;

/** By name, not by class: a module or a response of another realm (a frame, a worker, a test's sandbox) is as good. */
const isA = (name: string, value: unknown): boolean => Object.prototype.toString.call(value) === `[object ${name}]`;

/**
 * Compiles an engine. Responses are read whole, and not compiled as they stream: the file is small, and so a server's
 * wrong content type does no harm and its error page is known for what it is.
 * @throws HostError where it does not come, is something else, or must not be compiled here
 */
export async function compileEngine(source: EngineSource, hint?: string): Promise<WebAssembly.Module> {
  const refuse = (what: string, cause?: unknown) => new HostError(`the engine did not start: ${what}`, hint, { cause });
  let bytes: Uint8Array;
  let name = "what was given";
  try {
    const got: unknown = await source;
    if (isA("WebAssembly.Module", got)) return got as WebAssembly.Module;
    if (isA("Response", got)) {
      const response = got as Response;
      name = response.url || "the response";
      if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`.trim());
      bytes = new Uint8Array(await response.arrayBuffer());
    } else bytes = bytesOf(got);
  } catch (error) {
    throw refuse((error as Error).message, error);
  }
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== "\0asm") throw refuse(`${name} is ${describe(bytes)}, not WebAssembly`);
  try {
    return await WebAssembly.compile(bytes as BufferSource);
  } catch (error) {
    const { message } = error as Error;
    if (/content security policy|\bCSP\b|unsafe-eval/i.test(message)) {
      throw new HostError(
        `this page's content security policy forbids WebAssembly: ${message}`,
        `add 'wasm-unsafe-eval' to its script-src ('unsafe-eval' is not needed)`,
        { cause: error },
      );
    }
    if (/disallowed by embedder/i.test(message)) {
      throw new HostError(
        `this host forbids compiling WebAssembly while it runs: ${message}`,
        `bundle with the condition "workerd", or give init() modules imported from "minnow/strict.wasm" and "minnow/relaxed.wasm"`,
        { cause: error },
      );
    }
    throw refuse(message, error);
  }
}

function bytesOf(source: unknown): Uint8Array {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  if (isA("ArrayBuffer", source) || isA("SharedArrayBuffer", source)) return new Uint8Array(source as ArrayBuffer);
  throw new TypeError(`an engine is a WebAssembly.Module, its bytes or a Response, not ${describeValue(source)}`);
}

const describeValue = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : Object.prototype.toString.call(value);

/** What bytes that are no module are, for a message. */
function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const format = detectFormat(bytes);
  if (format !== undefined) return formatNames[format];
  const head = new TextDecoder().decode(bytes.subarray(0, 24));
  return head.trimStart().startsWith("<") ? formatNames.html : `something that begins with ${JSON.stringify(head)}`;
}
