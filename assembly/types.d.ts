// The SDK as editors see it: the names of index.ts with their types, and the decorators, which are no
// functions at all but words that the build reads. Only for editors; asc never reads this file.
// A test compares the names with index.ts and checks the template against it.

declare global {
  /** The class that the file builds into a contract. */
  function contract(...target: any[]): any;
  /** Runs once, in the call that deploys the contract. */
  function init(...target: any[]): any;
  /** A method that transactions and other contracts call; `@call({ reentrant: true })` gives up the lock. */
  function call(...target: any[]): any;
  /** A method that only reads; the host makes its frame read-only. */
  function view(...target: any[]): any;
  /** Runs once in an upgrade, right after this code has taken the place of another; see `upgradeTo`. */
  function upgrade(...target: any[]): any;
  /** An event; its arguments name the indexed fields, at most three. */
  function event(...target: any[]): any;
  /** A typed error for `revert`. */
  function error(...target: any[]): any;
  /** A class whose fields cross the border: in arguments, results, events, errors and storage. */
  function struct(...target: any[]): any;
  /** Another contract: abstract methods whose bodies the build writes; use it with `at`. */
  function remote(...target: any[]): any;
  /** The name of a stored field's slot, kept when the field is renamed. */
  function slot(name: string): any;
}

/** One stored value. */
export declare class Value<T> {
  /** The value, or the zero of its type where nothing was stored. */
  get(): T;
  set(value: T): void;
  has(): bool;
  remove(): void;
}

/** A map of stored values, or of maps, lists and sets, which `get` gives. A missing entry reads as zero; a map does not know its keys. */
export declare class StorageMap<K, V> {
  /** The entry of `key`, hashed once: for an entry that is read and then written. */
  entry(key: K): Value<V>;
  get(key: K): V;
  set(key: K, value: V): void;
  has(key: K): bool;
  remove(key: K): void;
}

/** A list of stored values. */
export declare class StorageList<T> {
  readonly length: i32;
  /** Reverts beyond the end, as `set` and `swapRemove` do. */
  get(index: i32): T;
  set(index: i32, value: T): void;
  /** Appends; the index of the new element. */
  push(value: T): i32;
  /** Removes the last element; reverts where there is none. */
  pop(): T;
  /** Removes an element, into whose place the last one moves. */
  swapRemove(index: i32): T;
  /** Up to `count` elements from `from` on. */
  page(from: i32, count: i32): T[];
  /** Removes all elements, each for gas. */
  clear(): void;
}

/** A set of stored values that can be counted and listed. */
export declare class StorageSet<T> {
  readonly size: i32;
  has(value: T): bool;
  /** Whether it was not there before. */
  add(value: T): bool;
  /** Whether it was there; the last value moves into its place. */
  remove(value: T): bool;
  /** The value at an index; reverts beyond the end. */
  at(index: i32): T;
  page(from: i32, count: i32): T[];
  clear(): void;
}

/** A map of maps of stored values. */
export declare class StorageMap2<K1, K2, V> {
  at(first: K1): StorageMap<K2, V>;
  entry(first: K1, second: K2): Value<V>;
  get(first: K1, second: K2): V;
  set(first: K1, second: K2, value: V): void;
  has(first: K1, second: K2): bool;
  remove(first: K1, second: K2): void;
}

declare abstract class Unsigned<T> {
  readonly isZero: bool;
  /** Arithmetic that does not fit reverts; nothing wraps. */
  add(other: T): T;
  sub(other: T): T;
  mul(other: T): T;
  /** Rounds down; reverts on division by zero. */
  div(other: T): T;
  rem(other: T): T;
  pow(exponent: u32): T;
  /** Bits shifted out are lost. */
  shl(bits: u32): T;
  shr(bits: u32): T;
  and(other: T): T;
  or(other: T): T;
  xor(other: T): T;
  not(): T;
  eq(other: T): bool;
  ne(other: T): bool;
  lt(other: T): bool;
  gt(other: T): bool;
  le(other: T): bool;
  ge(other: T): bool;
  min(other: T): T;
  max(other: T): T;
  /** Reverts where the value does not fit. */
  toU64(): u64;
  toString(): string;
}

/** An unsigned 128-bit integer. Immutable. */
export declare class u128 extends Unsigned<u128> {
  static readonly zero: u128;
  static readonly one: u128;
  static readonly max: u128;
  static from(value: u64): u128;
  constructor(lo: u64, hi: u64);
  readonly lo: u64;
  readonly hi: u64;
}

