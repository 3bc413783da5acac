// Graphs translated for LiteRT.js give in Chromium what Minnow gives.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { workloadOf } from "../../bench/engine.ts";
import { minnowEngine } from "../../bench/minnow.ts";
import { serve } from "../../bench/server.ts";
import { temporaryFolder } from "../cli/minnow.ts";
import { assertClose } from "../compare.ts";
import { browser, html, resultOf } from "../hosts/pages.ts";
import { root } from "../hosts/tools.ts";
import { graphs } from "./graphs.ts";

const folder = temporaryFolder();

test("graphs in LiteRT.js", async () => {
  const file = join(folder, "page.js");
  await build({
    entryPoints: [`${root}tests/bench/litert-page.ts`],
    bundle: true,
    format: "esm",
    platform: "browser",
    outfile: file,
  });
  const server = await serve({ folder: root, pages: { "/": html("/page.js", ""), "/page.js": { file } } });
  const chromium = await browser("chromium");
  try {
    const results = await resultOf<Record<string, number[] | string>>(chromium, server.url);
    for (const [name, graph] of Object.entries(graphs)) {
      const data = results[name];
      if (typeof data === "string") {
        assert.match(`${name}: ${data}`, /^averages of padded images: the bench has no padded averages for LiteRT$/);
        continue;
      }
      const runner = await minnowEngine("strict").load(workloadOf(graph));
      const { dims } = graph.outputs[0];
      const expected = { data: await runner.run(), dims };
      assertClose({ data: Float32Array.from(data), dims }, expected, { relative: 1e-5, what: name });
    }
  } finally {
    await chromium.close();
    server.close();
  }
});
