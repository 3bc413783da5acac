// `import { loadModel } from "minnow/inline"`: all of "minnow", with both engines inside the code (95 KB more, 35 KB
// gzipped) instead of in files beside it. For bundlers that do not copy files (esbuild), single-file pages and programs.
import { relaxed, strict } from "../wasm/inline.ts";
import { readPackagedFrom } from "./runtime/engine-modules.ts";

const base64 = { strict, relaxed };
readPackagedFrom((build) => Uint8Array.from(atob(base64[build]), (character) => character.charCodeAt(0)));

export * from "./index.ts";
