// What is written beside a standalone module for people who embed it: a C header, and a page on how to use it.
import { exportsOf } from "./exports.ts";
import type { Metadata, PortMetadata } from "./metadata.ts";

/** A name as C has them: letters, digits, underscores, no digit first. */
function identifier(text: string): string {
  const name = text.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[0-9]|^$/.test(name) ? `m${name}` : name;
}

/** Text that neither ends a comment nor looks as if it began one. */
const inComment = (text: string) => text.replace(/[/*]+/g, (run) => (run.length === 1 ? run : [...run].join(" ")));

function portMacros(prefix: string, port: PortMetadata): string {
  const { name, type, dims, layout, address, bytes } = port;
  return `/* "${inComment(name)}": ${type} ${describeOrder(port)} */
#define ${prefix}_ADDRESS ${address}u
#define ${prefix}_BYTES ${bytes}u
#define ${prefix}_TYPE ${type === "float32" ? 1 : 2}u /* ${type} */
#define ${prefix}_RANK ${dims.length}u
#define ${prefix}_DIMS { ${dims.join(", ")} } /* ${layout} */
`;
}

/** The order of a port's elements, in words. */
function describeOrder({ dims, layout, pixels }: PortMetadata): string {
  const list = `[${dims.join(",")}]`;
  if (dims.length !== 4) return list;
  const axes = layout === "nchw" ? "[batch,channel,row,column]" : "[batch,row,column,channel]";
  if (layout !== "rgb8" && layout !== "rgba8") return `${list}, ${axes}`;
  const scaling = pixels === undefined ? "x / 255" : `(x / ${pixels.scale} - [${pixels.mean}]) / [${pixels.std}]`;
  return `${list}, ${axes}: pixels 0...255, which the module scales: ${scaling}`;
}

/**
 * A C header with a module's addresses, sizes and exports as constants and prototypes.
 *
 * @param metadata what `buildStandalone` made or `readMetadata` read
 */
export function cHeader(metadata: Metadata): string {
  const { name, abi, build, inputs, outputs, top, labels, wasi, memoryBytes } = metadata;
  const model = identifier(name);
  const prefix = model.toUpperCase();
  const macros = (side: string, ports: readonly PortMetadata[]) =>
    ports.map((port, i) => portMacros(`${prefix}_${side}${ports.length > 1 ? `_${i}` : ""}`, port));
  const functions = exportsOf({ top: top !== undefined, labels: labels !== undefined, wasi })
    .map(({ name, returns, parameters, about }) => {
      const list = parameters.length === 0 ? "void" : parameters.map((parameter) => `uint32_t ${parameter}`).join(", ");
      return ` * ${returns} ${name}(${list})\n *     ${about}`;
    })
    .join("\n");
  const topType = `
/* A class that the model found; ${prefix}_TOP_COUNT of them lie at ${prefix}_TOP_ADDRESS, the most probable first. */
#define ${prefix}_TOP_COUNT ${top?.count}u
#define ${prefix}_TOP_ADDRESS ${top?.address}u
typedef struct {
  uint32_t index;
  float probability;
} ${model}_class;
`;
  return `/* ${inComment(name)}: what is where in its standalone module, written by minnow (${build} build).
 *
 * Addresses are offsets into the module's exported memory, "memory". Numbers there are little-endian.
 *
 * The module exports:
${functions}
 */
#ifndef ${prefix}_H
#define ${prefix}_H

#include <stdint.h>

/* What abi_version() returns. */
#define ${prefix}_ABI_VERSION ${abi}
#define ${prefix}_MEMORY_BYTES ${memoryBytes}u

${[...macros("INPUT", inputs), ...macros("OUTPUT", outputs)].join("\n")}${top === undefined ? "" : topType}
#endif
`;
}

/**
 * A page on how to use a module.
 *
 * @param metadata what `buildStandalone` made or `readMetadata` read
 * @param file the module's file name
 */
export function usage(metadata: Metadata, file: string): string {
  const { name, build, inputs, outputs, top, labels, wasi } = metadata;
  const ports = (list: readonly PortMetadata[]) =>
    list.map((port) => `  ${port.name}: ${port.type} ${describeOrder(port)}; ${port.bytes} bytes at ${port.address}`).join("\n");
  const exported = exportsOf({ top: top !== undefined, labels: labels !== undefined, wasi });
  const functions = exported.map(({ name, parameters, about }) => `  ${name}(${parameters.join(", ")})\n      ${about}`);
  const needs = build === "relaxed" ? "SIMD and relaxed SIMD" : "SIMD";
  const command = wasi
    ? `
As a command:

  wasmtime ${file} < ${inputs[0].type === "uint8" ? "photo.rgb" : "input.bin"}

It reads ${inputs.reduce((sum, { bytes }) => sum + bytes, 0)} bytes, the inputs one behind the other, and ${
        top === undefined
          ? "writes the outputs, one behind the other, as they lie in memory"
          : `prints the ${top.count} most probable classes`
      }.
`
    : "";
  return `${file}: the network ${name} as one WebAssembly module

Any host that has WebAssembly with ${needs} runs it. It imports ${wasi ? "three functions of wasi_snapshot_preview1" : "nothing"}.
Instantiate it; write the input into its memory; call run(); read the output from its memory.

Inputs:
${ports(inputs)}
Outputs:
${ports(outputs)}
${command}
Exports, beside the memory "memory":
${functions.join("\n")}

The custom section "minnow" says all this, and the names of the classes if there are any, in JSON.
`;
}
