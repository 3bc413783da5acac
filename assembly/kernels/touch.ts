// Asking early for what another core has just written.

/** Brings `bytes` at p into the caches. */
function touch(p: usize, bytes: isize): void {
  const end = <isize>p + bytes;
  // A load whose result is dropped still happens, as it could trap.
  for (; <isize>p < end; p += 64) load<i32>(p);
}

/** Whether other threads compute at the same time, each on its own core. */
let together: bool = false;

export function setTogether(value: bool): void {
  together = value;
}

/**
 * Where several threads compute: brings rows [from, to) of `planes` planes, `rowBytes` each, here from the caches of the cores that
 * have just written them. With two threads googlenet takes 3 % less time, resnet18 5.
 */
export function touchRows(src: usize, pitch: usize, planes: i32, rowBytes: i32, from: i32, to: i32): void {
  if (!together) return;
  for (let p = src + from * rowBytes; planes > 0; --planes, p += pitch) touch(p, (to - from) * rowBytes);
}
