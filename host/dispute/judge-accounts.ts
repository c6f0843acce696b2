// Account values in state steps (docs/formats.md section 7): 64 bytes, nonce ‖ balance ‖ zeros ‖ code record
// hash. One that is written with nothing in it is deleted. A balance that no run reaches is STUCK.
import type { StepAccess } from "./judge-access.ts";
import { concat, isZero, numberBytes, readBig } from "./judge-bytes.ts";
import { accountPath, StatePath } from "./judge-paths.ts";
import { STUCK } from "./judge-rejection.ts";

export interface Account {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** Zero where the account has no code. */
  readonly codeHash: Uint8Array;
}

/** An account that a step has opened. */
export interface OpenedAccount extends Account {
  readonly path: StatePath;
}

/** The account that a path shows; all zero where it is absent. */
export function accountOf(path: StatePath): Account {
  const value = path.value ?? new Uint8Array(64);
  return {
    nonce: readBig(value, 0, 8),
    balance: readBig(value, 8, 16),
    codeHash: value.subarray(32),
  };
}

export function openAccount(access: StepAccess, address: Uint8Array): OpenedAccount {
  const path = StatePath.open(access, accountPath(address), "account");
  return { path, ...accountOf(path) };
}

export const hasCode = ({ codeHash }: Account): boolean => !isZero(codeHash);

/** Writes the opened account with some fields changed. */
export function writeAccount(
  access: StepAccess,
  opened: OpenedAccount,
  changes: Partial<Account>,
): void {
  const { path, nonce, balance, codeHash } = { ...opened, ...changes };
  if (balance < 0n || balance >= 2n ** 128n) throw STUCK;
  // A nonce counts modulo 2^64.
  const value = concat(
    numberBytes(8, nonce),
    numberBytes(16, balance),
    new Uint8Array(8),
    codeHash,
  );
  if (isZero(value)) path.delete(access);
  else path.setValue(access, value);
}
