// Names with a configuration, the fields behind them, and what is said of a configuration that cannot be built: over all
// families, whatever they are.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { checker } from "../../models/config.ts";
import { family } from "../../models/family.ts";
import { architecture, findArchitecture, listFamilies, mobilenetV1, presets, squeezenet } from "../../models/index.ts";
import { OptionError } from "../../src/errors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";

const refusal = (action: () => unknown): OptionError => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof OptionError, (error as Error).stack);
    return error;
  }
  return assert.fail("it was taken");
};

describe("names", () => {
  test("a preset, and a preset with other fields", () => {
    assert.deepEqual(architecture("squeezenet1_0"), presets.squeezenet1_0());
    const name = "mobilenet_v1?alpha=0.5&resolution=160";
    assert.deepEqual(architecture(name), mobilenetV1({ alpha: 0.5, resolution: 160 }));
    assert.deepEqual(architecture(name, { classes: 3 }), mobilenetV1({ alpha: 0.5, resolution: 160, classes: 3 }));
    assert.deepEqual(architecture("resnet20_cifar?depth=32"), presets.resnet32_cifar());
    assert.deepEqual(architecture("squeezenet1_1?"), presets.squeezenet1_1());
  });
  test("a family, its fields as text: a listed value, numbers, true and false, a list", () => {
    const name = "squeezenet?version=1.0&bypass=simple&ceilMode=true&stemPad=0,0,0,0&squeezeRatio=.5";
    const config = { version: "1.0", bypass: "simple", ceilMode: true, stemPad: [0, 0, 0, 0], squeezeRatio: 0.5 } as const;
    assert.deepEqual(findArchitecture(name).config, config);
    assert.deepEqual(architecture(name), squeezenet(config));
  });
  for (const [name, message] of [
    ["squeezenet9", /no architecture squeezenet9\n.*did you mean squeezenet1_0, squeezenet1_1\?.*minnow models/],
    ["zebra", /no architecture zebra\n.*there are squeezenet, .*minnow models/],
    ["constructor", /no architecture constructor/],
    ["mobilenet_v1?alfa=0.5", /mobilenet_v1: there is no field alfa\n.*alpha, separable, resolution, classes/],
    ["mobilenet_v1?alpha=wide", /mobilenet_v1: alpha is "wide"\n.*a number above 0/],
    ["mobilenet_v1?alpha=0.5,1", /alpha is \[0\.5,1\]/],
    ["mobilenet_v1?alpha", /alpha has no value\n.*mobilenet_v1\?alpha=value/],
    ["mobilenet_v1?alpha=1&alpha=2", /alpha is given twice/],
    ["mobilenet_v1?alpha=-1", /alpha is -1/],
    ["resnet50?depth=51", /depth is 51\n.*18, 34, 50, 101 or 152/],
    ["vgg16?batchNorm=yes", /batchNorm is "yes"\n.*true or false/],
  ] as const) {
    test(`${name}: an error`, () => assert.match(refusal(() => architecture(name)).message, message));
  }
});

test("every field of every configuration's type is known to its family, and no other", () => {
  const declared = new Map<string, string[]>();
  const folder = new URL("../../models/", import.meta.url);
  for (const file of readdirSync(folder)) {
    const source = readFileSync(new URL(file, folder), "utf8");
    const type = /export interface \w+Config \{\n([\s\S]*?)\n\}/.exec(source)?.[1];
    const name = /checker\("(\w+)"/.exec(source)?.[1];
    if (type !== undefined && name !== undefined)
      declared.set(
        name,
        [...type.matchAll(/^ {2}(\w+)\?:/gm)].map((match) => match[1]),
      );
  }
  for (const [name, { family }] of listFamilies()) {
    assert.deepEqual([...family.fields.keys()].sort(), declared.get(name)?.sort(), name);
  }
});

describe("bad configurations, over all families", () => {
  for (const [name, { family, presets: names }] of listFamilies()) {
    const { config } = presets[names[0]];
    test(`${name}: an unknown field, and one of another type`, () => {
      const { message } = refusal(() => family({ ...config, nonsense: 1 }));
      assert.ok(message.startsWith(`${name}: there is no field nonsense`), message);
      for (const [field, value] of Object.entries(config)) {
        const wrong = typeof value === "string" ? 1 : "wrong";
        const { message } = refusal(() => family({ ...config, [field]: wrong }));
        assert.ok(message.startsWith(`${name}: ${field} is ${JSON.stringify(wrong)}`), message);
      }
    });
    test(`${name}: numbers below 0, and not whole where they must be`, () => {
      for (const [field, { default: usual, wanted }] of family.fields) {
        if (typeof usual !== "number") continue;
        for (const value of wanted?.includes("whole") ? [-1, Number.NaN, 1.5] : [-1, Number.NaN]) {
          const { message } = refusal(() => family({ ...config, [field]: value }));
          assert.ok(message.includes(`${name}: ${field} is `), message);
        }
      }
    });
    test(`${name}: every small resolution is built, or refused by that name and with one that is enough`, () => {
      for (const preset of names) {
        for (const resolution of [1, 2, 5, 16, 31]) {
          let graph: Graph | undefined;
          try {
            graph = architecture(preset, { resolution });
          } catch (error) {
            assert.ok(error instanceof OptionError, (error as Error).stack);
            assert.ok(error.message.startsWith(`${name}: resolution is ${resolution}\n`), error.message);
            const least = Number(/at least (\d+)/.exec(error.message)?.[1]);
            assert.ok(least > resolution, error.message);
            assert.throws(() => architecture(preset, { resolution: least - 1 }), OptionError);
            assert.equal(architecture(preset, { resolution: least }).inputs[0].dims[2], least);
          }
          if (graph !== undefined) assert.equal(graph.inputs[0].dims[2], resolution);
        }
      }
    });
  }
});

test("groups that do not divide: the field is named, though only a node's shape rule noticed", () => {
  const grouped = family((config: { channels?: number; groups?: number; resolution?: number }) => {
    const settings = { channels: 12, groups: 3, resolution: 8, ...config };
    checker("grouped", settings).counts("channels", "groups", "resolution");
    const b = new GraphBuilder("grouped");
    const x = b.conv("a", b.input("input", [1, 3, settings.resolution, settings.resolution]), {
      outChannels: settings.channels,
      kernel: 3,
    });
    return b.build({ output: b.conv("b", x, { outChannels: 12, kernel: 1, group: settings.groups }) });
  });
  assert.equal(grouped.family, "grouped");
  assert.match(
    refusal(() => grouped({ groups: 5, channels: 24 })).message,
    /^grouped: groups is 5\n.*Conv "b": group 5 must divide/s,
  );
  // Neither alone is at fault.
  assert.match(refusal(() => grouped({ groups: 6, channels: 9 })).message, /^grouped: groups is 6|^grouped: channels is 9/);
  assert.match(refusal(() => grouped({ resolution: 1 })).message, /resolution is 1\n.*at least 3/);
});
