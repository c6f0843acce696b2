// The reading half of the contract codec (docs/formats.md section 10). One reader at a time: its range is
// a pair of globals, because everything that is read (input, a stored value, a sub-call's output) is read
// to its end before the next begins. A length is checked before anything is allocated; a second encoding
// of a value, or bytes left over, revert with a message that says what was being read.
import { append, appendNumber, revertMessage } from "../runtime/message";
import { appendBadArgument, appendTooManyBytes } from "../runtime/texts";
import { fixedSize } from "./encode";
import { utf8Read } from "./text";
import { load32, load64 } from "./words";

let cursor: usize = 0;
let limit: usize = 0;
/** What is being read, as a text of message.ts: `method(parameter, …)` of the input, else the whole message. */
let label: usize = 0;
/** Number of the argument being read, counted from 1; 0 where it is no argument, −1 after the last. */
let item: i32 = 0;

/** Starts reading `length` bytes at `ptr`. */
export function openReader(ptr: usize, length: u32): void {
  cursor = ptr;
  limit = ptr + length;
  item = 0;
}

/** Where what is being read ends. */
export function inputEnd(): usize {
  return limit;
}

/** Names what is being read by a text of message.ts. */
export function nameInput(text: usize): void {
  label = text;
}

/** Says which argument is read next, counted from 1. */
export function nextArgument(index: i32): void {
  item = index;
}

/** Reverts unless every byte was read. */
export function closeReader(): void {
  if (cursor != limit) {
    item = -1;
    malformed();
  }
}

/** Reverts: the bytes at hand do not encode a value of the type, or (item −1) go on after it. */
export function malformed(): void {
  append(label);
  if (item < 0) appendTooManyBytes();
  if (item > 0) {
    appendBadArgument();
    appendNumber(item);
  }
  revertMessage();
}

/** Takes `size` bytes and returns their address. */
export function take(size: u32): usize {
  const ptr = cursor;
  if (<usize>size > limit - ptr) malformed();
  cursor = ptr + size;
  return ptr;
}

/** Takes a u32 length or count, checked against what is left: an element takes at least one byte. */
export function takeLength(): u32 {
  const count = load32(take(4));
  if (<usize>count > limit - cursor) malformed();
  return count;
}

/** The value of fixed size whose encoding lies at `ptr`; views (Address, Bytes32) keep pointing there. */
export function loadFixed<T>(ptr: usize): T {
  if (isBoolean<T>()) {
    const byte = load<u8>(ptr);
    if (byte > 1) malformed();
    return (byte != 0) as T;
  } else if (isInteger<T>()) {
    if (sizeof<T>() == 8) return <T>load64(ptr);
    else if (sizeof<T>() == 4) return <T>load32(ptr);
    else return bswap<T>(load<T>(ptr));
  } else return changetype<T>(0).__load(ptr);
}

/** Reads one value of `T`. */
export function read<T>(): T {
  if (isString<T>()) {
    const length = takeLength();
    return changetype<T>(utf8Read(take(length), length));
  } else if (isManaged<T>()) {
    if (idof<T>() == idof<StaticArray<u8>>()) {
      const length = takeLength();
      const bytes = new StaticArray<u8>(length);
      memory.copy(changetype<usize>(bytes), take(length), length);
      return changetype<T>(bytes);
    } else if (idof<T>() == idof<Uint8Array>()) {
      const length = takeLength();
      const view = new Uint8Array(length);
      memory.copy(view.dataStart, take(length), length);
      return changetype<T>(view);
    } else if (isArray<T>()) return readArray<T>();
    else return changetype<T>(0).__read();
  } else if (isInteger<T>()) return loadFixed<T>(take(sizeof<T>()));
  else {
    // Structs of the author read themselves: their size may vary.
    const nothing = changetype<T>(0);
    if (isDefined(nothing.__read)) return nothing.__read();
    else return loadFixed<T>(take(fixedSize<T>()));
  }
}

function readArray<T>(): T {
  const count = takeLength();
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
