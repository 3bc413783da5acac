// Programs that tests start: commands that end, and servers that are ended.
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** This process' environment without what makes a child think that it is one of our tests. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, NODE_ENV: ___, ...env } = process.env;
  // Some tools colour what they print in continuous integration.
  return { ...env, NO_COLOR: "1" };
}

/** What a command prints. @throws Error with what it printed, where it fails or takes more than a minute */
export async function output(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    const { stdout } = await run(command, args, {
      cwd,
      env: { ...cleanEnvironment(), ...environment },
      maxBuffer: 2 ** 26,
      timeout: 60_000,
    });
    return stdout;
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout ?? ""}${stderr ?? ""}`.slice(0, 4000));
  }
}

export interface Server {
  /** What `ready` found. */
  readonly found: string;
  stop(): void;
}

/**
 * Starts a server and waits until it prints what `ready` matches.
 * @param ready its first group is `found`
 */
export function startServer(command: string, args: readonly string[], cwd: string, ready: RegExp): Promise<Server> {
  // A group of its own: commands of npm packages are often scripts that start the real program.
  const child = spawn(command, args, { cwd, env: cleanEnvironment(), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => {
    try {
      process.kill(-child.pid!);
    } catch {}
  };
  return new Promise((resolve, reject) => {
    let printed = "";
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${command} did not get ready:\n${printed}`));
    }, 30_000);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
        const match = ready.exec(printed);
        if (match === null) return;
        clearTimeout(timer);
        resolve({ found: match[1], stop });
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`${command} ended with code ${code}:\n${printed}`));
    });
  });
}
