// Serves the page beside it: node examples/web/serve.js MODEL.onnx LABELS.txt [PORT]
// With a strict content security policy, to show that 'wasm-unsafe-eval' is all that Minnow needs of it.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const [model, labels, port = "8080"] = process.argv.slice(2);
if (labels === undefined) {
  console.error("usage: node examples/web/serve.js MODEL.onnx LABELS.txt [PORT]");
  process.exit(2);
}

const root = new URL("../../", import.meta.url);
const page = await readFile(new URL("index.html", import.meta.url), "utf8");
// An import map is a script in the page, which the policy allows by its hash.
const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(page)[1];
const hash = createHash("sha256").update(map).digest("base64");
const policy = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; img-src 'self' data:`;

const types = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".wasm": "application/wasm" };
const files = { "/examples/web/model.onnx": model, "/examples/web/labels.txt": labels };

const server = createServer(async ({ url }, response) => {
  const { pathname } = new URL(url, "http://localhost");
  if (pathname === "/") return response.writeHead(302, { location: "/examples/web/" }).end();
  const path = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
  try {
    if (!/^\/(examples\/web|dist|node_modules)\//.test(path)) throw new Error("not for pages");
    const bytes = await readFile(files[path] ?? fileURLToPath(new URL(`.${path}`, root)));
    response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream").end(bytes);
  } catch {
    response.writeHead(404, { "content-type": "text/html" }).end("<!doctype html><title>Not found</title>Not found");
  }
});
server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
