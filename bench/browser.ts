// Headless browsers, for the bench and for the tests that start real hosts.
import { execFileSync } from "node:child_process";
import { type Browser, launch } from "puppeteer-core";

const chromiumFlags = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  // A camera that shows a test picture, and that pages may use.
  ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
];
const firefoxPreferences = { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true };

/** What each browser may be called; CHROMIUM and FIREFOX name other ones. */
const commands = {
  chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
  firefox: ["firefox-esr", "firefox"],
} as const;

export type BrowserName = keyof typeof commands;

/** The path of a browser, if there is one. */
export function findBrowser(name: BrowserName): string | undefined {
  const given = process.env[name.toUpperCase()];
  if (given !== undefined) return given;
  for (const command of commands[name]) {
    try {
      return execFileSync("which", [command], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {}
  }
  return undefined;
}

/** @throws Error where there is no such browser */
export async function launchBrowser(name: BrowserName): Promise<Browser> {
  const executablePath = findBrowser(name);
  if (executablePath === undefined) {
    const debian = commands[name][0];
    throw new Error(
      `there is no ${name}: \`apt-get install ${debian}\` gets one; ${name.toUpperCase()}=/path/to/it names another`,
    );
  }
  // What is evaluated in a page may take minutes.
  const common = { executablePath, headless: true, protocolTimeout: 0 };
  if (name === "firefox") return launch({ ...common, browser: "firefox", extraPrefsFirefox: firefoxPreferences });
  return launch({ ...common, browser: "chrome", args: chromiumFlags });
}
