// What a standalone module exports, under which name, and which of assembly/standalone's functions that is.

/** What a module can have beside the plain exports. */
export interface Features {
  /** It finds the most probable classes. */
  readonly top: boolean;
  readonly labels: boolean;
  /** It is a command of a WASI host. */
  readonly wasi: boolean;
}

export interface Export {
  /** The name in the module, as embedders in C know names. */
  readonly name: string;
  /** The name in assembly/standalone/index.ts. */
  readonly from: string;
  /** In C; parameters are uint32_t. */
  readonly returns: string;
  readonly parameters: readonly string[];
  /** One line on what it does. */
  readonly about: string;
}

type Row = readonly [name: string, from: string, returns: string, parameters: readonly string[], about: string];

const portRows = (side: "input" | "output"): Row[] => [
  [`${side}_count`, `${side}Count`, "uint32_t", [], `How many ${side}s there are.`],
  [`${side}_address`, `${side}Address`, "uint32_t", ["index"], `Where ${side} \`index\` lies in memory.`],
  [`${side}_bytes`, `${side}Bytes`, "uint32_t", ["index"], "How many bytes it has."],
  [`${side}_type`, `${side}Type`, "uint32_t", ["index"], "Its element type: 1 is float32, 2 is uint8."],
  [`${side}_rank`, `${side}Rank`, "uint32_t", ["index"], "How many dims it has."],
  [`${side}_dim`, `${side}Dim`, "uint32_t", ["index", "axis"], "One of its dims."],
];

const plain: readonly Row[] = [
  ["abi_version", "abiVersion", "int32_t", [], "The version of these exports."],
  ...portRows("input"),
  ...portRows("output"),
];

const status = "0, or what is wrong in the low byte (2: an input holds NaN or an infinity), and above it at which step.";
const run: Row = ["run", "run", "int32_t", [], `Runs the model once. Returns ${status}`];
const top: readonly Row[] = [
  ["run", "runTop", "int32_t", [], `Runs the model once, and finds the most probable classes. Returns ${status}`],
  ["top_count", "topCount", "int32_t", [], "How many classes the last run found."],
  ["top_address", "topAddress", "uint32_t", [], "Where they lie: for each its index (u32) and its probability (f32)."],
];
const labels: readonly Row[] = [
  ["label_address", "labelAddress", "uint32_t", ["class"], "Where the name of a class begins, in UTF-8, not terminated."],
  ["label_bytes", "labelBytes", "uint32_t", ["class"], "How long it is; 0 where the class has none."],
];
const command: Row = ["_start", "command", "void", [], "The WASI command: standard input → outputs, as they lie in memory."];
const commandTop: Row = ["_start", "commandTop", "void", [], "The WASI command: standard input → the most probable classes."];

/** The functions that a module with these features exports. */
export function exportsOf(features: Features): Export[] {
  const rows: Row[] = [...plain, ...(features.top ? top : [run])];
  if (features.labels) rows.push(...labels);
  if (features.wasi) rows.push(features.top ? commandTop : command);
  return rows.map(([name, from, returns, parameters, about]) => ({ name, from, returns, parameters, about }));
}
