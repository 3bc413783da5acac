// Threads in every host that has them: two give the bits of one, and end; and pages that may not share memory say why not.
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { type Site, serve } from "../../bench/server.ts";
import { installed, workplace } from "./installed.ts";
import { answering, browser, html, resultOf } from "./pages.ts";
import { output } from "./process.ts";
import { hostTest, programHosts } from "./tools.ts";

interface Outcome {
  readonly threads: number;
  readonly reason: string;
  readonly same: boolean;
}

const folder = workplace("tests/hosts/programs/threads.js");
const cores = availableParallelism();
const expected: Outcome = { threads: Math.min(2, cores), reason: cores === 1 ? "this machine has one core" : "", same: true };

for (const [host, get, args] of programHosts) {
  hostTest(`${host}: two threads, also within a worker`, get, async (_, command) => {
    for (const how of ["main", "worker"]) {
      const text = await output(command, [...args, "threads.js", how], await folder);
      assert.deepEqual(JSON.parse(text), expected, how);
    }
  });
}

for (const name of ["chromium", "firefox"] as const) {
  hostTest(
    `${name}: two threads, in a page and within a worker; none without isolation`,
    () => browser(name),
    async (t, host) => {
      t.after(() => host.close());
      const base = await installed();
      const script = `${(await folder).slice(base.length)}/threads.js`;
      const outcome = async (query: string, site: Partial<Site> = {}): Promise<Outcome> => {
        const server = await serve({ folder: base, pages: { "/page/": html(script) }, ...site });
        try {
          return await resultOf<Outcome>(host, `${server.url}page/?${query}`);
        } finally {
          server.close();
        }
      };
      for (const how of ["page", "worker"]) assert.deepEqual(await outcome(how), expected, how);
      if (cores > 1) {
        const parts: [RegExp, RegExp][] = [
          [/\/several-threads-\w{8}\.js$/, /part of Minnow's code did not load/],
          [/\/thread-web\.js$/, /a thread did not start/],
        ];
        for (const [missing, why] of parts) {
          const { threads, reason, same } = await outcome("page", answering(missing, 404, ""));
          assert.deepEqual({ threads, same }, { threads: 1, same: true }, `${missing}`);
          assert.match(reason, why);
        }
      }
      for (const how of ["page", "worker"]) {
        const { threads, reason, same } = await outcome(how, { headers: { "Cross-Origin-Opener-Policy": "unsafe-none" } });
        assert.deepEqual({ threads, same }, { threads: 1, same: true }, how);
        assert.match(reason, /not cross-origin isolated.*Cross-Origin-Embedder-Policy: require-corp/, how);
      }
    },
  );
}
