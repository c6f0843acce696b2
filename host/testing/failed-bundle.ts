// Every failed call of a red test leaves a bundle that `plasma trace` and a colleague can look into. Files
// are written only when the test that is running fails: most failures in tests are expected ones. Knows
// vitest only where it is there; without it nothing is left.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { decodeBundle, encodeBundle } from "../chain/bundle.ts";
import { type DebugInfo, encodeDebug } from "../environment/environment.ts";

const FOLDER = ".plasma/failures";
/** Failed calls of one test that leave a file: the last ones. */
const KEPT_MAX = 8;

interface Kept {
  readonly write: () => void;
}

const kept: Kept[] = [];

/**
 * Sees to it that the bundle of a failed call is on disk if the running test fails, and that the test's error
 * says how to look into the last one. Does nothing outside of a test of vitest.
 */
export async function keepFailedBundle(
  call: string,
  bundle: Uint8Array,
  blockHash: string,
  debug: readonly DebugInfo[],
): Promise<void> {
  const name = call.replace(/[^\w.-]+/g, "-").slice(0, 80);
  const file = `${FOLDER}/${name}-${blockHash.slice(2, 10)}.bundle`;
  const entry: Kept = { write: () => writeBundle(file, bundle, debug) };
  try {
    const { onTestFailed } = await import("vitest");
    onTestFailed(({ task }) => {
      if (!kept.includes(entry)) return;
      entry.write();
      const error = task.result?.errors?.[0];
      if (error === undefined || kept.at(-1) !== entry) return;
      error.message += `\nlast failed call: plasma trace ${file} --tx 0`;
    });
  } catch {
    // No vitest, or no test of it is running: a hook, say.
    return;
  }
  kept.push(entry);
  if (kept.length > KEPT_MAX) kept.shift();
}

function writeBundle(file: string, bundle: Uint8Array, debug: readonly DebugInfo[]): void {
  const bytes = encodeBundle({ ...decodeBundle(bundle), debug: debug.map(encodeDebug) });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
