import assert from "node:assert/strict";
import { test } from "node:test";
import { v8Version } from "../../src/runtime/host-node.ts";
import { v8Version as versionInPages } from "../../src/runtime/host-web.ts";
import { likesLongTiles } from "../../src/runtime/long-tiles.ts";

test("long tiles are for V8 from 13.6 on", () => {
  for (const version of [136, 146, Number.POSITIVE_INFINITY]) assert.equal(likesLongTiles(version), true, String(version));
  for (const version of [113, 124, 129, Number.NaN, undefined]) assert.equal(likesLongTiles(version), false, String(version));
});

test("V8's version in Node", () => {
  const [major, minor] = process.versions.v8.split(".");
  assert.equal(v8Version(), Number(major) * 10 + Number(minor));
});

test("V8's version in pages", (t) => {
  const pretend = (userAgent: string | undefined) =>
    Object.defineProperty(globalThis, "navigator", { value: userAgent && { userAgent }, configurable: true });
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  t.after(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  });
  const webKit = "(KHTML, like Gecko)";
  pretend(`Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${webKit} HeadlessChrome/156.0.0.0 Safari/537.36`);
  assert.equal(versionInPages(), 156);
  pretend("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0");
  assert.equal(versionInPages(), Number.NaN);
  pretend(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ${webKit} Version/18.4 Safari/605.1.15`);
  assert.equal(versionInPages(), Number.NaN);
  pretend(undefined);
  assert.equal(versionInPages(), Number.NaN);
});
