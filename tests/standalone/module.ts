// A standalone module as an embedder sees it: exports and memory, nothing of Minnow.

/** The exports, in the names that they have in the module. */
export interface StandaloneExports {
  readonly memory: WebAssembly.Memory;
  abi_version(): number;
  run(): number;
  input_count(): number;
  input_address(index: number): number;
  input_bytes(index: number): number;
  input_type(index: number): number;
  input_rank(index: number): number;
  input_dim(index: number, axis: number): number;
  output_count(): number;
  output_address(index: number): number;
  output_bytes(index: number): number;
  output_type(index: number): number;
  output_rank(index: number): number;
  output_dim(index: number, axis: number): number;
  top_count?(): number;
  top_address?(): number;
  label_address?(index: number): number;
  label_bytes?(index: number): number;
  _start?(): void;
}

export interface StandaloneModule {
  readonly exports: StandaloneExports;
  /** Writes the inputs, runs, and gives copies of the outputs. */
  run(...inputs: readonly Uint8Array[]): Uint8Array[];
  /** A copy of memory. */
  bytes(at: number, length: number): Uint8Array;
}

/** Instantiates a module that imports nothing. */
export async function start(wasm: Uint8Array): Promise<StandaloneModule> {
  const { instance } = await WebAssembly.instantiate(wasm as BufferSource, {});
  const exports = instance.exports as unknown as StandaloneExports;
  const view = (at: number, length: number) => new Uint8Array(exports.memory.buffer, at, length);
  return {
    exports,
    bytes: (at, length) => view(at, length).slice(),
    run(...inputs) {
      inputs.forEach((input, i) => {
        view(exports.input_address(i), exports.input_bytes(i)).set(input);
      });
      const status = exports.run();
      if (status !== 0) throw new Error(`run returned ${status}`);
      const count = exports.output_count();
      return Array.from({ length: count }, (_, i) => view(exports.output_address(i), exports.output_bytes(i)).slice());
    },
  };
}

/** The bytes of numbers. */
export const bytesOf = ({ data }: { readonly data: ArrayBufferView }): Uint8Array =>
  new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
