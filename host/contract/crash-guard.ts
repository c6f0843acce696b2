// asc answers its own crash by printing a plea to the console and ending the process. Neither may happen to
// who embeds the build: for the time of one compilation both are replaced, and a crash is an exception.
// Sound because a compilation never waits for the event loop: nobody else's exit can fall into it.
import { EngineError } from "../errors.ts";

/** The terminal as asc writes to it. */
const terminal = console as unknown as { error(...values: unknown[]): void };

class CompilerExit extends Error {}

/**
 * Runs one compilation.
 * @throws BUILD_FAILED when the compiler crashes or overflows its stack
 */
export async function guardCrash<T>(entry: string, compile: () => Promise<T>): Promise<T> {
  const { exit } = process;
  const print = terminal.error;
  let told = "";
  process.exit = () => {
    throw new CompilerExit("the compiler ended the process");
  };
  terminal.error = (...values: unknown[]) => {
    told += `${values.map(String).join(" ")}\n`;
  };
  try {
    return await compile();
  } catch (error) {
    if (!(error instanceof CompilerExit) && !(error instanceof RangeError)) throw error;
    const stage = /crashed during (\w+)/.exec(told)?.[1] ?? "parsing";
    throw new EngineError({
      code: "BUILD_FAILED",
      message: `${entry} makes the AssemblyScript compiler crash during ${stage}`,
      where: { file: entry },
      hint: "look for a declaration that depends on itself or an expression nested thousands deep",
      details: { diagnostics: told.trim() },
      cause: error,
    });
  } finally {
    process.exit = exit;
    terminal.error = print;
  }
}