/** An unsigned 256-bit integer. Immutable; words a (lowest) to d. */
export declare class u256 extends Unsigned<u256> {
  static readonly zero: u256;
  static readonly one: u256;
  static readonly max: u256;
  static from(value: u64): u256;
  static fromU128(value: u128): u256;
  constructor(a: u64, b: u64, c: u64, d: u64);
  readonly a: u64;
  readonly b: u64;
  readonly c: u64;
  readonly d: u64;
  /** this × factor ÷ by through 512 bits, rounded down. */
  mulDiv(factor: u256, by: u256): u256;
  /** The same, rounded up. */
  mulDivUp(factor: u256, by: u256): u256;
  /** Reverts where the value does not fit. */
  toU128(): u128;
}

declare abstract class Signed<T> {
  readonly isZero: bool;
  readonly isNegative: bool;
  /** Arithmetic that does not fit reverts; nothing wraps. */
  add(other: T): T;
  sub(other: T): T;
  mul(other: T): T;
  /** Rounds towards zero; reverts on division by zero. */
  div(other: T): T;
  /** Has the sign of this. */
  rem(other: T): T;
  pow(exponent: u32): T;
  neg(): T;
  abs(): T;
  /** Bits shifted out are lost. */
  shl(bits: u32): T;
  /** Keeps the sign: rounds towards minus infinity. */
  shr(bits: u32): T;
  and(other: T): T;
  or(other: T): T;
  xor(other: T): T;
  not(): T;
  eq(other: T): bool;
  ne(other: T): bool;
  lt(other: T): bool;
  gt(other: T): bool;
  le(other: T): bool;
  ge(other: T): bool;
  min(other: T): T;
  max(other: T): T;
  /** Reverts where the value does not fit. */
  toI64(): i64;
  toString(): string;
}

/** A signed 128-bit integer. Immutable. */
export declare class i128 extends Signed<i128> {
  static readonly zero: i128;
  static readonly one: i128;
  static readonly min: i128;
  static readonly max: i128;
  static from(value: i64): i128;
  static fromU128(value: u128): i128;
  static ofMagnitude(value: u128, negative: bool): i128;
  readonly magnitude: u128;
  /** Reverts where the value is negative. */
  toU128(): u128;
}

/** A signed 256-bit integer. Immutable. */
export declare class i256 extends Signed<i256> {
  static readonly zero: i256;
  static readonly one: i256;
  static readonly min: i256;
  static readonly max: i256;
  static from(value: i64): i256;
  static fromU256(value: u256): i256;
  static ofMagnitude(value: u256, negative: bool): i256;
  readonly magnitude: u256;
  /** Reverts where the value is negative. */
  toU256(): u256;
}

/** A number with 18 decimals, an i256 of units of 10^−18. Immutable. */
export declare class Fixed {
  static readonly zero: Fixed;
  static readonly one: Fixed;
  /** A whole number. */
  static from(value: i64): Fixed;
  static fromI256(value: i256): Fixed;
  static ofUnits(units: i256): Fixed;
  /** Rounds towards zero. */
  static ratio(numerator: i256, denominator: i256): Fixed;
  readonly units: i256;
  readonly isZero: bool;
  readonly isNegative: bool;
  add(other: Fixed): Fixed;
  sub(other: Fixed): Fixed;
  /** Rounds towards zero, as `div` does. */
  mul(other: Fixed): Fixed;
  div(other: Fixed): Fixed;
  /** Rounds away from zero, as `divUp` does. */
  mulUp(other: Fixed): Fixed;
  divUp(other: Fixed): Fixed;
  neg(): Fixed;
  abs(): Fixed;
  eq(other: Fixed): bool;
  ne(other: Fixed): bool;
  lt(other: Fixed): bool;
  gt(other: Fixed): bool;
  le(other: Fixed): bool;
  ge(other: Fixed): bool;
  min(other: Fixed): Fixed;
  max(other: Fixed): Fixed;
  /** The whole number towards zero. */
  toI256(): i256;
  toString(): string;
}

/** Arithmetic of plain integers that reverts where `+ - *` wrap. */
export declare abstract class checked {
  static add<T>(a: T, b: T): T;
  static sub<T>(a: T, b: T): T;
  static mul<T>(a: T, b: T): T;
  static div<T>(a: T, b: T): T;
}

/** An account: twenty bytes. Compare with `==` or `equals`. */
export declare class Address {
  /** Reverts unless there are twenty bytes. */
  static from(bytes: StaticArray<u8>): Address;
  static readonly zero: Address;
  readonly isZero: bool;
  equals(other: Address): bool;
}

declare abstract class FixedBytes<T> {
  byte(index: u32): u8;
  equals(other: T): bool;
}
export declare class Bytes32 extends FixedBytes<Bytes32> {
  static readonly zero: Bytes32;
  static from(bytes: StaticArray<u8>): Bytes32;
}
export declare class Bytes64 extends FixedBytes<Bytes64> {
  static readonly zero: Bytes64;
  static from(bytes: StaticArray<u8>): Bytes64;
}
export declare class Bytes65 extends FixedBytes<Bytes65> {
  static readonly zero: Bytes65;
  static from(bytes: StaticArray<u8>): Bytes65;
}

