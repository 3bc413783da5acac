// TensorFlow Lite's file format, as much of it as bench/tflite.ts writes; names and numbers are its schema's:
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs
import { Builder } from "flatbuffers";

/** BuiltinOperator. */
const Code = {
  ADD: 0,
  AVERAGE_POOL_2D: 1,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  FULLY_CONNECTED: 9,
  LOCAL_RESPONSE_NORMALIZATION: 13,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RELU: 19,
  RELU6: 21,
  RESHAPE: 22,
  SOFTMAX: 25,
  PAD: 34,
  TRANSPOSE: 39,
  MEAN: 40,
  PADV2: 60,
  HARD_SWISH: 117,
} as const;
type Operator = keyof typeof Code;

/** ActivationFunctionType. */
export const Fused = { NONE: 0, RELU: 1, RELU6: 3 } as const;
/** Padding. */
export const Padding = { SAME: 0, VALID: 1 } as const;

/** TensorType. */
const Type = { FLOAT32: 0, INT32: 2 } as const;

// The numbers of the tables' fields.
const ModelField = { version: 0, operatorCodes: 1, subgraphs: 2, buffers: 4 } as const;
const OperatorCodeField = { deprecatedBuiltinCode: 0, version: 2, builtinCode: 3 } as const;
const SubGraphField = { tensors: 0, inputs: 1, outputs: 2, operators: 3 } as const;
const TensorField = { shape: 0, type: 1, buffer: 2, name: 3 } as const;
const OperatorField = { opcodeIndex: 0, inputs: 1, outputs: 2, builtinOptionsType: 3, builtinOptions: 4 } as const;
const BufferField = { data: 0 } as const;

/** The version of the schema. */
const VERSION = 3;
/** What whoever maps the file into memory may take for granted of constants. */
const ALIGNMENT = 16;

type Field = ["int8" | "int32" | "float32", number];

/** The fields of an operator's options, in the schema's order; `type` is their place in the union BuiltinOptions. */
export interface Options {
  readonly type: number;
  readonly fields: readonly Field[];
}

const int8 = (value: number): Field => ["int8", value];
const int32 = (value: number): Field => ["int32", value];
const float32 = (value: number): Field => ["float32", value];

/** Pairs are [height, width]. */
export const options = {
  conv: (padding: number, [h, w]: readonly number[], fused: number, [dh, dw]: readonly number[]): Options => ({
    type: 1,
    fields: [int8(padding), int32(w), int32(h), int8(fused), int32(dw), int32(dh)],
  }),
  depthwise: (
    padding: number,
    [h, w]: readonly number[],
    times: number,
    fused: number,
    [dh, dw]: readonly number[],
  ): Options => ({
    type: 2,
    fields: [int8(padding), int32(w), int32(h), int32(times), int8(fused), int32(dw), int32(dh)],
  }),
  pool: (padding: number, [h, w]: readonly number[], [kh, kw]: readonly number[]): Options => ({
    type: 5,
    fields: [int8(padding), int32(w), int32(h), int32(kw), int32(kh), int8(Fused.NONE)],
  }),
  fullyConnected: (fused: number): Options => ({ type: 8, fields: [int8(fused)] }),
  softmax: (): Options => ({ type: 9, fields: [float32(1)] }),
  concatenation: (axis: number): Options => ({ type: 10, fields: [int32(axis), int8(Fused.NONE)] }),
  add: (fused: number): Options => ({ type: 11, fields: [int8(fused)] }),
  lrn: (radius: number, bias: number, alpha: number, beta: number): Options => ({
    type: 13,
    fields: [int32(radius), float32(bias), float32(alpha), float32(beta)],
  }),
  mul: (fused: number): Options => ({ type: 21, fields: [int8(fused)] }),
  mean: (): Options => ({ type: 27, fields: [int8(1)] }),
};

/** A tensor, and its data if they are constant. */
interface TensorTable {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data?: Float32Array | Int32Array;
}

interface OperatorTable {
  readonly operator: Operator;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly options?: Options;
}

/** A model in the making. Tensors are known by their numbers. */
export class TfliteFile {
  readonly #tensors: TensorTable[] = [];
  readonly #operators: OperatorTable[] = [];

