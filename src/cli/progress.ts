// A progress bar on stderr that goes well with lines on stdout, and only where someone watches.
import { Presets, SingleBar } from "cli-progress";

const saveCursor = "\x1b7";

export interface Progress {
  /** Prints a line to stdout, above the bar. */
  print(line: string): void;
  /** Prints a line to stderr, above the bar. */
  warn(line: string): void;
  /** One more of `total` is done; `next` is what comes now. */
  advance(next?: string): void;
  /** Removes the bar. */
  stop(): void;
}

/** @param total how many steps there are; there is no bar for a single one, nor where stderr is not a terminal */
export function startProgress(total: number): Progress {
  const stream = process.stderr;
  const bar = new SingleBar(
    { stream, format: "{bar} {value}/{total} {what}", clearOnComplete: true, hideCursor: true },
    Presets.rect,
  );
  const visible = stream.isTTY && total > 1;
  if (visible) bar.start(total, 0, { what: "" });
  const above = (print: () => void) => {
    if (visible) {
      stream.cursorTo(0);
      stream.clearLine(0);
    }
    print();
    // At the end the bar goes back to where the cursor was saved, and clears that line: it must be the bar's own.
    if (visible) stream.write(saveCursor);
  };
  return {
    print: (line) => above(() => console.log(line)),
    warn: (line) => above(() => console.error(line)),
    advance: (next = "") => visible && bar.increment({ what: next }),
    stop: () => visible && bar.stop(),
  };
}
