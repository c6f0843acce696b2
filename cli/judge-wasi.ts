// The judge as a WASI command in a runtime that is not ours: Wasmer, compiled to WebAssembly, from the
// optional package @wasmer/sdk (docs/decisions/0022-one-file-verifier.md says why optional). The proof goes
// to the command's stdin and its one line comes back; nothing else of the machine is given to it.
import { fromHex, type Hex, toHex } from "../host/codec/hex.ts";
import { AssertionError, EngineError } from "../host/errors.ts";
import { RejectionCode } from "../host/outcome.ts";
import { judgeModule } from "../host/verify/judge-module.ts";

/** State hash after the step, or why the proof is refused. */
export type WasiVerdict = { readonly post: Hex } | { readonly rejected: RejectionCode };

/** The judge in one Wasmer; `close` ends its threads. */
export interface WasiJudge {
  /** Judges the proof of a step from the state with hash `pre`. */
  judge(pre: Hex, proof: Uint8Array): Promise<WasiVerdict>;
  close(): Promise<void>;
}

/** Exit codes of the command: the line is a state hash, or a rejection. */
const JUDGED = 0;
const REFUSED = 1;

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
    async judge(pre, proof) {
      const stdin = new Uint8Array(32 + proof.length);
      stdin.set(fromHex(pre, 32));
      stdin.set(proof, 32);
      const run = await sandbox.command(command).run({ stdin, check: false });
      return verdictOf(run.exitCode, new TextDecoder().decode(run.stdout.bytes));
    },
    async close() {
      await sandbox.close();
      await wasmer.close();
    },
  };
}

function verdictOf(exitCode: number, stdout: string): WasiVerdict {
  const line = stdout.trimEnd();
  if (exitCode === JUDGED) return { post: toHex(fromHex(line, 32)) };
  const rejected = RejectionCode[line as keyof typeof RejectionCode];
  if (exitCode === REFUSED && rejected !== undefined) return { rejected };
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
