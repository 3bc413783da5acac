// What only several threads need before they start, as one part that is loaded when it is wanted.
export { Threading, verifyThreads } from "../plan/threading.ts";
export { chooseThreads } from "./choose-threads.ts";
