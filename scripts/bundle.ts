// Sources to what is published: dist/src and dist/models for Node and its like and for workerd, dist/web for pages and whatever else
// there is, with the host chosen and nothing left to be found by name but files. Of both, one file for each entry point, one chunk of all
// that "minnow" is made of, and one for each part that is loaded when it is wanted: a file for each source would be about seventy to open
// or fetch before a first result, 27 ms more in Node (bench -- cold), and in a page without a bundler a request for each. Minified, since
// such a page downloads them as they are. Declarations, which tsc writes, stay apart.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { minify } from "terser";

const common = {
  bundle: true,
  minify: true,
  format: "esm",
  charset: "utf8",
  logLevel: "warning",
} as const satisfies BuildOptions;

const modules = [...["index", "inline", "formats/index", "image/index"].map((name) => `src/${name}`), "models/index"];
const runtime = ["worker", "thread", "host-node", "host-workerd"].map((name) => `src/runtime/${name}`);
const minnow = fileURLToPath(new URL("../src/index.ts", import.meta.url));

/** What starts in a thread, or is imported by "minnow" itself, and needs little of it. */
const small = /\/(thread|host-node|host-workerd)\.ts$/;

/**
 * Lets every other entry point, and every part that is loaded later, import "minnow" too. What entry points share would otherwise
 * be a chunk for each set of them that shares it: ten for a page, which compress to 2 KB more; in Node 7 ms before a first result.
 */
const whole: Plugin = {
  name: "whole",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir }) => {
      const begins = kind === "entry-point" || kind === "dynamic-import";
      return begins && !small.test(path) ? { path: join(resolveDir, path), namespace: "whole" } : undefined;
    });
    onResolve({ filter: /./, namespace: "whole" }, ({ path }) => ({ path, sideEffects: true }));
    onLoad({ filter: /./, namespace: "whole" }, ({ path }) => ({
      contents: `export * from ${JSON.stringify(path)}; import ${JSON.stringify(minnow)};`,
    }));
  },
};

await build({
  ...common,
  entryPoints: [...modules, ...runtime, "src/standalone/index", "src/cli/main"].map((entry) => `${entry}.ts`),
  outbase: ".",
  outdir: "dist",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  platform: "neutral",
  // Which host it is, and where modules of other packages and engines are, is decided where the package is used.
  packages: "external",
  external: ["#host", "*.wasm"],
  plugins: [whole],
});

const web: Plugin = {
  name: "web",
  setup({ onResolve }) {
    onResolve({ filter: /^#host$/ }, ({ resolveDir }) => ({ path: `${resolveDir}/host-web.ts` }));
    // A copy for who writes: of a module that is shared everybody gets all that anybody uses.
    onResolve({ filter: /^pbf$/ }, ({ importer }) => ({
      path: fileURLToPath(import.meta.resolve("pbf")),
      suffix: importer.endsWith("/protobuf-write.ts") ? "?write" : "",
    }));
  },
};

/** An enum's way back from a number to its name, as esbuild writes it. */
const enumName = /\b(\w+)\[(\1\.(\w+)=-?\d+)\]="\3"/g;

/**
 * A build that goes through a second minifier: what a page downloads is 4 % smaller for it, compressed. Functions stay what they are:
 * put where they are called, they compress worse, by 1 % of a page with a bundler; so do comparisons turned about, by 0.2. Enums lose
 * their names by number, which only src/standalone/ asks for: another 0.6 %.
 */
async function buildSmaller(options: BuildOptions): Promise<void> {
  const { outputFiles } = await build({ ...options, write: false });
  for (const { path, text } of outputFiles) {
    const { code } = await minify(text.replace(enumName, "$2"), {
      module: true,
      compress: { passes: 2, inline: false, reduce_funcs: false, lhs_constants: false, pure_getters: true },
    });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, code!);
  }
}

const forWeb = { ...common, outdir: "dist/web", platform: "browser" } as const satisfies BuildOptions;

await buildSmaller({
  ...forWeb,
  entryPoints: [...modules, "src/runtime/worker", "src/runtime/host-web"].map((entry) => ({
    in: `${entry}.ts`,
    out: entry.replace(/^src\//, ""),
  })),
  splitting: true,
  // As deep as the host's source, which looks for engines and workers beside itself.
  chunkNames: "runtime/[name]-[hash]",
  plugins: [web, whole],
});

// Workers' scripts whole: one file to serve, whatever the page's import map says.
await buildSmaller({
  ...forWeb,
  entryPoints: ["worker", "thread"].map((name) => ({ in: `src/runtime/${name}.ts`, out: `runtime/${name}-web` })),
  plugins: [web],
});
