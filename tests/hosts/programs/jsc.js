// The networks' outputs in the jsc shell: jsc -m built-jsc.js -- DATA
import "../page-functions.js";
import { init } from "minnow";
import { outputs } from "./outputs.js";

const [data] = globalThis.arguments;
const read = async (name) => readFile(`${data}/${name}`, "binary");
await init(readFile("../../node_modules/minnow/dist/wasm/strict.wasm", "binary"));
print(JSON.stringify(await outputs(read)));
