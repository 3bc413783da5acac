// What a standalone module says about itself: JSON in its custom section "minnow".
import { DataType, Layout } from "../../assembly/plan.ts";
import type { Normalisation } from "../graph/graph.ts";
import type { EncodedPort } from "../plan/encode.ts";
import type { PortLayout } from "../plan/lowerings/ports.ts";
import type { Build } from "../runtime/engine.ts";

/** An input or output. */
export interface PortMetadata {
  readonly name: string;
  readonly type: keyof typeof DataType;
  readonly dims: readonly number[];
  readonly layout: PortLayout;
  /** Where it lies in the module's memory. */
  readonly address: number;
  readonly bytes: number;
  /** How the module itself turns pixels x into the network's numbers, where they come as bytes: (x / scale − mean) / std. */
  readonly pixels?: Normalisation;
}

/** The content of the section. */
export interface Metadata {
  /** The model's name. */
  readonly name: string;
  /** The version of the module's exports. */
  readonly abi: number;
  readonly build: Build;
  readonly inputs: readonly PortMetadata[];
  readonly outputs: readonly PortMetadata[];
  /** How many most probable classes it finds, and where it puts them. */
  readonly top?: { readonly count: number; readonly address: number };
  /** Names of the classes by index; null where one has none. */
  readonly labels?: readonly (string | null)[];
  /** What it does as a command of a WASI host. */
  readonly wasi: boolean;
  readonly memoryBytes: number;
}

/** The name of the custom section. */
export const sectionName = "minnow";

/** A port as the metadata has it. */
export function describePort(port: EncodedPort, planAt: number, normalisation: Normalisation | undefined): PortMetadata {
  const { name, dims, bytes } = port;
  const type = DataType[port.dataType] as keyof typeof DataType;
  const layout = Layout[port.layout] as PortLayout;
  const described = { name, type, dims, layout, address: planAt + port.address, bytes };
  return type === "uint8" ? { ...described, pixels: normalisation } : described;
}

/** The metadata of a standalone module, or undefined where the bytes have none. */
export async function readMetadata(module: Uint8Array): Promise<Metadata | undefined> {
  const compiled = await WebAssembly.compile(module as BufferSource);
  const [section] = WebAssembly.Module.customSections(compiled, sectionName);
  return section === undefined ? undefined : (JSON.parse(new TextDecoder().decode(section)) as Metadata);
}