/** The call at hand. */
export declare abstract class ctx {
  /** The running contract. */
  static readonly self: Address;
  /** Who made this call: an account, or the contract that made a sub-call. */
  static readonly caller: Address;
  /** Who signed the transaction. Never use it to authorise. */
  static readonly origin: Address;
  static readonly producer: Address;
  static readonly environment: Bytes32;
  /** What was sent along with this call. */
  static readonly value: u128;
  static readonly height: u64;
  /** Time of the block, in seconds since 1970. */
  static readonly time: u64;
  static readonly price: u64;
  static readonly nonce: u64;
  static readonly gasLimit: u64;
  static readonly isView: bool;
  /** Whether the transaction is a message from another environment or a deposit from settlement. */
  static readonly isMessage: bool;
  /** Where the message comes from: an environment's id, or zeros for settlement. */
  static readonly source: Bytes32;
  static readonly isTopLevel: bool;
  static isContract(address: Address): bool;
  static balanceOf(address: Address): u128;
}

/** Emits an instance of an `@event` class. */
export declare function emit<T extends object>(event: T): void;

/** Ends the call with a message unless `condition` holds. */
export declare function require(condition: bool, message: string): void;
/** Ends the call with an instance of an `@error` class, or with a message. */
export declare function revert<T>(error: T): void;
/** Ends the call with a message. */
export declare function fail(message: string): void;
/** What asc calls where a check of the language fails. */
export declare function abort(
  message: string | null,
  file: string | null,
  line: u32,
  column: u32,
): void;

/** The contract at `address`; sends `value` along and forwards at most `gas`. */
export declare function at<T>(address: Address, value?: u128 | null, gas?: u64): T;

/** Return type of a remote method whose failure the caller handles; its name may begin with `try_`. */
export declare class Result<T> {
  /** 0 success, 1 revert, 2 trap (the forwarded gas is gone), 3 refused. */
  readonly status: u32;
  readonly ok: bool;
  /** Reverts where the call did not succeed. */
  readonly value: T;
}
/** The same for a remote method that returns nothing. */
export declare class Status {
  readonly status: u32;
  readonly ok: bool;
}
/**
 * Takes the code of the account `code` for all calls from the next one on, keeps address and storage, and runs
 * the new code's `@upgrade` method with `args`, its encoded arguments. Reverts where there is no such method.
 * Call it in a method with `@call({ reentrant: true })`, behind your own check of who may upgrade.
 */
export declare function upgradeTo(code: Address, args?: StaticArray<u8>): void;
/**
 * Sends `value` and a call with `input` to an account of the environment `target`; it arrives once the block is
 * final. The value leaves this contract now. Reverts where the contract has not so much.
 */
export declare function sendMessage(
  target: Bytes32,
  to: Address,
  value: u128,
  input?: StaticArray<u8>,
): void;
/** Sends `value` out to an account of settlement. */
export declare function exitTo(to: Address, value: u128): void;
/** The caller that a contract sees where `sender`, a contract of the environment `source`, sent the message. */
export declare function messageCaller(source: Bytes32, sender: Address): Address;
/** Output or revert data of the last sub-call. */
export declare function lastOutput(): StaticArray<u8>;

/** Hashes of at most 1,024 bytes. */
export declare function keccak256(data: StaticArray<u8>): Bytes32;
export declare function sha256(data: StaticArray<u8>): Bytes32;
/** Keccak-256 of data of any length, computed by the contract: `new Keccak256().update(data).digest()`. */
export declare class Keccak256 {
  update(data: StaticArray<u8>): Keccak256;
  /** The hash of all bytes so far; more may follow. */
  digest(): Bytes32;
}
/** The same for SHA-256. */
export declare class Sha256 {
  update(data: StaticArray<u8>): Sha256;
  digest(): Bytes32;
}
/** The secp256k1 key that signed `hash` with r ‖ s ‖ v; reverts where the signature is not valid. */
export declare function recover(hash: Bytes32, signature: Bytes65): Bytes64;
/** The same, or null; test it with `if (!key)`. */
export declare function tryRecover(hash: Bytes32, signature: Bytes65): Bytes64 | null;
/** The account of a public key. */
export declare function addressOf(key: Bytes64): Address;

/** The encoding of a value, as arguments and storage have it. */
export declare function encode<T>(value: T): StaticArray<u8>;
/** The value that all of `bytes` encode; reverts where they do not. */
export declare function decode<T>(bytes: StaticArray<u8>): T;
/** The bytes of 0x and hexadecimal digits. */
export declare function fromHex(text: string): StaticArray<u8>;
