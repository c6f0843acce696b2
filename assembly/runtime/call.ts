// Calls to other contracts through `@remote` classes. The pointer of a remote is its 44-byte request
// (address ‖ value ‖ gas cap, docs/host-calls.md); the transform writes the method bodies with these parts.
import * as env from "../env";
import { closeReader, openReader, read } from "../codec/decode";
import { store64 } from "../codec/words";
import { u128 } from "../math/u128";
import { Address } from "./address";
import { alloc } from "./memory";
import { nameResult, noResult, subCallRefused, subCallTrapped } from "./texts";

/** A remote contract: `at<Token>(address).transfer(to, amount)`. Sends `value` along; forwards at most `gas`. */
export function at<T>(address: Address, value: u128 | null = null, gas: u64 = u64.MAX_VALUE): T {
  return changetype<T>(callRequest(address, value ? value : u128.zero, gas));
}

/** The 44-byte request of a call. */
export function callRequest(address: Address, value: u128, gas: u64): usize {
  const request = alloc(44);
  address.__write(request);
  value.__write(request + 20);
  store64(request + 36, gas);
  return request;
}

/** What came of a call whose failure the caller handles itself: the return type of a trying remote method. */
export class Result<T> {
  constructor(
    /** 0 success, 1 revert, 2 trap (the forwarded gas is gone), 3 refused. */
    readonly status: u32,
    private readonly result: T,
  ) {}

  get ok(): bool {
    return this.status == 0;
  }

  /** The result; reverts where the call did not succeed. */
  get value(): T {
    if (this.status != 0) noResult();
    return this.result;
  }
}

/** What came of a trying remote method that returns nothing. */
export class Status {
  constructor(
    /** 0 success, 1 revert, 2 trap (the forwarded gas is gone), 3 refused. */
    readonly status: u32,
  ) {}

  get ok(): bool {
    return this.status == 0;
  }
}

/** Room for the input of a call: selector (4 bytes as they lie in memory) and `size` bytes of arguments. */
export function startRequest(selector: u32, size: u32): usize {
  const ptr = alloc(4 + size);
  store<u32>(ptr, selector);
  return ptr;
}

/** Makes the call; its status. */
export function tryCall(request: usize, input: usize, end: usize): u32 {
  return env.call(request, input, <u32>(end - input));
}

/** Makes the call; where it fails the caller reverts with the callee's revert data. */
export function mustCall(request: usize, input: usize, end: usize): void {
  passOn(tryCall(request, input, end));
}

/** Ends the call as the sub-call ended, unless that succeeded. */
export function passOn(status: u32): void {
  if (status == 0) return;
  if (status == 1) {
    const length = env.output_read(0, 0, 0);
    const ptr = alloc(length);
    env.output_read(ptr, 0, length);
    env.revert(ptr, length);
    unreachable();
  }
  if (status == 2) subCallTrapped();
  subCallRefused();
}

/** Output or revert data of the last sub-call. */
export function lastOutput(): StaticArray<u8> {
  const length = env.output_read(0, 0, 0);
  const bytes = new StaticArray<u8>(length);
  env.output_read(changetype<usize>(bytes), 0, length);
  return bytes;
}

/** Decodes the output of the last sub-call. */
export function readResult<T>(): T {
  const length = env.output_read(0, 0, 0);
  const ptr = alloc(length);
  env.output_read(ptr, 0, length);
  openReader(ptr, length);
  nameResult();
  const value = read<T>();
  closeReader();
  return value;
}
