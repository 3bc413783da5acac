// The benches of models and kernels in headless Chromium.
import { execFileSync } from "node:child_process";
import { chromium as browsers } from "playwright-core";
import type { KernelsOptions, KernelsResult } from "./kernels.ts";
import type { ModelsOptions, ModelsResult, Progress } from "./models.ts";
import type { Page } from "./page.ts";
import { compiled } from "./root.ts";
import { serve } from "./server.ts";

const flags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Builds are those that the browser has, unless one is named. */
type InBrowser<Options extends { builds: unknown }> = Omit<Options, "builds"> & Partial<Pick<Options, "builds">>;

export interface ChromiumOptions {
  readonly models: InBrowser<ModelsOptions>;
  readonly kernels: InBrowser<KernelsOptions>;
}

export interface ChromiumResult {
  readonly browser: string;
  readonly models: ModelsResult;
  readonly kernels: KernelsResult;
}

/** @throws Error where there is no Chromium, or the bench is not compiled */
export async function benchChromium({ models, kernels }: ChromiumOptions, progress: Progress): Promise<ChromiumResult> {
  compiled("bench/page.js");
  const executablePath = process.env.CHROMIUM ?? findChromium();
  const server = await serve();
  const browser = await browsers.launch({ executablePath, args: flags });
  try {
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.exposeFunction("minnowStep", progress.step);
    await page.goto(server.url);
    try {
      await page.waitForFunction(() => "minnowBench" in globalThis, undefined, { timeout: 30_000 });
    } catch (error) {
      throw new Error(`the page did not start: ${failures.join("; ")}`, { cause: error });
    }
    const hasRelaxed = await page.evaluate(() => (globalThis as unknown as Page).minnowBench.hasRelaxed);
    const builds = hasRelaxed ? (["strict", "relaxed"] as const) : (["strict"] as const);
    return {
      browser: `Chromium ${browser.version()}`,
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

function findChromium(): string {
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {}
  }
  throw new Error("there is no Chromium: `apt-get install chromium` gets one; CHROMIUM=/path/to/it names another");
}
