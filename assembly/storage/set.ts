// A stored set that knows its values. They lie like the elements of a list; beside them, under
// keccak(keccak(slot ‖ 01) ‖ value), the index of each (u32): docs/sdk.md. The two kinds of keys differ in
// the length of what is hashed (36, 33 bytes), so no value can take the place of an element.
import {
  countAt,
  elementKey,
  entryKey,
  getAt,
  hasAt,
  pageAt,
  removeAt,
  setAt,
  setCount,
} from "./key";
import { alloc } from "../runtime/memory";
import { beyondEnd } from "../runtime/texts";

@unmanaged
export class StorageSet<T> {
  get size(): i32 {
    return countAt(changetype<usize>(this));
  }

  has(value: T): bool {
    return hasAt(this.indexKey(value));
  }

  /** Adds `value`; whether it was not there before. */
  add(value: T): bool {
    const slot = changetype<usize>(this);
    const indexKey = this.indexKey(value);
    if (hasAt(indexKey)) return false;
    const index = countAt(slot);
    setCount(slot, index + 1);
    setAt<T>(elementKey(slot, index), value);
    setAt<i32>(indexKey, index);
    return true;
  }

  /** Removes `value`, into whose place the last one moves; whether it was there. */
  remove(value: T): bool {
    const slot = changetype<usize>(this);
    const indexKey = this.indexKey(value);
    if (!hasAt(indexKey)) return false;
    const index = getAt<i32>(indexKey);
    const last = countAt(slot) - 1;
    if (index != last) {
      const moved = getAt<T>(elementKey(slot, last));
      setAt<T>(elementKey(slot, index), moved);
      setAt<i32>(this.indexKey(moved), index);
    }
    removeAt(elementKey(slot, last));
    removeAt(indexKey);
    setCount(slot, last);
    return true;
  }

  /** The value at `index`, in an order that removals change; reverts beyond the end. */
  at(index: i32): T {
    const slot = changetype<usize>(this);
    if (<u32>index >= <u32>countAt(slot)) beyondEnd();
    return getAt<T>(elementKey(slot, index));
  }

  /** Up to `count` values from `from` on. */
  page(from: i32, count: i32): T[] {
    return pageAt<T>(changetype<usize>(this), from, count);
  }

  /** Removes all values, each for gas. */
  clear(): void {
    const slot = changetype<usize>(this);
    for (let i = countAt(slot) - 1; i >= 0; i--) {
      removeAt(this.indexKey(getAt<T>(elementKey(slot, i))));
      removeAt(elementKey(slot, i));
    }
    setCount(slot, 0);
  }

  private indexKey(value: T): usize {
    const out = alloc(32);
    entryKey<u8>(changetype<usize>(this), 1, out);
    entryKey<T>(out, value, out);
    return out;
  }

  __slot(): void {}
}
