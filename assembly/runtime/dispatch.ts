// What the code written by the transform is made of: the parts of a dispatcher, of event and error classes
// and of remote methods. Contracts never import this file; its names may change with the transform.
import * as env from "../env";
import { closeReader, FROM_INPUT, openReader } from "../codec/decode";
import { sizeOf, write } from "../codec/encode";
import { contextFlags, inputLength, loadContext } from "./context";
import { Message } from "./message";

export { closeReader, nameInput, nextArgument, read, zero } from "../codec/decode";
export { fixedSize, sizeOf, write } from "../codec/encode";
export { mustCall, readResult, Result, startRequest, Status, tryCall } from "./call";
export { emitRaw, writeTopic } from "./event";

/** Fetches context and input; whether this is the call of a deployment. */
export function begin(): bool {
  loadContext();
  const length = inputLength();
  const ptr = heap.alloc(length);
  if (length != 0) env.input(ptr, 0, length);
  openReader(ptr, length, FROM_INPUT);
  store<u32>(inputStart(), <u32>ptr);
  return (contextFlags() & 1) != 0;
}

function inputStart(): usize {
  return memory.data(8, 8);
}

/** The selector, its four bytes as they lie in memory; reverts where the input is shorter. */
export function selector(): u32 {
  const length = inputLength();
  if (length < 4)
    new Message().text("input has ").number(length).text(" bytes, a selector has 4").revert();
  const ptr = <usize>load<u32>(inputStart());
  openReader(ptr + 4, length - 4, FROM_INPUT);
  return load<u32>(ptr);
}

export function unknownSelector(): void {
  const ptr = <usize>load<u32>(inputStart());
  new Message().text("unknown selector ").hex(ptr, 4).revert();
}

/** Makes the running frame reentrant (1) or read-only (2). */
export function enter(flags: u32): void {
  env.enter(flags);
}

/** Sets the output of the call. */
export function respond<T>(value: T): void {
  const size = sizeOf<T>(value);
  const ptr = heap.alloc(size);
  write<T>(ptr, value);
  env.output(ptr, size);
}
