// Gas of every call that succeeded, a line each, for the gas snapshot of `plasma test`: workers of vitest append
// to one file, which the command reads when all have ended. Random calls are left out: their gas differs
// from run to run.
import { appendFileSync } from "node:fs";

/** Names the file that workers append to; absent: nothing is written. */
export const GAS_LOG_VARIABLE = "PLASMA_GAS_LOG";

let silent = 0;

/** Notes what a call of `method` used, such as `Token.transfer`. */
export function noteGas(method: string, gas: bigint): void {
  const file = process.env[GAS_LOG_VARIABLE];
  // Short appends to one file do not mix.
  if (file !== undefined && silent === 0) appendFileSync(file, `${method}\t${gas}\n`);
}

/** Runs `work` without noting gas. */
export async function withoutGasLog<T>(work: () => Promise<T>): Promise<T> {
  silent += 1;
  try {
    return await work();
  } finally {
    silent -= 1;
  }
}
