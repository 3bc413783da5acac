// Pages in real browsers.
import { readFileSync } from "node:fs";
import type { Browser, Page } from "puppeteer-core";
import { type BrowserName, launchBrowser } from "../../bench/browser.ts";
import type { Site } from "../../bench/server.ts";
import { root, systemCommand } from "./tools.ts";

const debian = { chromium: "chromium", firefox: "firefox-esr" } as const;

/** Launches a browser, after installing it where it is missing. */
export async function browser(name: BrowserName): Promise<Browser> {
  if (process.env[name.toUpperCase()] === undefined) await systemCommand(debian[name], debian[name]);
  return launchBrowser(name);
}

/** The import map that docs/hosts.md tells pages to use. */
export const importMap = /<script type="importmap">\s*([\s\S]*?)<\/script>/.exec(
  readFileSync(`${root}docs/hosts.md`, "utf8"),
)![1];

/** A page that loads one module. */
export const html = (script: string, map = importMap): string => `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
${map === "" ? "" : `<script type="importmap">${map}</script>`}
<script type="module" src="${script}"></script>
`;

/** A site that answers so where a path ends so, whatever lies there. */
export const answering = (end: RegExp, status: number, content: string): Partial<Site> => ({
  intercept(path, response) {
    if (!end.test(path)) return false;
    response.writeHead(status, { "content-type": "text/html" }).end(content);
    return true;
  },
});

/**
 * How long a page may take for its result. Firefox 153 was once seen never to return from a worker's `new Worker`, and to wait without
 * end.
 */
const RESULT_MS = 180_000;

type Result = { value: unknown } | { error: { name: string; message: string } };

/**
 * Opens a page whose script promises a `result`, and waits for it.
 * @throws Error where the page does not load or its promise is of an error
 */
export async function resultOf<T>(browser: Browser, url: string): Promise<T> {
  const result = await rawResultOf(browser, url);
  if ("error" in result) throw new Error(`${url}: ${result.error.name}: ${result.error.message}`);
  return result.value as T;
}

/** The same, with an error as a result. */
export async function rawResultOf(browser: Browser, url: string): Promise<Result> {
  const page = await browser.newPage();
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(String(error)));
  page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  try {
    await page.goto(url);
    await page
      .waitForFunction(() => "result" in globalThis, { timeout: 30_000 })
      .catch((error) => {
        throw new Error(`${url} gave no result: ${error.message} ${failures.join("; ")}`);
      });
    const result = await page.evaluate(
      (ms) =>
        Promise.race([
          (globalThis as unknown as { result: Promise<Result> }).result,
          new Promise<undefined>((resolve) => setTimeout(resolve, ms)),
        ]),
      RESULT_MS,
    );
    if (result === undefined) throw new Error(`${url} gave no result in ${RESULT_MS / 1000} s`);
    return result;
  } finally {
    await page.close();
  }
}

export type { Browser, Page };
