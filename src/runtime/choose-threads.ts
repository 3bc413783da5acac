// How many threads there can be, and why no more.
import { processors } from "#host";
import { OptionError } from "../errors.ts";
import { MAX_PARTS } from "../plan/encode.ts";

/** So many threads, or as many as the host has cores to give. */
export type ThreadsChoice = number | "auto";

/** Threads beyond these gain little, and processors that share a core are counted as two. */
const MOST_AUTOMATIC = 8;

/**
 * How many threads there will be, where more than one are asked for.
 * @param supplied whether the engine is one that the caller supplied
 * @returns with a reason where they are fewer than asked for
 * @throws OptionError where `asked` is no number of threads
 */
export function chooseThreads(asked: ThreadsChoice, supplied: boolean): { readonly threads: number; readonly reason?: string } {
  if (asked !== "auto" && !(Number.isInteger(asked) && asked >= 1 && asked <= MAX_PARTS)) {
    throw new OptionError(`threads must be "auto" or a whole number in 1…${MAX_PARTS}, got ${JSON.stringify(asked)}`);
  }
  const cores = processors();
  const one = (reason: string) => ({ threads: 1, reason });
  if (cores === 0) return one("this host has no workers");
  if (typeof SharedArrayBuffer === "undefined" || (globalThis.crossOriginIsolated === false && "document" in globalThis)) {
    return one(
      "this page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp",
    );
  }
  if (supplied) return one("the engine was supplied by the caller or by minnow/inline; only the package's own have threads");
  if (cores === 1) return one("this machine has one core");
  const wanted = asked === "auto" ? Math.min(cores, MOST_AUTOMATIC) : asked;
  return wanted <= cores ? { threads: wanted } : { threads: cores, reason: `this machine has ${cores} cores` };
}
