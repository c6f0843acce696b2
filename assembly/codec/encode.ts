// The writing half of the contract codec (docs/formats.md section 10): big-endian integers, u32 lengths,
// fields in order. Size first, then write, so that every buffer is allocated once at its exact size.
// Classes of fixed size take part by the methods __fixed, __load, __write and __zero.
import { utf8Length, utf8Write } from "./text";
import { store32, store64 } from "./words";

/** Encoded bytes of every value of `T`, or 0 where they differ from value to value. */
export function fixedSize<T>(): u32 {
  if (isInteger<T>()) return sizeof<T>();
  else if (isManaged<T>()) return 0;
  else return changetype<T>(0).__fixed();
}

/** Bytes that `write` will take for `value`. */
export function sizeOf<T>(value: T): u32 {
  if (isInteger<T>()) return sizeof<T>();
  else if (isString<T>()) return 4 + utf8Length(changetype<string>(value));
  else if (isManaged<T>()) {
    if (idof<T>() == idof<StaticArray<u8>>()) return 4 + changetype<StaticArray<u8>>(value).length;
    else if (idof<T>() == idof<Uint8Array>()) return 4 + changetype<Uint8Array>(value).length;
    else if (isArray<T>()) return sizeOfArray<T>(value);
    else return value.__size();
  } else if (isDefined(value.__size)) return value.__size();
  else return fixedSize<T>();
}

function sizeOfArray<T>(list: T): u32 {
  const each = fixedSize<valueof<T>>();
  if (each != 0) return 4 + each * list.length;
  let size: u32 = 4;
  for (let i = 0; i < list.length; i++) size += sizeOf<valueof<T>>(unchecked(list[i]));
  return size;
}

/** Writes `value` at `ptr` and returns the address after it. */
export function write<T>(ptr: usize, value: T): usize {
  if (isBoolean<T>()) {
    store<u8>(ptr, value ? 1 : 0);
    return ptr + 1;
  } else if (isInteger<T>()) {
    if (sizeof<T>() == 8) store64(ptr, <u64>value);
    else if (sizeof<T>() == 4) store32(ptr, <u32>value);
    else store<T>(ptr, bswap<T>(value));
    return ptr + sizeof<T>();
  } else if (isString<T>()) {
    const from = changetype<usize>(value);
    const end = utf8Write(ptr + 4, from, (<usize>changetype<string>(value).length) << 1);
    store32(ptr, <u32>(end - ptr - 4));
    return end;
  } else if (isManaged<T>()) {
    if (idof<T>() == idof<StaticArray<u8>>()) {
      return writeBytes(ptr, changetype<usize>(value), changetype<StaticArray<u8>>(value).length);
    } else if (idof<T>() == idof<Uint8Array>()) {
      const view = changetype<Uint8Array>(value);
      return writeBytes(ptr, view.dataStart, view.length);
    } else if (isArray<T>()) return writeArray<T>(ptr, value);
    else return value.__write(ptr);
  } else return value.__write(ptr);
}

function writeBytes(ptr: usize, from: usize, length: u32): usize {
  store32(ptr, length);
  memory.copy(ptr + 4, from, length);
  return ptr + 4 + length;
}

function writeArray<T>(ptr: usize, list: T): usize {
  store32(ptr, list.length);
  ptr += 4;
  for (let i = 0; i < list.length; i++) ptr = write<valueof<T>>(ptr, unchecked(list[i]));
  return ptr;
}
