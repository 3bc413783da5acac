// Weights in the plan: laid down as stored, and the prepare steps that turn them into what kernels read.
import { Opcode } from "../../assembly/plan.ts";
import type { Parameter } from "../graph/graph.ts";
import type { Matrices } from "./groups.ts";
import { align, type ImageDims, Place, planesOf } from "./place.ts";
import type { StepRecord } from "./step.ts";
import { winogradProducts } from "./winograd.ts";

/** A piece of the packed region; its address is an offset from that region's start. */
export interface Packed {
  readonly offset: number;
  readonly bytes: number;
}

/** A stored tensor; its address is an offset from the stored weights' start. */
interface Stored {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A prepare step before addresses: `from` and `scale` are stored, `to` is packed. */
export interface PrepareStep {
  readonly name: string;
  readonly opcode: Opcode;
  readonly from?: Stored;
  readonly scale?: Stored;
  readonly to: Packed;
  readonly fields: StepRecord;
}

/** How a convolution's weight becomes panels (see assembly/kernels/pack.ts). */
export interface PanelShape extends Matrices {
  /** Input channels with padding. */
  depth: number;
  /** Channels of the operator's groups. */
  groupInputs: number;
  groupOutputs: number;
  kernelHeight: number;
  kernelWidth: number;
  /** Bytes between output and between input channels in the stored weight. */
  outputStride: number;
  inputStride: number;
}

/** And by Winograd: its fields of a step (see assembly/kernels/pack-winograd.ts). */
type WinogradFields = Required<Pick<StepRecord, "strideHeight" | "strideWidth" | "products" | "panels">>;

/** A matrix of the same weights whose inputs are the taps of every channel. */
function tapsAsInputs(shape: PanelShape): PanelShape {
  const taps = shape.kernelHeight * shape.kernelWidth;
  return {
    ...shape,
    inputs: shape.inputs * taps,
    firstInput: shape.firstInput * taps,
    depth: shape.depth * taps,
    groupInputs: shape.groupInputs * taps,
    kernelHeight: 1,
    kernelWidth: 1,
    inputStride: 4,
  };
}

/** Collects stored weights and prepare steps while a graph is lowered. Equal requests share one result. */
export class Packer {
  readonly steps: PrepareStep[] = [];
  readonly stored: Stored[] = [];
  readonly #parameters: Map<string, Parameter>;
  readonly #storedByName = new Map<string, Stored>();
  readonly #packedByKey = new Map<string, Packed>();
  readonly #constants = new Map<string, { place: Place; packed: Packed }>();
  #storedBytes = 0;
  #packedBytes = 0;

  constructor(parameters: ReadonlyMap<string, Parameter>) {
    this.#parameters = new Map(parameters);
  }

  get storedBytes(): number {
    return this.#storedBytes;
  }

  get packedBytes(): number {
    return this.#packedBytes;
  }

  /**
   * Where the stored weights begin, from the packed region's start on: as early as can be without a step packing over what it or a
   * later one reads, so that memory need not hold both forms of everything.
   */
  get storedAt(): number {
    let at = 0;
    let read = Number.POSITIVE_INFINITY;
    for (let i = this.steps.length - 1; i >= 0; --i) {
      const { from, scale, to } = this.steps[i];
      read = Math.min(read, from?.offset ?? read, scale?.offset ?? read);
      at = Math.max(at, align(to.offset + to.bytes) - read);
    }
    return at;
  }

  /** Adds a parameter that the graph does not have. */
  define(name: string, parameter: Parameter): void {
    this.#parameters.set(name, parameter);
  }

  /** Panels of a convolution's or matrix's weight, each output channel times its `scale` if there is one. */
  panels(weight: string, scale: string | undefined, shape: PanelShape): Packed {
    return this.#matrices(Opcode.packConv, weight, scale, shape, shape.kernelHeight * shape.kernelWidth);
  }

