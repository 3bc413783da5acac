// Minnow as one of the engines, one for each build.
import { type Build, hasRelaxed } from "../src/runtime/engine.ts";
import { loadModel } from "../src/runtime/load.ts";
import type { Engine } from "./engine.ts";

/** The build that was asked for, or all that this host has. */
export function buildsFor(asked: Build | undefined): readonly Build[] {
  if (asked !== undefined) return [asked];
  return hasRelaxed() ? ["strict", "relaxed"] : ["strict"];
}

export function minnowEngine(build: Build): Engine {
  return {
    name: `minnow ${build}`,
    async load({ onnx, input }) {
      const model = await loadModel(onnx, { build });
      const inputs = { [model.inputs[0].name]: input };
      const output = model.outputs[0].name;
      return {
        multiplyAdds: model.statistics.multiplyAdds,
        run: async () => (await model.run(inputs))[output].data as Float32Array,
        dispose: () => model.dispose(),
      };
    },
  };
}
