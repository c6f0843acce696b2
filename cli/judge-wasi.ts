// The judge as a WASI command in a runtime that is not ours: Wasmer, compiled to WebAssembly, from the
// optional package @wasmer/sdk (docs/decisions/0022-one-file-verifier.md says why optional). The file goes
// to the command's stdin and its one line comes back; nothing else of the machine is given to it.
import { fromHex } from "../host/codec/hex.ts";
import { AssertionError, EngineError } from "../host/errors.ts";
import type { StepVerdict } from "../host/machine/verify-step.ts";
import { RejectionCode } from "../host/outcome.ts";
import { judgeModule } from "../host/verify/judge-module.ts";

/** The judge in one Wasmer; `close` ends its threads. */
export interface WasiJudge {
  /** Judges a step proof file; undefined for other bytes. */
  judge(file: Uint8Array): Promise<StepVerdict | undefined>;
  close(): Promise<void>;
}

/** Exit codes of the command: the claim stands, nothing was shown, the claim is refuted. */
const STANDS = 0;
const UNUSABLE = 1;
const REFUTED = 3;
/** Its line for bytes that are no step proof file. */
const NO_FILE = "NO_STEP_PROOF";

/**
 * Starts Wasmer with the judge as its only command: no network, no folders, nothing kept on disk.
 * @throws JUDGE_WASI_MISSING when @wasmer/sdk is not installed or does not load
 */
export async function openWasiJudge(): Promise<WasiJudge> {
  const { Wasmer } = await loadSdk();
  const wasmer = new Wasmer({ cache: "memory" });
  const command = await wasmer.packages.load(judgeModule);
  const sandbox = await wasmer.sandboxes.create({
    packages: [command],
    network: { mode: "disabled" },
  });
  return {
    async judge(file) {
      const run = await sandbox.command(command).run({ stdin: file, check: false });
      return verdictOf(run.exitCode, new TextDecoder().decode(run.stdout.bytes));
    },
    async close() {
      await sandbox.close();
      await wasmer.close();
    },
  };
}

/** What the command said with its exit code and its line. */
export function verdictOf(exitCode: number, stdout: string): StepVerdict | undefined {
  const line = stdout.trimEnd();
  if (exitCode === UNUSABLE && line === NO_FILE) return undefined;
  if (exitCode === STANDS || exitCode === REFUTED) return { valid: true, post: fromHex(line, 32) };
  const rejection = RejectionCode[line as keyof typeof RejectionCode];
  if (exitCode === UNUSABLE && rejection !== undefined) return { valid: false, rejection };
  throw new AssertionError(
    `judge.wasm ended with exit code ${exitCode} and ${JSON.stringify(line)}`,
  );
}

async function loadSdk() {
  try {
    return await import("@wasmer/sdk/node");
  } catch (cause) {
    throw new EngineError({
      code: "JUDGE_WASI_MISSING",
      message: "@wasmer/sdk does not load",
      cause,
    });
  }
}
