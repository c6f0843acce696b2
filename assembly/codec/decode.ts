// The reading half of the contract codec (docs/formats.md section 10). One reader at a time: its range is
// three globals, because everything that is read (input, a stored value, a sub-call's output) is read to
// its end before the next begins. A length is checked before anything is allocated; a second encoding
// of a value, or bytes left over, revert with a message that says what was being read.
import { Message } from "../runtime/message";
import { utf8Read } from "./text";

/** What is being read, for the message: 0 input, 1 a stored value, 2 the result of a sub-call. */
export const FROM_INPUT: u32 = 0;
export const FROM_STORAGE: u32 = 1;
export const FROM_CALL: u32 = 2;

let cursor: usize = 0;
let limit: usize = 0;
let source: u32 = 0;
/** Set by generated code: UTF-8 of `method(parameter, …)`, and the number of the argument read now. */
let label: usize = 0;
let labelLength: u32 = 0;
let item: u32 = 0;

/** Starts reading `length` bytes at `ptr`. */
export function openReader(ptr: usize, length: u32, from: u32): void {
  cursor = ptr;
  limit = ptr + length;
  source = from;
}

/** Names what the input is for. */
export function nameInput(ptr: usize, length: u32): void {
  label = ptr;
  labelLength = length;
}

/** Says which argument is read next, counted from 1. */
export function nextArgument(index: u32): void {
  item = index;
}

/** Reverts unless every byte was read. */
export function closeReader(): void {
  if (cursor != limit) {
    const left = <u32>(limit - cursor);
    describe().text(": ").number(left).text(" bytes after the end").revert();
  }
}

function describe(): Message {
  const message = new Message();
  if (source == FROM_STORAGE) return message.text("stored value");
  if (source == FROM_CALL) return message.text("result of a sub-call");
  return message.ascii(label, labelLength);
}

function truncated(): void {
  const message = describe();
  if (source == FROM_INPUT) message.text(": argument ").number(item);
  message.text(" is missing or cut short").revert();
}

/** Reverts: the bytes at hand do not encode a value of the type. */
export function malformed(): void {
  const message = describe();
  if (source == FROM_INPUT) message.text(": argument ").number(item);
  message.text(" is not a canonical encoding").revert();
}

/** Takes `size` bytes and returns their address. */
export function take(size: u32): usize {
  const ptr = cursor;
  if (<usize>size > limit - ptr) truncated();
  cursor = ptr + size;
  return ptr;
}

/** Takes a u32 length or count, checked against what is left at `each` bytes per element. */
export function takeLength(each: u32): u32 {
  const count = bswap<u32>(load<u32>(take(4)));
  if (<u64>count * each > <u64>(limit - cursor)) truncated();
  return count;
}

/** Reads one value of `T`. */
export function read<T>(): T {
  if (isBoolean<T>()) {
    const byte = load<u8>(take(1));
    if (byte > 1) malformed();
    return (byte != 0) as T;
  } else if (isInteger<T>()) {
    return bswap<T>(load<T>(take(sizeof<T>())));
  } else if (isString<T>()) {
    const length = takeLength(1);
    return changetype<T>(utf8Read(take(length), length));
  } else if (isManaged<T>()) {
    if (idof<T>() == idof<StaticArray<u8>>()) {
      const length = takeLength(1);
      const bytes = new StaticArray<u8>(length);
      memory.copy(changetype<usize>(bytes), take(length), length);
      return changetype<T>(bytes);
    } else if (idof<T>() == idof<Uint8Array>()) {
      const length = takeLength(1);
      const view = new Uint8Array(length);
      memory.copy(view.dataStart, take(length), length);
      return changetype<T>(view);
    } else if (isArray<T>()) return readArray<T>();
    else return changetype<T>(0).__read();
  } else return changetype<T>(0).__read();
}

function readArray<T>(): T {
  // Every element takes at least one byte, so the count is bounded by the bytes at hand.
  const count = takeLength(1);
  const list = instantiate<T>(count);
  for (let i: u32 = 0; i < count; i++) unchecked((list[i] = read<valueof<T>>()));
  return list;
}

/** What a storage slot holds before anything was written to it. */
export function zero<T>(): T {
  if (isBoolean<T>()) return false as T;
  else if (isInteger<T>()) return <T>0;
  else if (isString<T>()) return changetype<T>("");
  else if (isManaged<T>()) {
    if (idof<T>() == idof<StaticArray<u8>>()) return changetype<T>(new StaticArray<u8>(0));
    else if (idof<T>() == idof<Uint8Array>()) return changetype<T>(new Uint8Array(0));
    else if (isArray<T>()) return instantiate<T>(0);
    else return changetype<T>(0).__zero();
  } else return changetype<T>(0).__zero();
}