  /** The same for Winograd's convolution: transformed matrices instead of one for each tap; for 0 panels taps within each channel. */
  winogradPanels(weight: string, scale: string | undefined, shape: PanelShape, fields: WinogradFields): Packed {
    if (fields.panels === 0) return this.panels(weight, scale, tapsAsInputs(shape));
    return this.#matrices(Opcode.packWinograd, weight, scale, shape, winogradProducts({ ...shape, ...fields }), fields);
  }

  #matrices(
    opcode: Opcode,
    weight: string,
    scale: string | undefined,
    shape: PanelShape,
    forms: number,
    others: StepRecord = {},
  ): Packed {
    const { count, outputs, firstInput, firstOutput, depth, kernelHeight, kernelWidth, groupInputs, groupOutputs } = shape;
    return this.#pack(opcode, weight, scale, count * planesOf(outputs) * 4 * depth * forms, {
      group: count,
      groupInputs,
      groupOutputs,
      padFront: firstInput,
      firstOutput,
      dstChannels: outputs,
      channels: shape.inputs,
      height: depth,
      kernelHeight,
      kernelWidth,
      rowStride: shape.outputStride,
      pixelStride: shape.inputStride,
      ...others,
    });
  }

  /** A depthwise convolution's filters in blocks of four channels. */
  filters(weight: string, scale: string | undefined, channels: number, kernelHeight: number, kernelWidth: number): Packed {
    const floats = planesOf(channels) * 4 * kernelHeight * kernelWidth;
    return this.#pack(Opcode.packDepthwise, weight, scale, floats, { channels, kernelHeight, kernelWidth });
  }

  /** A vector padded with zeros to whole blocks of four; all zeros where there is no parameter. */
  vector(name: string | undefined, channels: number): Packed {
    const padded = planesOf(channels) * 4;
    return this.#pack(Opcode.packVector, name, undefined, padded, { channels, dstChannels: padded });
  }

  /** A parameter that is used like an activation, in C4HW. */
  constant(name: string, dims: ImageDims): Place {
    const key = `${name} ${dims}`;
    let entry = this.#constants.get(key);
    if (entry === undefined) {
      const made = new Place(name, dims, "image", { constant: true });
      const [n, c, h, w] = dims;
      const packed = this.#pack(Opcode.readNchw, name, undefined, made.bytes / 4, {
        batch: n,
        channels: c,
        height: h,
        width: w,
        dstChannels: c,
        dstHeight: h,
        dstWidth: w,
        pitch: h * w * 4,
        batchStride: c * h * w * 4,
        dstPitch: made.pitch,
        dstBatchStride: made.batchStride,
      });
      entry = { place: made, packed };
      this.#constants.set(key, entry);
    }
    return entry.place;
  }

  /** Gives the constants their addresses, once it is known where the packed region begins. */
  placeConstants(packedAt: number): void {
    for (const { place, packed } of this.#constants.values()) place.address = packedAt + packed.offset;
  }

  #pack(opcode: Opcode, name: string | undefined, scale: string | undefined, floats: number, fields: StepRecord): Packed {
    const key = JSON.stringify([opcode, name, scale, floats, fields]);
    let packed = this.#packedByKey.get(key);
    if (packed === undefined) {
      packed = { offset: this.#packedBytes, bytes: floats * 4 };
      this.#packedBytes += align(packed.bytes);
      this.steps.push({
        name: name ?? "zeros",
        opcode,
        from: name === undefined ? undefined : this.#store(name),
        scale: scale === undefined ? undefined : this.#store(scale),
        to: packed,
        fields,
      });
      this.#packedByKey.set(key, packed);
    }
    return packed;
  }

  #store(name: string): Stored {
    let stored = this.#storedByName.get(name);
    if (stored === undefined) {
      const data = this.#parameters.get(name)!.data!;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      stored = { offset: this.#storedBytes, bytes };
      this.stored.push(stored);
      this.#storedBytes += align(bytes.length);
      this.#storedByName.set(name, stored);
    }
    return stored;
  }
}
