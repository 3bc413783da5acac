// What only several threads need, as one part that is loaded when it is wanted.
export { Threading, verifyThreads } from "../plan/threading.ts";
export { chooseThreads } from "./choose-threads.ts";
export { startThreads } from "./start-threads.ts";
