// Bundles of a program in a workplace, by each bundler as it is: without a configuration.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { html } from "./pages.ts";
import { output } from "./process.ts";
import { npmCommand, versions } from "./tools.ts";

export interface Bundler {
  /** Gets the bundler's command. */
  install(): Promise<string>;
  /**
   * @param folder a workplace that has the entry
   * @returns the folder of the built site, below the workplace
   */
  build(command: string, folder: string, entry: string): Promise<string>;
}

const buildVite: Bundler["build"] = async (command, folder, entry) => {
  writeFileSync(join(folder, "index.html"), html(`./${entry}`, ""));
  await output(command, ["build", "--outDir", "built-vite"], folder);
  return join(folder, "built-vite");
};

const buildWebpack: Bundler["build"] = async (command, folder, entry) => {
  const site = join(folder, "built-webpack");
  await output(command, ["--mode", "production", "--entry", `./${entry}`, "-o", site], folder);
  writeFileSync(join(site, "index.html"), html("./main.js", ""));
  return site;
};

/** esbuild copies no files beside code: its entry imports "minnow/inline". */
const buildEsbuild: Bundler["build"] = async (_, folder, entry) => {
  const site = join(folder, "built-esbuild");
  mkdirSync(site);
  writeFileSync(join(folder, "inline.js"), `import "minnow/inline";\nimport "./${entry}";\n`);
  await build({
    entryPoints: [join(folder, "inline.js")],
    outfile: join(site, "main.js"),
    bundle: true,
    format: "esm",
    logLevel: "error",
  });
  writeFileSync(join(site, "index.html"), html("./main.js", ""));
  return site;
};

export const bundlers = {
  vite: { install: () => npmCommand(versions.vite, "vite"), build: buildVite },
  webpack: { install: () => npmCommand(versions.webpack, "webpack"), build: buildWebpack },
  esbuild: { install: async () => "", build: buildEsbuild },
} as const satisfies Record<string, Bundler>;
