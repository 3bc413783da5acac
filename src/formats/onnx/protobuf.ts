// Protocol Buffers from a table of fields: reading, and the tables; protobuf-write.ts writes. pbf knows the wire format but trusts what
// it reads (it runs past the end of truncated files, and rounds 64-bit integers), so every length is checked here first.
// An absent field is undefined, in both directions; fields that the table does not name are skipped.
import { PbfReader } from "pbf";
import { FormatError } from "../../errors.ts";

export type Scalar = "int32" | "int64" | "float" | "double" | "string" | "bytes";

/** What a field of TypeScript type V can be in the file. */
type KindOf<V> = V extends bigint
  ? "int64"
  : V extends number
    ? "int32" | "float" | "double"
    : V extends string
      ? "string"
      : V extends Uint8Array
        ? "bytes"
        : Schema<V>;

interface Field {
  readonly number: number;
  readonly kind: Scalar | Schema<unknown>;
  readonly repeated: boolean;
}

type Fields<T> = {
  readonly [K in keyof T]-?: NonNullable<T[K]> extends readonly (infer V)[]
    ? { readonly number: number; readonly kind: KindOf<V>; readonly repeated: true }
    : { readonly number: number; readonly kind: KindOf<NonNullable<T[K]>>; readonly repeated: false };
};

/** The fields of a message type, by number. Schemas do not refer to themselves, so no file can make the reader recurse deeply. */
export class Schema<T> {
  declare readonly type: T;
  readonly name: string;
  readonly fields: ReadonlyMap<number, Field & { readonly name: string }>;

  constructor(name: string, fields: Fields<T>) {
    this.name = name;
    this.fields = new Map(
      Object.entries<Field>(fields as Record<string, Field>).map(([key, field]) => [field.number, { ...field, name: key }]),
    );
  }
}

/** A field that occurs at most once. */
export const one = <K>(number: number, kind: K) => ({ number, kind, repeated: false }) as const;
/** A repeated field. */
export const many = <K>(number: number, kind: K) => ({ number, kind, repeated: true }) as const;

export const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const wireTypes = { int32: VARINT, int64: VARINT, float: FIXED32, double: FIXED64, string: BYTES, bytes: BYTES } as const;

const utf8 = new TextDecoder();

/**
 * Reads one message. `bytes` fields are views of the input.
 * @throws FormatError where the bytes are no such message, or end too early
 */
export function decode<T>(schema: Schema<T>, bytes: Uint8Array): T {
  return readMessage(new PbfReader(bytes), schema, bytes.length);
}

function readMessage<T>(pbf: PbfReader, schema: Schema<T>, end: number): T {
  const result: Record<string, unknown> = {};
  while (pbf.pos < end) {
    const at = pbf.pos;
    const key = readNumber(pbf, end);
    const wire = key & 7;
    const field = schema.fields.get(Math.floor(key / 8));
    if (field === undefined) {
      skip(pbf, wire, end, at);
      continue;
    }
    const { kind, name } = field;
    const expected = kind instanceof Schema ? BYTES : wireTypes[kind];
    if (wire === expected && !field.repeated) {
      result[name] = readItem(pbf, kind, end);
      continue;
    }
    const packed = wire === BYTES && expected !== BYTES && field.repeated;
    if (wire !== expected && !packed) {
      throw new FormatError(`${schema.name}.${name} has protobuf wire type ${wire} instead of ${expected}`, { byteOffset: at });
    }
    result[name] ??= [];
    const items = result[name] as unknown[];
    if (!packed) {
      items.push(readItem(pbf, kind, end));
      continue;
    }
    const packedEnd = readEnd(pbf, end);
    while (pbf.pos < packedEnd) items.push(readItem(pbf, kind, packedEnd));
  }
  return result as T;
}

function readItem(pbf: PbfReader, kind: Scalar | Schema<unknown>, end: number): unknown {
  switch (kind) {
    case "int32":
      return readNumber(pbf, end);
    case "int64":
      return readInt64(pbf, end);
    case "float":
      need(pbf, 4, end);
      return pbf.readFloat();
    case "double":
      need(pbf, 8, end);
      return pbf.readDouble();
  }
  const itemEnd = readEnd(pbf, end);
  if (kind instanceof Schema) return readMessage(pbf, kind, itemEnd);
  const bytes = pbf.buf.subarray(pbf.pos, itemEnd);
  pbf.pos = itemEnd;
  return kind === "bytes" ? bytes : utf8.decode(bytes);
}

function need(pbf: PbfReader, count: number, end: number): void {
  if (count > end - pbf.pos) {
    throw new FormatError(`the file is truncated or corrupt: ${count} bytes should follow, ${end - pbf.pos} do`, {
      byteOffset: pbf.pos,
      hint: "download or export it again",
    });
  }
}

/** Reads a length and gives the position at which that many bytes end. */
function readEnd(pbf: PbfReader, end: number): number {
  const length = readNumber(pbf, end);
  need(pbf, length, end);
  if (length < 0) throw new FormatError(`a length is negative`, { byteOffset: pbf.pos });
  return pbf.pos + length;
}

/** A varint of up to 2^53; what lies beyond is rounded, so 64-bit values are read by {@link readInt64}. */
function readNumber(pbf: PbfReader, end: number): number {
  checkVarint(pbf, end);
  return pbf.readVarint(true);
}

function readInt64(pbf: PbfReader, end: number): bigint {
  const length = checkVarint(pbf, end);
  let value = 0n;
  for (let i = length - 1; i >= 0; --i) value = (value << 7n) | BigInt(pbf.buf[pbf.pos + i] & 127);
  pbf.pos += length;
  return BigInt.asIntN(64, value);
}

/** The length in bytes of the varint that begins here. */
function checkVarint(pbf: PbfReader, end: number): number {
  for (let i = 0; i < 10; ++i) {
    need(pbf, i + 1, end);
    if (pbf.buf[pbf.pos + i] < 128) return i + 1;
  }
  throw new FormatError("the file is corrupt: an integer has more than 64 bits", { byteOffset: pbf.pos });
}

function skip(pbf: PbfReader, wire: number, end: number, at: number): void {
  if (wire === VARINT) {
    pbf.pos += checkVarint(pbf, end);
  } else if (wire === BYTES) {
    pbf.pos = readEnd(pbf, end);
  } else if (wire === FIXED32 || wire === FIXED64) {
    const count = wire === FIXED32 ? 4 : 8;
    need(pbf, count, end);
    pbf.pos += count;
  } else {
    throw new FormatError(`the file is corrupt: there is no protobuf wire type ${wire}`, { byteOffset: at });
  }
}
