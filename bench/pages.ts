// The benches of models and kernels in a page of a headless browser.
import { type BrowserName, launchBrowser } from "./browser.ts";
import type { KernelsOptions, KernelsResult } from "./kernels.ts";
import type { ModelsOptions, ModelsResult, Progress } from "./models.ts";
import type { Page } from "./page.ts";
import { compiled, root } from "./root.ts";
import { serve } from "./server.ts";

/** What the page's modules import by name. tfjs' file for browsers names modules of Node that it does not use there. */
const imports = {
  "#host": "/dist/web/runtime/host-web.js",
  pbf: "/node_modules/pbf/index.js",
  "onnxruntime-web": "/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
  "@tensorflow/tfjs-core": "/node_modules/@tensorflow/tfjs-core/dist/tf-core.fesm.min.js",
  "@tensorflow/tfjs-backend-wasm": "/node_modules/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.fesm.min.js",
  "@litertjs/core": "/node_modules/@litertjs/core/dist/index.js",
  "@litertjs/wasm-utils": "/node_modules/@litertjs/wasm-utils/dist/index.js",
  flatbuffers: "/node_modules/flatbuffers/mjs/flatbuffers.js",
  ...Object.fromEntries(["fs", "path", "perf_hooks", "os"].map((name) => [name, "data:text/javascript,export default {}"])),
};

const html = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/build/bench/page.js"></script>
`;

/** Builds are those that the browser has, unless one is named. */
type InBrowser<Options extends { builds: unknown }> = Omit<Options, "builds"> & Partial<Pick<Options, "builds">>;

export interface PageOptions {
  readonly models: InBrowser<ModelsOptions>;
  readonly kernels: InBrowser<KernelsOptions>;
}

export interface PageResult {
  readonly browser: string;
  readonly models: ModelsResult;
  readonly kernels: KernelsResult;
}

/** @throws Error where there is no such browser, or the bench is not compiled */
export async function benchPage(name: BrowserName, { models, kernels }: PageOptions, progress: Progress): Promise<PageResult> {
  compiled("bench/page.js");
  const server = await serve({ folder: root, pages: { "/": html } });
  const browser = await launchBrowser(name).catch((error) => {
    server.close();
    throw error;
  });
  try {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error instanceof Error ? error.message : String(error)));
    await page.exposeFunction("minnowStep", progress.step);
    await page.goto(server.url);
    try {
      await page.waitForFunction(() => "minnowBench" in globalThis, { timeout: 30_000 });
    } catch (error) {
      throw new Error(`the page did not start: ${failures.join("; ")}`, { cause: error });
    }
    const hasRelaxed = await page.evaluate(() => (globalThis as unknown as Page).minnowBench.hasRelaxed());
    const builds = hasRelaxed ? (["strict", "relaxed"] as const) : (["strict"] as const);
    return {
      browser: (await browser.version()).replace("Chrome/", "Chromium ").replace("firefox/", "Firefox "),
      kernels: await page.evaluate((options) => (globalThis as unknown as Page).minnowBench.kernels(options), {
        builds,
        ...kernels,
      }),
      models: await page.evaluate((options) => (globalThis as unknown as Page).minnowBench.models(options), {
        builds,
        ...models,
      }),
    };
  } finally {
    await browser.close();
    server.close();
  }
}
