// One end of the connection between a model's owner and the worker that runs it, alike for pages and Node.

export interface Port {
  post(message: unknown, transfer: Transferable[]): void;
  /** `failed` hears of what ends the worker: a script that does not load, an error nobody caught, an exit. */
  listen(received: (message: unknown) => void, failed: (error: Error) => void): void;
  /** Whether what is awaited of the worker keeps the process alive. Pages have no such thing. */
  keepAlive(alive: boolean): void;
  /** Ends the worker. */
  close(): void;
}

/** What a page's Worker and a worker's own global scope have in common. */
type WebPort = Pick<Worker, "postMessage" | "addEventListener"> & { terminate?(): void };

/** The port of a Worker, or within one, of its owner. */
export function webPort(worker: WebPort): Port {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(received, failed) {
      worker.addEventListener("message", ({ data }) => received(data));
      worker.addEventListener("messageerror", () => failed(new Error("a message could not be read")));
      worker.addEventListener("error", ({ message }) => failed(new Error(message || "its script cannot be loaded")));
    },
    keepAlive: () => {},
    close: () => worker.terminate?.(),
  };
}
