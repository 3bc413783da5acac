// channelsFirst: images [N,H,W,C], as TensorFlow has them, become [N,C,H,W].
//
//   Transpose(f(Transpose(x)))  →  f(x)       where the first moves channels to the end, the last moves them back, and f works on
//                                             every element alike, or on whole axes
//
// Converters leave such pairs where they do not know f, and one Transpose behind the input, which is then read in its own order at once.
// What else reads a value that has been moved gets it as it was, through a Transpose that nobody reads otherwise.
import { transpose } from "../../formats/elements.ts";
import type { Graph, GraphInput, Node, Parameter } from "../../graph/graph.ts";
import { activationOperators, binaryOperators } from "../../graph/operators.ts";
import { dimsOfRank, inferShapes } from "../../graph/shapes.ts";
import { addParameter, producers } from "../rewrite.ts";

/** Axes of [N,H,W,C] in the order [N,C,H,W], and the other way round. */
const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];

const isTranspose = (node: Node, perm: readonly number[]): boolean =>
  node.op === "Transpose" && node.attributes.perm.join() === perm.join();

/** Of an attribute that has a number for each axis. */
const moved = (numbers: readonly number[]): number[] => TO_FIRST.map((axis) => numbers[axis]);

/** Operators that mean the same in another order of axes, if their attributes are put into it. */
function inOrder(node: Node): Node | undefined {
  if (activationOperators.has(node.op) || binaryOperators.has(node.op) || node.op === "Identity") return node;
  switch (node.op) {
    case "Concat":
      // Along other axes nothing is joined.
      return node.attributes.axis === 3 ? { ...node, attributes: { axis: 1 } } : undefined;
    case "Softmax":
    case "LogSoftmax":
      return { ...node, attributes: { axis: TO_LAST[node.attributes.axis] } };
    case "Pad":
      return {
        ...node,
        attributes: { ...node.attributes, before: moved(node.attributes.before), after: moved(node.attributes.after) },
      };
    case "Slice": {
      const { starts, ends, steps } = node.attributes;
      return { ...node, attributes: { starts: moved(starts), ends: moved(ends), steps: moved(steps) } };
    }
    default:
      return undefined;
  }
}

/** The graph's inputs that a Transpose moves to [N,C,H,W], with nothing but operators of `inOrder` before it. */
function imagesLast(graph: Graph): Set<string> {
  const makers = producers(graph);
  const found = new Set(graph.nodes.flatMap((node) => (isTranspose(node, TO_FIRST) ? node.inputs : [])));
  // A set gives what is added to it while it is gone through.
  for (const name of found) {
    const maker = makers.get(name);
    if (maker !== undefined && inOrder(maker) !== undefined) for (const input of maker.inputs) found.add(input);
  }
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const isImage = ({ name, dims }: GraphInput) => found.has(name) && dims.length === 4 && !outputs.has(name);
  return new Set(graph.inputs.filter(isImage).map(({ name }) => name));
}

export function channelsFirst(graph: Graph): Graph {
  const values = inferShapes(graph);
  const parameters = new Map(graph.parameters);
  const nodes: Node[] = [];
  /** Of values [N,H,W,C], the same image as [N,C,H,W]. */
  const firsts = new Map<string, string>();
  /** The same of parameters. */
  const movedParameters = new Map<string, string>();
  /** Inputs under the name by which nodes read them as they were. */
  const renamed = new Map<string, string>();

  const toLast = (name: string, first: string, output: string): void => {
    firsts.set(output, first);
    nodes.push({ op: "Transpose", name, inputs: [first], output, attributes: { perm: TO_LAST } });
  };
  /** A parameter that broadcasts to [N,H,W,C], as one that broadcasts to [N,C,H,W]. */
  const movedParameter = (name: string, { dims, data }: Parameter): string => {
    const known = movedParameters.get(name);
    if (known !== undefined) return known;
    const full = dimsOfRank(4, dims);
    const values = transpose(data as Float32Array, full, TO_FIRST);
    const made = addParameter(parameters, `${name}/channels first`, values, moved(full));
    movedParameters.set(name, made);
    return made;
  };
  /** A value in the other order, if it is there or constant. */
  const firstOf = (name: string): string | undefined => {
    const parameter = graph.parameters.get(name);
    if (parameter?.data === undefined || parameter.dims.length > 4) return firsts.get(name);
    return movedParameter(name, parameter);
  };
  /** The same node on [N,C,H,W], if all that it reads is there. */
  const onFirsts = (node: Node): Node | undefined => {
    if (values.get(node.output)!.dims.length !== 4 || !node.inputs.some((name) => firsts.has(name))) return undefined;
    const inputs = node.inputs.map(firstOf);
    const other = inputs.includes(undefined) ? undefined : inOrder(node);
    return other && ({ ...other, inputs, output: `${node.output}/channels first` } as Node);
  };

  const last = imagesLast(graph);
  const inputs = graph.inputs.map((input): GraphInput => {
    if (!last.has(input.name)) return input;
    const asItWas = `${input.name}/channels last`;
    renamed.set(input.name, asItWas);
    toLast(asItWas, input.name, asItWas);
    return { ...input, dims: moved(input.dims), layout: "nhwc" };
  });
  for (const before of graph.nodes) {
    const node = { ...before, inputs: before.inputs.map((name) => renamed.get(name) ?? name) } as Node;
    const [x] = node.inputs;
    const first = isTranspose(node, TO_FIRST) ? firsts.get(x) : undefined;
    const other = onFirsts(node);
    if (first !== undefined) {
      nodes.push({ op: "Identity", name: node.name, inputs: [first], output: node.output, attributes: {} });
    } else if (isTranspose(node, TO_LAST)) toLast(node.name, x, node.output);
    else if (other === undefined) nodes.push(node);
    else {
      nodes.push(other);
      toLast(`${node.name}/channels last`, other.output, node.output);
    }
  }
  return { ...graph, inputs, parameters, nodes };
}
