// What every browser is tested for: the example page, used as a person would, and trouble with loading, said as it is.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ElementHandle, Page } from "puppeteer-core";
import type { BrowserName } from "../../bench/browser.ts";
import { type Site, serve } from "../../bench/server.ts";
import { dataPath, needsData } from "../data.ts";
import { installed, workplace } from "./installed.ts";
import { answering, browser, html, importMap, rawResultOf } from "./pages.ts";
import { startServer } from "./process.ts";
import { hostTest, root } from "./tools.ts";

const text = async (page: Page, selector: string): Promise<string> =>
  (await page.$$eval(selector, ([element]) => element?.textContent ?? "")) ?? "";

/** Waits until a text on the page is as expected; the failure says what it was. */
async function waitForText(page: Page, selector: string, expected: RegExp): Promise<void> {
  for (let tries = 0; tries < 300; ++tries) {
    if (expected.test(await text(page, selector))) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.match(await text(page, selector), expected, `${selector}; error: ${await text(page, "#error")}`);
}

async function usePage(page: Page): Promise<void> {
  await waitForText(page, "#status", /^squeezenet.* is ready \((relaxed|strict)\)\.$/i);
  const file = (await page.$("#file")) as ElementHandle<HTMLInputElement>;
  await file.uploadFile(dataPath("photos", "pizza.jpg"));
  await waitForText(page, "#answers li", /^pizza, pizza pie: \d+\.\d %$/);
  assert.equal(await page.$$eval("#answers li", (items) => items.length), 5);
  assert.match(await text(page, "#latency"), /^\d+\.\d ms$/);

  await file.uploadFile(dataPath("photos", "goldfish.jpg"));
  await waitForText(page, "#answers li", /^goldfish/);

  await file.uploadFile(dataPath("labels", "imagenet1000.txt"));
  await waitForText(page, "#error", /imagenet1000\.txt is not a picture/);

  // The camera: frame after frame, with the page free in between, until it is stopped.
  await page.click("#camera");
  await waitForText(page, "#camera", /^Stop the camera$/);
  await page.waitForFunction(
    (before) => document.querySelector("#answers li")?.textContent !== before,
    {},
    await text(page, "#answers li"),
  );
  assert.equal(await text(page, "#error"), "");
  await page.click("#camera");
  await waitForText(page, "#camera", /^Use the camera$/);
}

export function testBrowser(name: BrowserName): void {
  if (needsData !== false) test(name, { skip: needsData }, () => {});
  else {
    hostTest(
      `${name}: the example page says what is in a photo`,
      () => browser(name),
      async (t, host) => {
        t.after(() => host.close());
        const files = [dataPath("models", "squeezenet1_1.onnx"), dataPath("labels", "imagenet1000.txt")];
        const server = await startServer(process.execPath, ["examples/web/serve.js", ...files, "0"], root, /(http:\S+)/);
        t.after(() => server.stop());
        const page = await host.newPage();
        const failures: string[] = [];
        page.on("pageerror", (error) => failures.push(String(error)));
        await page.goto(server.found);
        await usePage(page);
        assert.deepEqual(failures, []);
      },
    );
  }

  const program = `import { createWorkerModel, loadModel, seedWeights } from "minnow";
    import { squeezenet } from "minnow/models";
    const graph = squeezenet({ version: "1.1", classes: 10 });
    const load = location.search === "?worker" ? createWorkerModel : loadModel;
    globalThis.result = load(graph, { weights: seedWeights(graph) }).then(
      ({ inputs }) => ({ value: inputs[0].name }),
      ({ name, message }) => ({ error: { name, message } }),
    );`;
  hostTest(
    `${name}: content security policies and missing files`,
    () => browser(name),
    async (t, host) => {
      t.after(() => host.close());
      const folder = await workplace();
      writeFileSync(join(folder, "page.js"), program);
      const base = await installed();
      const script = `${folder.slice(base.length)}/page.js`;
      /** What a page gives in such circumstances. */
      const loaded = async (site: Partial<Site>, query = "") => {
        const server = await serve({ folder: base, pages: { "/page/": html(script) }, ...site });
        try {
          return await rawResultOf(host, `${server.url}page/${query}`);
        } finally {
          server.close();
        }
      };
      const policy = (sources: string) => {
        const hash = createHash("sha256").update(importMap).digest("base64");
        return {
          headers: {
            "content-security-policy": `default-src 'self'; script-src 'self' 'sha256-${hash}' ${sources}; img-src data:`,
          },
        };
      };
      const refused = async (site: Partial<Site>, message: RegExp, query?: string) => {
        const result = await loaded(site, query);
        assert.ok("error" in result, JSON.stringify(result));
        assert.equal(result.error.name, "HostError", result.error.message);
        assert.match(result.error.message, message);
      };
      const page = "<!doctype html><title>Welcome</title>";
      for (const query of ["", "?worker"]) {
        assert.deepEqual(await loaded(policy("'wasm-unsafe-eval'"), query), { value: "input" });
        await refused(policy(""), /content security policy forbids WebAssembly[\s\S]*'wasm-unsafe-eval'/, query);
        await refused(answering(/\.wasm$/, 200, page), /strict\.wasm is a web page, not WebAssembly[\s\S]*minnow\/inline/, query);
        await refused(answering(/\.wasm$/, 404, page), /strict\.wasm: 404/, query);
        // Any content type will do, and one engine of the two.
        assert.deepEqual(await loaded(answering(/relaxed\.wasm$/, 404, page), query), { value: "input" });
      }
      await refused(answering(/worker-web\.js$/, 404, page), /worker has ended[\s\S]*worker-web\.js/, "?worker");
      await refused(answering(/worker-web\.js$/, 200, page), /worker has ended[\s\S]*worker-web\.js/, "?worker");
    },
  );
}
