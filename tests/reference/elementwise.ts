// Reference arithmetic on two tensors, which broadcast to each other as in NumPy: dims are aligned at the end, and a
// dimension that is missing or 1 repeats.
import { broadcastDims } from "../../src/graph/shapes.ts";
import { indexOf, positions, type Value, zeros } from "./value.ts";

function broadcast(a: Value, b: Value, combine: (x: number, y: number) => number): Value {
  const out = zeros(broadcastDims(a.dims, b.dims));
  let at = 0;
  for (const position of positions(out.dims)) {
    const element = ({ data, dims }: Value) => {
      const own = position.slice(position.length - dims.length);
      return data[
        indexOf(
          dims,
          own.map((p, axis) => (dims[axis] === 1 ? 0 : p)),
        )
      ];
    };
    out.data[at++] = combine(element(a), element(b));
  }
  return out;
}

export const add = (a: Value, b: Value): Value => broadcast(a, b, (x, y) => x + y);
export const sub = (a: Value, b: Value): Value => broadcast(a, b, (x, y) => x - y);
export const mul = (a: Value, b: Value): Value => broadcast(a, b, (x, y) => x * y);
export const div = (a: Value, b: Value): Value => broadcast(a, b, (x, y) => x / y);
