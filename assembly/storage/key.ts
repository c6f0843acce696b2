// Keys of stored values: 32 bytes, the hash of a slot's name, and for maps the hash of slot ‖ encoded key
// (docs/formats.md section 10). A slot is unmanaged: its pointer is its 32-byte key.
import * as env from "../env";
import { closeReader, loadFixed, openReader, read, zero } from "../codec/decode";
import { fixedSize, sizeOf, write } from "../codec/encode";
import { alloc } from "../runtime/memory";
import { badStoredValue, nameStoredValue, tooManyElements } from "../runtime/texts";

/** Writes the key of the entry `key` under the 32-byte `slot` to `out`. */
export function entryKey<K>(slot: usize, key: K, out: usize): void {
  const fixed = fixedSize<K>();
  const size = 32 + (fixed != 0 ? fixed : sizeOf<K>(key));
  // Keys of fixed size up to 32 bytes use one static buffer; longer ones are rare and take memory.
  const buffer = fixed != 0 && fixed <= 32 ? preimage() : alloc(size);
  store<u64>(buffer, load<u64>(slot));
  store<u64>(buffer, load<u64>(slot, 8), 8);
  store<u64>(buffer, load<u64>(slot, 16), 16);
  store<u64>(buffer, load<u64>(slot, 24), 24);
  write<K>(buffer + 32, key);
  env.keccak256(buffer, size, out);
}

function preimage(): usize {
  return memory.data(64, 8);
}

/** One key for the moment, where the caller does not keep it. */
export function scratchKey(): usize {
  return memory.data(32, 8);
}

/** The value under `key`, or the zero of its type. */
export function getAt<V>(key: usize): V {
  const length = env.storage_open(key);
  if (length < 0) return zero<V>();
  if (isManaged<V>()) return readAt<V>(length);
  else {
    const fixed = fixedSize<V>();
    if (fixed == 0) return readAt<V>(length);
    if (length != fixed) badStoredValue();
    // Numbers pass through one buffer; views (Address, Bytes32) keep pointing at theirs.
    const ptr = isReference<V>() ? alloc(fixed) : scratchValue();
    env.value_read(ptr, 0, fixed);
    // What else can be malformed: a bool, an enum, a struct that holds one.
    if (isBoolean<V>()) nameStoredValue();
    if (isReference<V>()) {
      const nothing = changetype<V>(0);
      if (isDefined(nothing.__read)) nameStoredValue();
    }
    return loadFixed<V>(ptr);
  }
}

/** The value of varying size that was opened: `length` bytes. */
function readAt<V>(length: u32): V {
  const ptr = alloc(length);
  env.value_read(ptr, 0, length);
  openReader(ptr, length);
  nameStoredValue();
  const value = read<V>();
  closeReader();
  return value;
}

/** Room for one value of at most 32 bytes that a host call takes or gives at once. */
export function scratchValue(): usize {
  return memory.data(32, 8);
}

/** Stores `value` under `key`. */
export function setAt<V>(key: usize, value: V): void {
  const fixed = fixedSize<V>();
  const size = fixed != 0 ? fixed : sizeOf<V>(value);
  const ptr = fixed != 0 && fixed <= 32 ? scratchValue() : alloc(size);
  write<V>(ptr, value);
  env.storage_set(key, ptr, size);
}

/** The number of elements under `slot`, which is stored there unless it is 0. */
export function countAt(slot: usize): i32 {
  return getAt<i32>(slot);
}

/** Stores a number of elements; none leaves nothing behind. */
export function setCount(slot: usize, count: i32): void {
  if (count < 0) tooManyElements();
  if (count == 0) removeAt(slot);
  else setAt<i32>(slot, count);
}

/** The key of element `index` of the list or set under `slot`, until the next key is made. */
export function elementKey(slot: usize, index: i32): usize {
  const out = scratchKey();
  entryKey<i32>(slot, index, out);
  return out;
}

/** Up to `count` elements from `from` on, fewer where they end. */
export function pageAt<T>(slot: usize, from: i32, count: i32): T[] {
  const all = countAt(slot);
  const left = from < 0 || from >= all ? 0 : all - from;
  const length = min(left, max(count, 0));
  const list = new Array<T>(length);
  for (let i = 0; i < length; i++) unchecked((list[i] = getAt<T>(elementKey(slot, from + i))));
  return list;
}

export function hasAt(key: usize): bool {
  return env.storage_open(key) >= 0;
}

export function removeAt(key: usize): void {
  env.storage_delete(key);
}
