// The surgery on the compiled engine, by Binaryen: the switches from opcode to kernel are cut down to a plan's opcodes, the
// memory gets its size and contents, what is exported gets its name, and everything that is then out of reach goes.
//
// Nothing here knows a kernel. A switch is a function of an opcode and addresses; for each opcode wanted it is copied with
// that opcode in place of its first argument, and what cannot happen any more is optimised away. Only those copies are
// optimised: the kernels stay instruction for instruction what asc made of them.
import type binaryen from "binaryen";
import { Status } from "../../assembly/plan.ts";
import { HostError } from "../errors.ts";
import type { Build } from "../runtime/engine.ts";
import { withData } from "./binary.ts";
import type { Segment } from "./image.ts";

type Binaryen = typeof binaryen;
type Module = InstanceType<Binaryen["Module"]>;

export interface Operation {
  readonly build: Build;
  /** By the name in the engine: the opcodes to keep. */
  readonly switches: Readonly<Record<string, readonly number[]>>;
  /** Name in the module → name in the engine. */
  readonly exports: ReadonlyMap<string, string>;
  /** The function that the module calls when it starts, if any. */
  readonly start: string | undefined;
  /** All that memory holds at the start, the engine's own constants included. */
  readonly segments: readonly Segment[];
  readonly pages: number;
  /** Custom sections by name. */
  readonly sections: Readonly<Record<string, Uint8Array>>;
}

/** What folds a constant opcode, and clears away what is left: the calls of other kernels, and the locals they had. */
const passes = [
  ...["precompute-propagate", "remove-unused-brs", "dce", "vacuum", "remove-unused-names", "merge-blocks"],
  ...["simplify-locals", "coalesce-locals", "reorder-locals", "vacuum"],
];

/** @throws HostError where Binaryen is not installed */
async function loadBinaryen(): Promise<Binaryen> {
  try {
    return (await import("binaryen")).default;
  } catch (error) {
    throw new HostError("a standalone module is made with Binaryen, which did not load", "npm install binaryen", {
      cause: error,
    });
  }
}

/**
 * Makes a module of an engine.
 * @param engine the bytes of assembly/standalone, compiled
 * @throws HostError where Binaryen is not installed
 */
export async function operate(engine: Uint8Array, operation: Operation): Promise<Uint8Array> {
  const binaryen = await loadBinaryen();
  const { Features } = binaryen;
  const plain =
    Features.MutableGlobals |
    Features.SIMD128 |
    Features.BulkMemory |
    Features.BulkMemoryOpt |
    Features.SignExt |
    Features.NontrappingFPToInt;
  const features = operation.build === "relaxed" ? plain | Features.RelaxedSIMD : plain;
  const module = binaryen.readBinary(engine);
  try {
    module.setFeatures(features);
    const all = Array.from({ length: module.getNumExports() }, (_, i) => module.getExportByIndex(i));
    const internal = new Map(all.map(binaryen.getExportInfo).map(({ name, value }) => [name, value]));
    for (const [name, opcodes] of Object.entries(operation.switches)) narrow(binaryen, module, internal.get(name)!, opcodes);
    for (const name of internal.keys()) module.removeExport(name);
    for (const [name, from] of operation.exports) module.addFunctionExport(internal.get(from)!, name);
    if (operation.start !== undefined) module.setStart(module.getFunction(internal.get(operation.start)!));
    module.setMemory(operation.pages, operation.pages, "memory");
    module.runPasses(["remove-unused-module-elements"]);
    return withData(module.emitBinary(), operation.segments, operation.sections);
  } finally {
    module.dispose();
  }
}

/** Replaces a switch by one over these opcodes alone. */
function narrow(binaryen: Binaryen, module: Module, name: string, opcodes: readonly number[]): void {
  const { params, results, vars, body } = binaryen.getFunctionInfo(module.getFunction(name));
  const types = binaryen.expandType(params);
  const local = (i: number) => module.local.get(i, types[i]);
  const kept = opcodes.map((opcode) => ({ opcode, copy: `${name}/${opcode}` }));
  for (const { opcode, copy } of kept) {
    const fixed = module.local.set(0, module.i32.const(opcode));
    const copied = module.addFunction(
      copy,
      params,
      results,
      vars,
      module.block(null, [fixed, module.copyExpression(body)], results),
    );
    module.runPassesOnFunction(copied, passes);
  }
  const choice = kept.reduceRight(
    (otherwise, { opcode, copy }) =>
      module.if(
        module.i32.eq(local(0), module.i32.const(opcode)),
        module.call(
          copy,
          types.map((_, i) => local(i)),
          results,
        ),
        otherwise,
      ),
    module.i32.const(Status.UNKNOWN_OPCODE),
  );
  module.removeFunction(name);
  module.addFunction(name, params, results, [], choice);
}