  tensor(name: string, dims: readonly number[], data?: Float32Array | Int32Array): number {
    return this.#tensors.push({ name, dims, data }) - 1;
  }

  dims(tensor: number): readonly number[] {
    return this.#tensors[tensor].dims;
  }

  /** Adds an operator, and gives its result. */
  operator(operator: Operator, inputs: readonly number[], dims: readonly number[], options?: Options): number {
    const output = this.tensor(`${operator} ${this.#operators.length}`, dims);
    this.#operators.push({ operator, inputs, output, options });
    return output;
  }

  /** The file, with one input and one output. */
  bytes(input: number, output: number): Uint8Array {
    const builder = new Builder(1024);
    const table = (fields: Record<number, (slot: number) => void>): number => {
      const slots = Object.keys(fields).map(Number);
      builder.startObject(Math.max(0, ...slots.map((slot) => slot + 1)));
      for (const slot of slots) fields[slot](slot);
      return builder.endObject();
    };
    const at = (offset: number) => (slot: number) => builder.addFieldOffset(slot, offset, 0);
    const number =
      (...[kind, value]: Field) =>
      (slot: number) => {
        if (kind === "int8") builder.addFieldInt8(slot, value, null);
        else if (kind === "int32") builder.addFieldInt32(slot, value, null);
        else builder.addFieldFloat32(slot, value, null);
      };
    const vector = (list: readonly number[], add: (value: number) => void): number => {
      builder.startVector(4, list.length, 4);
      for (const value of [...list].reverse()) add(value);
      return builder.endVector();
    };
    const integers = (list: readonly number[]) => vector(list, (value) => builder.addInt32(value));
    const tables = (list: readonly number[]) => vector(list, (offset) => builder.addOffset(offset));
    const data = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): number => {
      builder.prep(ALIGNMENT, byteLength);
      return builder.createByteVector(new Uint8Array(buffer, byteOffset, byteLength));
    };

    // The first buffer is empty: what is computed has it.
    const constants = this.#tensors.filter((tensor) => tensor.data !== undefined);
    const buffers = [table({}), ...constants.map((tensor) => table({ [BufferField.data]: at(data(tensor.data!)) }))];
    const tensors = this.#tensors.map((tensor) => {
      const [dims, name] = [integers(tensor.dims), builder.createString(tensor.name)];
      return table({
        [TensorField.shape]: at(dims),
        [TensorField.type]: number("int8", tensor.data instanceof Int32Array ? Type.INT32 : Type.FLOAT32),
        [TensorField.buffer]: number("int32", constants.indexOf(tensor) + 1),
        [TensorField.name]: at(name),
      });
    });
    const codes = [...new Set(this.#operators.map(({ operator }) => operator))];
    const operators = this.#operators.map(({ operator, inputs, output, options }) => {
      const [from, to] = [integers(inputs), integers([output])];
      const fields = {
        [OperatorField.opcodeIndex]: number("int32", codes.indexOf(operator)),
        [OperatorField.inputs]: at(from),
        [OperatorField.outputs]: at(to),
      };
      if (options === undefined) return table(fields);
      const chosen = table({ ...options.fields.map((field) => number(...field)) });
      return table({
        ...fields,
        [OperatorField.builtinOptionsType]: number("int8", options.type),
        [OperatorField.builtinOptions]: at(chosen),
      });
    });
    const operatorCodes = codes.map((operator) =>
      table({
        [OperatorCodeField.deprecatedBuiltinCode]: number("int8", Code[operator]),
        [OperatorCodeField.version]: number("int32", 1),
        [OperatorCodeField.builtinCode]: number("int32", Code[operator]),
      }),
    );
    const graph = {
      [SubGraphField.tensors]: at(tables(tensors)),
      [SubGraphField.inputs]: at(integers([input])),
      [SubGraphField.outputs]: at(integers([output])),
      [SubGraphField.operators]: at(tables(operators)),
    };
    const model = {
      [ModelField.version]: number("int32", VERSION),
      [ModelField.operatorCodes]: at(tables(operatorCodes)),
      [ModelField.subgraphs]: at(tables([table(graph)])),
      [ModelField.buffers]: at(tables(buffers)),
    };
    builder.finish(table(model), "TFL3");
    return builder.asUint8Array();
  }
}
