// Giving the thread back for a moment: events, timers, answers and painting come first, then what awaits this.

interface Host {
  readonly scheduler?: { yield?(): Promise<void> };
  readonly setImmediate?: (then: () => void) => void;
}

/** Not setTimeout where it can be helped: pages make the fifth and later ones wait for 4 ms. */
export function yieldToHost(): Promise<void> {
  const { scheduler, setImmediate } = globalThis as unknown as Host;
  if (typeof scheduler?.yield === "function") return scheduler.yield();
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else if (typeof MessageChannel === "function") {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    } else setTimeout(resolve);
  });
}
