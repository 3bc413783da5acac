// The two engines as a TypeScript module, wasm/inline.ts, for "minnow/inline": node --import tsx scripts/inline.ts
import { readFileSync, writeFileSync } from "node:fs";

const wasm = new URL("../wasm/", import.meta.url);
const lines = ["strict", "relaxed"].map((build) => {
  const base64 = readFileSync(new URL(`${build}.wasm`, wasm)).toString("base64");
  return `export const ${build}: string =\n  "${base64}";\n`;
});
writeFileSync(new URL("inline.ts", wasm), `// Written by scripts/inline.ts: the engines in base64.\n${lines.join("")}`);
