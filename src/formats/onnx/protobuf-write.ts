// Writing Protocol Buffers from the tables of protobuf.ts. Apart from reading, which every page wants, as few write.
import { PbfWriter } from "pbf";
import { type Scalar, Schema, VARINT } from "./protobuf.ts";

/** Writes one message, in the order of its schema's fields. */
export function encode<T>(schema: Schema<T>, message: T): Uint8Array {
  const pbf = new PbfWriter();
  writeMessage(pbf, schema, message);
  return pbf.finish();
}

function writeMessage<T>(pbf: PbfWriter, schema: Schema<T>, message: T): void {
  for (const { number, name, kind, repeated } of schema.fields.values()) {
    const value = (message as Record<string, unknown>)[name];
    if (value === undefined) continue;
    for (const item of repeated ? (value as unknown[]) : [value]) writeItem(pbf, number, kind, item);
  }
}

function writeItem(pbf: PbfWriter, number: number, kind: Scalar | Schema<unknown>, item: unknown): void {
  if (kind instanceof Schema) {
    pbf.writeMessage(number, (message: unknown) => writeMessage(pbf, kind, message), item);
  } else if (kind === "bytes") {
    pbf.writeBytesField(number, item as Uint8Array);
  } else if (kind === "string") {
    pbf.writeStringField(number, item as string);
  } else if (kind === "float") {
    pbf.writeFloatField(number, item as number);
  } else if (kind === "double") {
    pbf.writeDoubleField(number, item as number);
  } else {
    pbf.writeTag(number, VARINT);
    writeInt64(pbf, BigInt(item as number | bigint));
  }
}

function writeInt64(pbf: PbfWriter, value: bigint): void {
  pbf.realloc(10);
  let rest = BigInt.asUintN(64, value);
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    pbf.buf[pbf.pos++] = rest === 0n ? low : low | 128;
  } while (rest !== 0n);
}
