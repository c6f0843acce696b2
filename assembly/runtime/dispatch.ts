// What the code written by the transform is made of: the parts of a dispatcher, of event and error classes
// and of remote methods. Contracts never import this file; its names may change with the transform.
import * as env from "../env";
import { inputEnd, openReader, take } from "../codec/decode";
import { fixedSize, sizeOf, write } from "../codec/encode";
import { scratchValue } from "../storage/key";
import { contextFlags, inputLength, loadContext } from "./context";
import { alloc } from "./memory";
import { appendHex, revertMessage } from "./message";
import { startUnknownSelector } from "./texts";

export {
  closeReader,
  loadFixed,
  nameInput,
  nextArgument,
  read,
  take,
  zero,
} from "../codec/decode";
export { loadVariant, writeVariant } from "../codec/variant";
export { EnumMap, EnumMap2, EnumValue } from "../storage/enums";
export { StorageMap } from "../storage/map";
export { fixedSize, sizeOf, write } from "../codec/encode";
export { mustCall, readResult, Result, startRequest, Status, tryCall } from "./call";
export { emitRaw, writeTopic } from "./event";
// The build puts these in the place of asc's own, so they must be in every program.
export { alloc, free, newObject, realloc, renewObject } from "./memory";
export { abort } from "./revert";
export { mustBeSelf } from "./upgrade";

/** Fetches context and input; whether this is the call of a deployment. */
export function begin(): bool {
  loadContext();
  const length = inputLength();
  const ptr = alloc(length);
  if (length != 0) env.input(ptr, 0, length);
  openReader(ptr, length);
  return (contextFlags() & 1) != 0;
}

/** The selector, its four bytes as they lie in memory; reverts where the input is shorter. */
export function selector(): u32 {
  if (inputLength() < 4) unknownSelector();
  return load<u32>(take(4));
}

/** Reverts: no method has this selector. */
export function unknownSelector(): void {
  const length = inputLength();
  startUnknownSelector();
  appendHex(inputEnd() - length, length < 4 ? length : 4);
  revertMessage();
}

/** Makes the running frame reentrant (1) or read-only (2). */
export function enter(flags: u32): void {
  env.enter(flags);
}

/** Sets the output of the call. */
export function respond<T>(value: T): void {
  const fixed = fixedSize<T>();
  const size = fixed != 0 ? fixed : sizeOf<T>(value);
  const ptr = fixed != 0 && fixed <= 32 ? scratchValue() : alloc(size);
  write<T>(ptr, value);
  env.output(ptr, size);
}
