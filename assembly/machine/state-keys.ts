// Paths and commitments of state values (docs/formats.md section 7) as host calls and phases need them.
import { sha256, sha256Pair } from "./sha256";

export const CLASS_ACCOUNT: u8 = 0;
export const CLASS_STORAGE: u8 = 1;
export const CLASS_SYSTEM: u8 = 2;

/** The last path that was made. */
export const PATH: usize = memory.data(32, 8);
/** class ‖ address ‖ key. */
const KEY: usize = memory.data(56, 8);
const NO_KEY: usize = memory.data(32, 8);
/** System keys: ASCII, zero-padded. */
const KEY_LOCK: usize = memory.data<u8>([
  0x6c, 0x6f, 0x63, 0x6b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0,
]);
const KEY_CODE: usize = memory.data<u8>([
  0x63, 0x6f, 0x64, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0,
]);
/** The account of prepare, 0x…01. */
const SYSTEM: usize = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
/** Storage key of the prepare rules, as the system keys are made. */
const KEY_RULES: usize = memory.data<u8>([
  0x70, 0x72, 0x65, 0x70, 0x61, 0x72, 0x65, 0x2e, 0x72, 0x75, 0x6c, 0x65, 0x73, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const PREIMAGE: usize = memory.data(64, 8);

/** Makes the path of a 32-byte key of an address. */
export function makePath(stateClass: u8, address: usize, key: usize): void {
  store<u8>(KEY, stateClass);
  memory.copy(KEY + 1, address, 20);
  memory.copy(KEY + 21, key, 32);
  sha256(KEY, 53, PATH);
}

export function accountPath(address: usize): void {
  makePath(CLASS_ACCOUNT, address, NO_KEY);
}

export function lockPath(address: usize): void {
  makePath(CLASS_SYSTEM, address, KEY_LOCK);
}

export function codePath(address: usize): void {
  makePath(CLASS_SYSTEM, address, KEY_CODE);
}

/** The path under which prepare finds its rules. */
export function prepareRulesPath(): void {
  makePath(CLASS_STORAGE, SYSTEM, KEY_RULES);
}

/** Commitment of a value from its chunk root and length; outputs may overlap inputs. */
export function valueCommitment(root: usize, length: u32, out: usize): void {
  memory.copy(PREIMAGE, root, 32);
  memory.fill(PREIMAGE + 32, 0, 28);
  store<u32>(PREIMAGE, bswap<u32>(length), 60);
  sha256Pair(PREIMAGE, out);
}
