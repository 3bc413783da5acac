// The C header says what the module says, to a C compiler that lets nothing pass; and the page for people is complete.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { buildStandalone, cHeader, type Metadata, usage } from "../../src/standalone/index.ts";
import { temporaryFolder } from "../cli/minnow.ts";
import { adder, architecture, classifier, filled } from "../runtime/models.ts";

const folder = temporaryFolder();
const noCompiler = spawnSync("cc", ["--version"]).status !== 0 && process.env.CI !== "true" && "no C compiler";

/** Compiles a program against a header, runs it, and gives what it prints. */
function compileAndRun(header: string, body: string): string {
  writeFileSync(join(folder, "model.h"), header);
  writeFileSync(
    join(folder, "main.c"),
    `#include "model.h"\n#include "model.h"\n#include <stdio.h>\nint main(void) {\n${body}\nreturn 0;\n}\n`,
  );
  const flags = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"];
  const compiled = spawnSync("cc", [...flags, "main.c", "-o", "main"], { cwd: folder, encoding: "utf8" });
  assert.equal(compiled.status, 0, compiled.stderr);
  return spawnSync(join(folder, "main"), { encoding: "utf8" }).stdout;
}

test("a header with everything", { skip: noCompiler }, async () => {
  const graph = { ...filled(architecture()), name: "1st */ net: v1.0" };
  const one = { ...graph, outputs: graph.outputs.slice(1) };
  const options = { top: 2, labels: ["a", "b", "c", "d", "e"], inputLayout: "rgb8", wasi: true } as const;
  const { metadata } = await buildStandalone(one, options);
  const printed = compileAndRun(
    cHeader(metadata),
    `static const int dims[M1ST_NET_V1_0_INPUT_RANK] = M1ST_NET_V1_0_INPUT_DIMS;
    m1st_net_v1_0_class found = { 3, 0.5f };
    printf("%d %u %u %u %u\\n", M1ST_NET_V1_0_ABI_VERSION, M1ST_NET_V1_0_MEMORY_BYTES, M1ST_NET_V1_0_INPUT_ADDRESS,
      M1ST_NET_V1_0_INPUT_BYTES, M1ST_NET_V1_0_INPUT_TYPE);
    printf("%d %d %d %d\\n", dims[0], dims[1], dims[2], dims[3]);
    printf("%u %u %u %u %u\\n", M1ST_NET_V1_0_OUTPUT_ADDRESS, M1ST_NET_V1_0_OUTPUT_BYTES, M1ST_NET_V1_0_OUTPUT_TYPE,
      M1ST_NET_V1_0_TOP_COUNT, M1ST_NET_V1_0_TOP_ADDRESS);
    printf("%u %u\\n", (unsigned)sizeof found, (unsigned)found.index);`,
  );
  const { abi, memoryBytes, inputs, outputs, top } = metadata;
  const expected = [
    [abi, memoryBytes, inputs[0].address, 360, 2],
    [1, 12, 10, 3],
    [outputs[0].address, 20, 1, 2, top!.address],
    [8, 3],
  ];
  assert.equal(printed, `${expected.map((line) => line.join(" ")).join("\n")}\n`);
});

test("a header of a model with several inputs and outputs", { skip: noCompiler }, async () => {
  const { metadata } = await buildStandalone(adder());
  const printed = compileAndRun(
    cHeader(metadata),
    `printf("%u %u %u %u\\n", ADDER_INPUT_0_ADDRESS, ADDER_INPUT_1_ADDRESS, ADDER_OUTPUT_0_ADDRESS, ADDER_OUTPUT_1_ADDRESS);`,
  );
  const addresses = [...metadata.inputs, ...metadata.outputs].map(({ address }) => address);
  assert.equal(printed, `${addresses.join(" ")}\n`);
});

test("the page names every input, output and export", async () => {
  const check = (metadata: Metadata, ...words: string[]) => {
    const text = usage(metadata, "net.wasm");
    for (const word of ["net.wasm", "run()", "memory", ...words]) assert.ok(text.includes(word), `${word}:\n${text}`);
    assert.ok(!text.includes("undefined"), text);
  };
  const plain = (await buildStandalone(classifier())).metadata;
  check(plain, "image: float32 [1,3,12,10]", "features: float32", "scores: float32 [1,5]", "It imports nothing");
  const wasi = (await buildStandalone(classifier(), { wasi: true, inputLayout: "rgba8" })).metadata;
  check(wasi, "wasmtime net.wasm < photo.rgb", "reads 480 bytes", "_start()", "x / 255", "wasi_snapshot_preview1");
});
