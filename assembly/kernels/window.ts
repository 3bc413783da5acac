// Windows that stick out of the image: which taps of a window lie inside. Convolutions and pools visit only those, so no
// padded copy of an image is made.

/** The first tap whose position `start + tap·dilation` is ≥ 0. */
// @ts-ignore: decorator
@inline
export function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** One past the last of `taps` taps whose position `start + tap·dilation` is < size. */
// @ts-ignore: decorator
@inline
export function endTap(start: i32, dilation: i32, size: i32, taps: i32): i32 {
  const room = size - start;
  return room <= 0 ? 0 : min(taps, (room + dilation - 1) / dilation);
}
