// The table of published figures: what it says of parameters is what presets have, and what it copies is copied rightly.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { publishedFigures, publishedNames, sources } from "../../models/published.ts";
import { countMultiplyAdds, countParameters } from "../../src/graph/count.ts";
import { dataPath, needsData } from "../data.ts";

test("published parameters and multiply-adds are those of the presets, as far as sources round and conventions differ", () => {
  let compared = 0;
  for (const name of publishedNames()) {
    if (!Object.hasOwn(presets, name)) continue;
    const { parameters, multiplyAdds } = publishedFigures(name);
    const graph = presets[name]();
    if (parameters !== undefined) {
      const exact = parameters.source === "torchvision" || parameters.source === "imgclsmob";
      const off = Math.abs(countParameters(graph) / parameters.value - 1);
      assert.ok(exact ? off === 0 : off < 0.05, `${name}: ${countParameters(graph)}, published ${parameters.value}`);
      compared += 1;
    }
    if (multiplyAdds !== undefined) {
      const part = countMultiplyAdds(graph) / multiplyAdds.value;
      assert.ok(part > 0.8 && part < 1.05, `${name}: ${part} of the published multiply-adds`);
    }
  }
  assert.ok(compared > 60);
});

test("accuracies are per cent, and every figure has a source", () => {
  for (const name of publishedNames()) {
    for (const figure of Object.values(publishedFigures(name))) {
      if (figure !== undefined) assert.ok(figure.source in sources && figure.value > 0, name);
    }
    const { top1 } = publishedFigures(name);
    assert.ok(top1 === undefined || (top1.value > 30 && top1.value < 100), name);
  }
  assert.deepEqual(publishedFigures("no such preset"), { parameters: undefined, multiplyAdds: undefined, top1: undefined });
});

test("torchvision's rows are those of its table", { skip: needsData }, () => {
  const { torchvision } = JSON.parse(readFileSync(dataPath("tables/published_params_macs.json"), "utf8")) as {
    torchvision: Record<string, Record<string, { num_params: number; acc1: number | null }>>;
  };
  const names: Readonly<Record<string, string>> = { AlexNet: "alexnet_one_column", GoogLeNet: "googlenet_bn" };
  for (const [theirs, weights] of Object.entries(torchvision)) {
    if (/^(Inception|RegNet|EfficientNet_V2)/.test(theirs)) continue;
    const { num_params, acc1 } = weights.IMAGENET1K_V1;
    const { parameters, top1 } = publishedFigures(names[theirs] ?? theirs.toLowerCase());
    assert.deepEqual(
      [parameters, top1],
      [
        { value: num_params, source: "torchvision" },
        { value: acc1, source: "torchvision" },
      ],
    );
  }
});
