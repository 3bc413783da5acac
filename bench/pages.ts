// The benches of models and kernels in a page of a headless browser.
import type { Build } from "../src/runtime/engine.ts";
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

export interface PageOptions {
  readonly models: Omit<ModelsOptions, "builds">;
  readonly kernels: Omit<KernelsOptions, "builds">;
  /** All that the browser has, where it is undefined. */
  readonly build: Build | undefined;
}

export interface PageResult {
  readonly browser: string;
  readonly models: ModelsResult;
  readonly kernels: KernelsResult;
}

/** @throws Error where there is no such browser, or the bench is not compiled */
export async function benchPage(
  name: BrowserName,
  { models, kernels, build }: PageOptions,
  progress: Progress,
): Promise<PageResult> {
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
    return {
      browser: (await browser.version()).replace("Chrome/", "Chromium ").replace("firefox/", "Firefox "),
      kernels: await page.evaluate((options) => (globalThis as unknown as Page).minnowBench.kernels(options), {
        ...kernels,
        build,
      }),
      models: await page.evaluate((options) => (globalThis as unknown as Page).minnowBench.models(options), { ...models, build }),
    };
  } finally {
    await browser.close();
    server.close();
  }
}
