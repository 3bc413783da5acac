// What packing and the kernel must agree on: points along a tile, and in which order the phases of a stride lie.

/** Points along a row of a tile with so many products. */
// @ts-ignore: decorator
@inline
export function pointsAcross(products: i32): i32 {
  if (products == 9) return 3;
  if (products == 16) return 4;
  return products == 49 ? 7 : 6;
}

/**
 * Where the phase of every s-th row from `row`, every s-th column from `column` lies among the s² phases.
 *
 * Of the phases only the first `fullRows` have r rows and the first `fullColumns` r columns; the others have one less, so the
 * point ∞, which takes nothing but the r-th, gives zero. Lest those zeros be multiplied, the phases with r rows come first, and
 * those with r columns one behind the other: full rows alone, both, full columns alone, neither.
 */
// @ts-ignore: decorator
@inline
export function phaseIndex(row: i32, column: i32, s: i32, fullRows: i32, fullColumns: i32): i32 {
  const part = s - fullColumns;
  if (row < fullRows)
    return column < fullColumns ? fullRows * part + row * fullColumns + column : row * part + column - fullColumns;
  const below = row - fullRows;
  return column < fullColumns
    ? fullRows * s + below * fullColumns + column
    : (fullRows + fullColumns) * s - fullRows * fullColumns + below * part + column - fullColumns;
}
