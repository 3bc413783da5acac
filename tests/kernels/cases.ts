// Lists of cases: every combination of some values, or a seeded choice of combinations where there are too many.
import { random } from "../random.ts";

type Lists = Readonly<Record<string, readonly unknown[]>>;
type CaseOf<L extends Lists> = { readonly [Key in keyof L]: L[Key][number] };

/** Every combination of one value of each list. */
export function product<const L extends Lists>(lists: L): CaseOf<L>[] {
  let cases: Record<string, unknown>[] = [{}];
  for (const [key, values] of Object.entries(lists)) {
    cases = cases.flatMap((one) => values.map((value) => ({ ...one, [key]: value })));
  }
  return cases as CaseOf<L>[];
}

/** `count` combinations that `fits` accepts, each value drawn by chance from its list. */
export function sample<const L extends Lists>(
  count: number,
  seed: number,
  lists: L,
  fits: (one: CaseOf<L>) => boolean = () => true,
): CaseOf<L>[] {
  const next = random(seed);
  const cases: CaseOf<L>[] = [];
  while (cases.length < count) {
    const entries = Object.entries(lists).map(([key, values]) => [key, values[Math.floor(next() * values.length)]]);
    const one = Object.fromEntries(entries) as CaseOf<L>;
    if (fits(one)) cases.push(one);
  }
  return cases;
}

/** Channel counts around whole blocks of four, and the smallest. */
export const oddChannels = [1, 2, 3, 4, 5, 7, 8, 12, 13, 17] as const;
