// A stored list. Under the slot lies the number of elements (u32, nothing where there are none), element i
// under keccak(slot ‖ u32 i): docs/sdk.md. Every removal takes the value away, so nothing stays behind.
import { countAt, elementKey, getAt, pageAt, removeAt, setAt, setCount } from "./key";
import { beyondEnd } from "../runtime/texts";

@unmanaged
export class StorageList<T> {
  get length(): i32 {
    return countAt(changetype<usize>(this));
  }

  /** The element at `index`; reverts beyond the end. */
  get(index: i32): T {
    return getAt<T>(this.within(index));
  }

  /** Replaces the element at `index`; reverts beyond the end. */
  set(index: i32, value: T): void {
    setAt<T>(this.within(index), value);
  }

  /** Appends `value`; its index. */
  push(value: T): i32 {
    const slot = changetype<usize>(this);
    const index = countAt(slot);
    setCount(slot, index + 1);
    setAt<T>(elementKey(slot, index), value);
    return index;
  }

  /** Removes the last element and returns it; reverts where there is none. */
  pop(): T {
    const slot = changetype<usize>(this);
    const last = countAt(slot) - 1;
    if (last < 0) beyondEnd();
    const key = elementKey(slot, last);
    const value = getAt<T>(key);
    removeAt(key);
    setCount(slot, last);
    return value;
  }

  /** Removes the element at `index`, into whose place the last one moves; returns it. */
  swapRemove(index: i32): T {
    const value = this.get(index);
    const last = this.pop();
    if (index < this.length) this.set(index, last);
    return value;
  }

  /** Up to `count` elements from `from` on. */
  page(from: i32, count: i32): T[] {
    return pageAt<T>(changetype<usize>(this), from, count);
  }

  /** Removes all elements, each for gas. */
  clear(): void {
    const slot = changetype<usize>(this);
    for (let i = countAt(slot) - 1; i >= 0; i--) removeAt(elementKey(slot, i));
    setCount(slot, 0);
  }

  private within(index: i32): usize {
    const slot = changetype<usize>(this);
    if (<u32>index >= <u32>countAt(slot)) beyondEnd();
    return elementKey(slot, index);
  }

  __slot(): void {}
}
