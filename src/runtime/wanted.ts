// Code of this package that is loaded when it is wanted.
import { HostError } from "../errors.ts";

/**
 * What `import()` gives.
 * @throws HostError where the code does not come
 */
export async function wanted<T>(code: Promise<T>): Promise<T> {
  try {
    return await code;
  } catch (error) {
    throw new HostError(`a part of Minnow's code did not load: ${(error as Error).message}`, "serve all of its files", {
      cause: error,
    });
  }
}
