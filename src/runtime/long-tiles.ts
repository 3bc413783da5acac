// Whether this host's compiler is good at the relaxed build's long tiles (assembly/kernels/panel-long.ts), from measurements of the
// kernel alone, GFLOP/s on x86-64 with and without them:
//
//   V8 14.6 (Node 26)  66 54     Chromium 156  65 53     V8 12.9 (Node 23)  43 60     Firefox 153      45 56
//   V8 13.6 (Node 24)  66 57     Deno 2.9      41 36     V8 12.4 (Node 22)   7 60     Bun 1.4 (JSC)    32 33
//
// A timing at start-up would tell nothing: engines begin in a fast compiler's slow code, and replace it while the model runs.

/** The first of these, V8 13.6, in Chromium's numbers: V8's major and minor version without the dot. */
const FIRST = 136;

/** @param version of V8, as Chromium numbers it; undefined or NaN for another compiler */
export const likesLongTiles = (version: number | undefined): boolean => version !== undefined && version >= FIRST;
