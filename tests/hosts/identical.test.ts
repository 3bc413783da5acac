// The strict build's promise: the same bits on every host. Three trained networks look at one photo on each of them; the
// SHA-256 of what they say is printed for every host, and must be the same.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { markdownTable } from "markdown-table";
import { serve } from "../../bench/server.ts";
import { dataPath, needsData } from "../data.ts";
import { bundlers } from "./bundles.ts";
import { hostData, networks } from "./data.ts";
import { startEdge } from "./edge.ts";
import { installed, workplace } from "./installed.ts";
import { jscCommand, jscOutput } from "./jsc.ts";
import { browser, html, resultOf } from "./pages.ts";
import { output } from "./process.ts";
import { hostTest, npmCommand, programHosts, versions } from "./tools.ts";

type Outputs = Record<(typeof networks)[number], string>;

const rows: string[][] = [];
const reference = new Map<string, string>();
after(() => {
  console.log(`\nSHA-256 of the strict build's outputs\n\n${markdownTable([["host", ...networks], ...rows])}\n`);
});

/** Notes a host's outputs, and holds them against the first host's, Node's own. */
function compare(host: string, outputs: Outputs): void {
  const hashes = networks.map((name) => createHash("sha256").update(Buffer.from(outputs[name], "hex")).digest("hex"));
  rows.push([host, ...hashes.map((hash) => hash.slice(0, 16))]);
  for (const [i, name] of networks.entries()) {
    if (!reference.has(name)) reference.set(name, hashes[i]);
    assert.equal(hashes[i], reference.get(name), `${host}: ${name} differs in its bits`);
  }
}

const bytes = (hex: string) => Buffer.from(hex, "hex");
const floats = (hex: string) => new Float32Array(new Uint8Array(bytes(hex)).buffer);

if (needsData !== false) test("the same bits on every host", { skip: needsData }, () => {});
else {
  const data = hostData();
  const folder = workplace("tests/hosts/programs", "examples/jsc/page-functions.js");
  const programs = async () => join(await folder, "programs");

  test("this Node, where the photo is a pizza", async () => {
    const text = await output(process.execPath, ["command.js", data], await programs());
    const outputs: Outputs = JSON.parse(text);
    compare(`Node ${process.versions.node}`, outputs);
    const labels = readFileSync(dataPath("labels", "imagenet1000.txt"), "utf8").split("\n");
    for (const name of networks.slice(0, 2)) {
      const logits = floats(outputs[name]);
      assert.match(labels[logits.indexOf(Math.max(...logits))], /^pizza/, name);
    }
  });

  for (const [host, get, args] of programHosts) {
    hostTest(host, get, async (_, command) => {
      const cwd = await programs();
      const version = (await output(command, ["--version"], cwd)).match(/\d+\.\d+\.\d+/)?.[0];
      const name = `${host.split(" ")[0]} ${version}`;
      compare(name, JSON.parse(await output(command, [...args, "command.js", data], cwd)));
      if (host === "Node 22" || host === "Node 26") return;
      compare(`${name}, worker`, JSON.parse(await output(command, [...args, "command.js", data, "worker"], cwd)));
    });
  }

  const files = ["photo.rgb", ...networks.map((name) => `${name}.onnx`)];
  const pages = Object.fromEntries(files.map((file) => [`/data/${file}`, { file: join(data, file) }]));

  for (const name of ["chromium", "firefox"] as const) {
    hostTest(
      `${name}: a plain page, and a Web Worker`,
      () => browser(name),
      async (t, host) => {
        t.after(() => host.close());
        const path = (await programs()).slice((await installed()).length);
        const server = await serve({ folder: await installed(), pages: { ...pages, "/page/": html(`${path}/page.js`) } });
        t.after(() => server.close());
        const version = (await host.version()).replace("/", " ").replace("Chrome", "Chromium");
        compare(version, await resultOf(host, `${server.url}page/`));
        compare(`${version}, Web Worker`, await resultOf(host, `${server.url}page/?worker`));
      },
    );
  }

  for (const [name, bundler] of Object.entries(bundlers)) {
    hostTest(
      `${name}'s bundle in chromium`,
      async () => ({ command: await bundler.install(), host: await browser("chromium") }),
      async (t, { command, host }) => {
        t.after(() => host.close());
        const server = await serve({ folder: await bundler.build(command, await programs(), "page.js"), pages });
        t.after(() => server.close());
        compare(`Chromium, bundled by ${name}`, await resultOf(host, server.url));
        // esbuild does not see the worker: tests/hosts/bundlers.test.ts says what to do then.
        if (name === "esbuild") return;
        compare(`Chromium, bundled by ${name}, Web Worker`, await resultOf(host, `${server.url}?worker`));
      },
    );
  }

  const workerd = () => npmCommand(versions.workerd, "workerd");
  hostTest("workerd", workerd, async (t, command) => {
    hostData(join(await programs(), "data"));
    const edge = await startEdge(command, await programs(), "workerd.js");
    t.after(() => edge.stop());
    const response = await fetch(edge.url);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    compare(versions.workerd.replace("@", " "), JSON.parse(text));
  });

  hostTest("jsc, WebKit's engine", jscCommand, async (_, command) => {
    compare("JavaScriptCore (WebKitGTK)", JSON.parse(await jscOutput(command, await programs(), "jsc.js", [data])));
  });
}
