// Runs a standalone module in wabt's interpreter: node examples/wasm-interp/run.js MODEL.wasm INPUT OUTPUT
//
// INPUT holds the bytes of the model's inputs, one behind the other; OUTPUT gets those of its outputs. `wasm-interp MODEL.wasm
// --run-all-exports` calls a module's functions, but can put nothing into its memory; spectest-interp, the same interpreter
// for scripts of several modules, can: a second module shares the memory, and brings the input along as its data.
//
//     apt install wabt
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [modelFile, inputFile, outputFile] = process.argv.slice(2);
if (outputFile === undefined) {
  console.error("usage: node examples/wasm-interp/run.js MODEL.wasm INPUT OUTPUT");
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "wasm-interp-"));
try {
  writeFileSync(outputFile, run(readFileSync(inputFile)));
} finally {
  rmSync(folder, { recursive: true });
}

/** Inputs, one behind the other → outputs, one behind the other. */
function run(data) {
  copyFileSync(modelFile, join(folder, "model.wasm"));
  const ports = (side) => {
    const [count] = interpret([call(`${side}_count`)]);
    const indices = [...Array(count).keys()];
    const numbers = interpret(indices.flatMap((i) => [call(`${side}_address`, i), call(`${side}_bytes`, i)]));
    return indices.map((i) => ({ address: numbers[2 * i], bytes: numbers[2 * i + 1] }));
  };
  const inputs = ports("input");
  const outputs = ports("output");
  const wanted = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
  if (data.length !== wanted) throw new Error(`the inputs have ${wanted} bytes, not ${data.length}`);

  let rest = data;
  const segments = inputs.map(({ address, bytes }) => {
    const text = rest.subarray(0, bytes).toString("hex").replace(/../g, "\\$&");
    rest = rest.subarray(bytes);
    return `(data (i32.const ${address}) "${text}")`;
  });
  writeFileSync(
    join(folder, "input.wat"),
    `(module (import "model" "memory" (memory 1)) ${segments.join("\n")}
       (func (export "word") (param i32) (result i32) (i32.load (local.get 0))))`,
  );
  execFileSync("wat2wasm", ["input.wat"], { cwd: folder });
  const before = [
    { type: "register", line: 0, name: "$model", as: "model" },
    { type: "module", line: 0, name: "$input", filename: "input.wasm" },
  ];
  const words = outputs.map(({ address, bytes }) => Array.from({ length: Math.ceil(bytes / 4) }, (_, i) => address + 4 * i));
  const read = words.flat().map((address) => call("word", address, "$input"));
  const [status, ...values] = interpret([...before, call("run"), ...read]);
  if (status !== 0) throw new Error(`the model stopped with status ${status & 0xff} at step ${status >> 8}`);
  // An output need not end with a whole word.
  const parts = outputs.map(({ bytes }, i) => Buffer.from(Uint32Array.from(values.splice(0, words[i].length)).buffer, 0, bytes));
  return Buffer.concat(parts);
}

/** One call in a script. */
function call(field, argument, module = "$model") {
  const args = argument === undefined ? [] : [{ type: "i32", value: String(argument) }];
  return { type: "action", line: 0, action: { type: "invoke", module, field, args }, expected: [{ type: "i32" }] };
}

/** Runs a script on a new instance of the model, and gives the results of its calls. */
function interpret(commands) {
  const model = { type: "module", line: 0, name: "$model", filename: "model.wasm" };
  writeFileSync(join(folder, "script.json"), JSON.stringify({ source_filename: "script", commands: [model, ...commands] }));
  const { stdout, stderr, error } = spawnSync("spectest-interp", ["script.json"], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw error;
  const calls = commands.filter(({ type }) => type === "action").length;
  const results = [...stdout.matchAll(/=> i32:(-?\d+)$/gm)].map(([, number]) => Number(number));
  if (results.length !== calls) throw new Error(`spectest-interp stopped:\n${stdout}${stderr}`);
  return results;
}
