// A node's attributes by name, with the type that the operator expects.
import { GraphError } from "../../errors.ts";
import type { AttributeProto, NodeProto } from "./schema.ts";

/**
 * An int64 as a number. What a number cannot hold exactly becomes ±Infinity: right as the end of a Slice, where
 * exporters write 2^63 − 1, and refused as a size, axis or pad by every check for whole numbers.
 */
export function toNumber(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value < 0n ? -Infinity : Infinity;
}

export class Attributes {
  readonly #where: string;
  readonly #byName: ReadonlyMap<string, AttributeProto>;

  /** @param where how messages call the node */
  constructor(node: NodeProto, where: string) {
    this.#where = where;
    this.#byName = new Map((node.attribute ?? []).map((attribute) => [attribute.name ?? "", attribute]));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** The attribute as the file has it. */
  get(name: string): AttributeProto | undefined {
    return this.#byName.get(name);
  }

  int(name: string, absent: number): number {
    return this.has(name) ? toNumber(this.#field(name, "i")) : absent;
  }

  float(name: string, absent: number): number {
    return this.has(name) ? this.#field(name, "f") : absent;
  }

  string(name: string, absent: string): string {
    return this.has(name) ? this.#field(name, "s") : absent;
  }

  /** A list of whole numbers; undefined where the node has none of that name. */
  ints(name: string): number[] | undefined {
    const attribute = this.get(name);
    if (attribute === undefined) return undefined;
    // protobuf cannot tell an empty list from an absent one.
    return (attribute.ints ?? []).map(toNumber);
  }

  #field<K extends "i" | "f" | "s">(name: string, field: K): NonNullable<AttributeProto[K]> {
    const attribute = this.get(name) as AttributeProto;
    const value = attribute[field];
    if (value !== undefined) return value;
    // Files in proto3 form leave out zeros and empty strings; such attributes hold nothing but a name and a type.
    const others = Object.keys(attribute).filter((key) => key !== "name" && key !== "type");
    if (others.length > 0) {
      throw new GraphError(`${this.#where}: attribute "${name}" has no ${{ i: "int", f: "float", s: "string" }[field]}`);
    }
    return { i: 0n, f: 0, s: "" }[field] as NonNullable<AttributeProto[K]>;
  }
}
