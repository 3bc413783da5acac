// The bundlers' example: as Vite (also while developing), webpack and esbuild bundle it without a configuration, in Chromium.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import type { Browser } from "puppeteer-core";
import { serve } from "../../bench/server.ts";
import { bundlers } from "./bundles.ts";
import { installed, workplace } from "./installed.ts";
import { browser } from "./pages.ts";
import { output, startServer } from "./process.ts";
import { hostTest, root } from "./tools.ts";

/** What the example must show, in the page and in the worker. */
const tenNumbers = /^In the (page|worker):( -?\d+\.\d{4}){10}$/;

async function check(host: Browser, url: string): Promise<void> {
  const page = await host.newPage();
  await page.goto(url);
  await page.waitForSelector("#worker", { timeout: 30_000 });
  const [inPage, inWorker] = await page.$$eval("p", (lines) => lines.map((line) => line.textContent ?? ""));
  assert.match(inPage, tenNumbers);
  assert.match(inWorker, tenNumbers);
  assert.equal(inWorker.replace("worker", "page"), inPage);
  await page.close();
}

for (const [name, bundler] of Object.entries(bundlers)) {
  hostTest(
    name,
    async () => ({ command: await bundler.install(), host: await browser("chromium") }),
    async (t, { command, host }) => {
      t.after(() => host.close());
      const folder = join(await workplace("examples/bundler"), "bundler");
      // Vite's server serves nothing from outside the project.
      for (const dependency of ["minnow", "pbf"]) {
        const path = join("node_modules", dependency);
        cpSync(join(await installed(), path), join(folder, path), { recursive: true });
      }
      const PATH = [dirname(command), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
      await output("npm", ["run", name], folder, { PATH });
      const server = await serve({ folder: join(folder, "built") });
      t.after(() => server.close());
      await check(host, server.url);
      if (name !== "vite") return;
      const development = await startServer(command, ["--port", "0", "--host", "127.0.0.1"], folder, /(http:\/\/127[^\s]*\/)/);
      t.after(() => development.stop());
      await check(host, development.found);
    },
  );
}

test("a bundle for Node has the engine inside, or says what to do", async (t) => {
  const folder = await workplace();
  const elsewhere = mkdtempSync(join(tmpdir(), "minnow-bundle-"));
  t.after(() => rmSync(elsewhere, { recursive: true }));
  const run = async (from: string) => {
    writeFileSync(
      join(folder, "main.js"),
      `import { loadModel, seedWeights } from "${from}";
      import { squeezenet } from "minnow/models";
      const graph = squeezenet({ version: "1.1", classes: 10 });
      await loadModel(graph, { weights: seedWeights(graph) }).then(
        ({ inputs }) => console.log(inputs[0].name),
        ({ name, message }) => console.log(name, message),
      );`,
    );
    const outfile = join(folder, "bundle.mjs");
    await build({
      entryPoints: [join(folder, "main.js")],
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    renameSync(outfile, join(elsewhere, "bundle.mjs"));
    return output(process.execPath, ["bundle.mjs"], elsewhere);
  };
  assert.equal(await run("minnow/inline"), "input\n");
  assert.match(await run("minnow"), /^HostError the engine did not start: ENOENT[\s\S]*strict\.wasm[\s\S]*minnow\/inline/);
});
