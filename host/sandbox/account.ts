// Account values as execution sees them: read, change, write through the overlay. The layout is
// docs/formats.md section 7; an account with nonce 0, balance 0 and no code is deleted.

import { keccak256 } from "../codec/keccak.ts";
import { EngineError } from "../errors.ts";
import type { Overlay } from "../state/overlay.ts";
import { ACCOUNT_KEY, StateClass, systemKey } from "../state/state-key.ts";

export const CODE_KEY = systemKey("code");
export const LOCK_KEY = systemKey("lock");

const ACCOUNT_BYTES = 64;
const LOCKED = Uint8Array.of(1);
const TWO_64 = 2n ** 64n;
const TWO_128 = 2n ** 128n;

export interface Account {
  readonly nonce: bigint;
  readonly balance: bigint;
  /** keccak of the code record; undefined where the account has no code. */
  readonly codeHash: Uint8Array | undefined;
}

const ABSENT: Account = { nonce: 0n, balance: 0n, codeHash: undefined };

/** Where account values are taken apart and put together: a view of their own would cost more than both. */
const scratch = new Uint8Array(ACCOUNT_BYTES);
const scratchView = new DataView(scratch.buffer);

function hasCode(bytes: Uint8Array): boolean {
  for (let i = 32; i < ACCOUNT_BYTES; i++) if (bytes[i] !== 0) return true;
  return false;
}

/** A parent state that nobody can have reached: only evidence with a made-up root has one. */
export function impossibleState(message: string): EngineError {
  return new EngineError({ code: "STATE_IMPOSSIBLE", message });
}

/**
 * Decodes the 64-byte account value. The code hash is a view of it.
 * @throws STATE_IMPOSSIBLE for a value of another length
 */
export function decodeAccount(bytes: Uint8Array): Account {
  if (bytes.length !== ACCOUNT_BYTES) {
    throw impossibleState(`got an account of ${bytes.length} bytes, expected ${ACCOUNT_BYTES}`);
  }
  scratch.set(bytes);
  const high = scratchView.getBigUint64(8);
  const low = scratchView.getBigUint64(16);
  return {
    nonce: scratchView.getBigUint64(0),
    balance: high === 0n ? low : high * TWO_64 + low,
    codeHash: hasCode(bytes) ? bytes.subarray(32) : undefined,
  };
}

/** Encodes the 64-byte account value, or undefined for an account that is deleted. */
export function encodeAccount(account: Account): Uint8Array | undefined {
  if (account.nonce === 0n && account.balance === 0n && account.codeHash === undefined) {
    return undefined;
  }
  const { nonce, balance, codeHash } = account;
  scratchView.setBigUint64(0, nonce);
  // Stored modulo 2^64; a balance that has an upper half is rare.
  scratchView.setBigUint64(8, balance < TWO_64 ? 0n : balance >> 64n);
  scratchView.setBigUint64(16, balance);
  const bytes = new Uint8Array(ACCOUNT_BYTES);
  for (let i = 0; i < 24; i++) bytes[i] = scratch[i]!;
  if (codeHash !== undefined) bytes.set(codeHash, 32);
  return bytes;
}

/** Reads an account whole; an absent one is all zero. Nobody may write to `address` during the block. */
export function readAccount(state: Overlay, address: Uint8Array): Account {
  return accountAt(state, state.placeOf(StateClass.account, address, ACCOUNT_KEY));
}

/** The account at a place. Taken apart once for each of its values: most are asked for again. */
function accountAt(state: Overlay, place: number): Account {
  const known = state.noteAt(place) as Account | undefined;
  if (known !== undefined) return known;
  const value = state.getAt(place);
  const account = value === undefined ? ABSENT : decodeAccount(value);
  state.setNote(place, account);
  return account;
}

/** Writes an account, or deletes it where nothing of it is left. Nobody may write to `address` during the block. */
export function writeAccount(state: Overlay, address: Uint8Array, account: Account): void {
  writeAt(state, state.placeOf(StateClass.account, address, ACCOUNT_KEY), account);
}

function writeAt(state: Overlay, place: number, account: Account): void {
  const bytes = encodeAccount(account);
  if (bytes === undefined) state.deleteAt(place);
  else state.setAt(place, bytes);
  // What does not fit was cut by encoding; then the bytes are what counts.
  if (fits(account)) state.setNote(place, account);
}

function fits({ nonce, balance }: Account): boolean {
  return nonce >= 0n && nonce < TWO_64 && balance >= 0n && balance < TWO_128;
}

/** Adds to a balance; what is taken away is negative, and its caller has checked that it is there. */
export function addBalance(state: Overlay, address: Uint8Array, amount: bigint): void {
  const place = state.placeOf(StateClass.account, address, ACCOUNT_KEY);
  const { nonce, balance, codeHash } = accountAt(state, place);
  writeAt(state, place, { nonce, balance: balance + amount, codeHash });
}

/** Moves `value`; the caller has checked the balance. Equal addresses leave the account as it is. */
export function moveValue(state: Overlay, from: Uint8Array, to: Uint8Array, value: bigint): void {
  addBalance(state, from, -value);
  addBalance(state, to, value);
}

/** The code record of an account that has code. */
export function readCodeRecord(state: Overlay, address: Uint8Array): Uint8Array | undefined {
  return state.getAt(state.placeOf(StateClass.system, address, CODE_KEY));
}

/**
 * Gives `self` the code of `source`, by the steps of the host call `upgrade` and in their order; false and
 * nothing changed where `source` has none. A record in state came out of prepare, so it may run anywhere.
 */
export function takeCodeOf(state: Overlay, self: Uint8Array, source: Uint8Array): boolean {
  const record = readCodeRecord(state, source);
  if (record === undefined) return false;
  state.set(StateClass.system, self, CODE_KEY, record);
  writeAccount(state, self, { ...readAccount(state, self), codeHash: keccak256(record) });
  return true;
}

export function isLocked(state: Overlay, address: Uint8Array): boolean {
  return state.open(StateClass.system, address, LOCK_KEY) !== undefined;
}

export function setLock(state: Overlay, address: Uint8Array): void {
  state.setAt(state.placeOf(StateClass.system, address, LOCK_KEY), LOCKED);
}

export function deleteLock(state: Overlay, address: Uint8Array): void {
  state.deleteAt(state.placeOf(StateClass.system, address, LOCK_KEY));
}
