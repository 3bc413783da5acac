// One of a model's threads: what threads.ts starts. It instantiates the engine over the model's memory, and sleeps in it until
// the model's owner has work.
import { v8Version, workerPort } from "#host";
import { likesLongTiles } from "./long-tiles.ts";
import type { ThreadReply, ThreadStart, ThreadsEngine } from "./threads.ts";

const port = workerPort();

async function start({ module, memory, control, part, spins }: ThreadStart): Promise<void> {
  const reply = (content: ThreadReply) => port.post(content, []);
  let engine: ThreadsEngine;
  try {
    engine = (await WebAssembly.instantiate(module, { env: { memory } })).exports as ThreadsEngine;
  } catch (error) {
    reply({ error: (error as Error).message });
    return;
  }
  if (likesLongTiles(v8Version())) engine.useLongTiles();
  reply({ ready: true });
  // Once the answer is on its way: from then on nothing here runs but the engine.
  setTimeout(() => engine.work(control, part, spins), 0);
}

port.listen(
  (message) => void start(message as ThreadStart),
  () => {},
);
