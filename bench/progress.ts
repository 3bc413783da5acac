// A progress bar on stderr, where someone watches.
import { Presets, SingleBar } from "cli-progress";
import type { Progress } from "./models.ts";

/** Shows a bar while `work` reports its steps, and removes it then. */
export async function withBar<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const stream = process.stderr;
  if (!stream.isTTY) return work({ step: () => {} });
  const options = { stream, format: "{bar} {value}/{total} {what}", clearOnComplete: true, hideCursor: true };
  const bar = new SingleBar(options, Presets.rect);
  bar.start(1, 0, { what: "" });
  try {
    return await work({
      step(what, done, of) {
        bar.setTotal(of);
        bar.update(done, { what });
      },
    });
  } finally {
    bar.stop();
  }
}
