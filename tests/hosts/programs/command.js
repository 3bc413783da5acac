// The networks' outputs in a host that has a command line: node command.js DATA [worker]
import { readFile } from "node:fs/promises";
import { argv } from "node:process";
import { createWorkerModel, loadModel } from "minnow";
import { outputs } from "./outputs.js";

const [data, where] = argv.slice(2);
const read = async (name) => new Uint8Array(await readFile(`${data}/${name}`));
console.log(JSON.stringify(await outputs(read, where === "worker" ? createWorkerModel : loadModel)));
