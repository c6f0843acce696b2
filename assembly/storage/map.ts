// Maps from keys to stored values, one and two levels deep. The pointer of a map is the 32-byte key of its
// slot. A missing entry reads as the zero of the value type; maps do not know their keys.
import { entryKey, getAt, hasAt, removeAt, scratchKey, setAt } from "./key";
import { Value } from "./value";
import { alloc } from "../runtime/memory";

@unmanaged
export class StorageMap<K, V> {
  /** The entry of `key`, hashed once: use it where an entry is read and then written. */
  entry(key: K): Value<V> {
    const out = alloc(32);
    entryKey<K>(changetype<usize>(this), key, out);
    return changetype<Value<V>>(out);
  }

  get(key: K): V {
    return getAt<V>(this.locate(key));
  }

  set(key: K, value: V): void {
    setAt<V>(this.locate(key), value);
  }

  has(key: K): bool {
    return hasAt(this.locate(key));
  }

  remove(key: K): void {
    removeAt(this.locate(key));
  }

  private locate(key: K): usize {
    const out = scratchKey();
    entryKey<K>(changetype<usize>(this), key, out);
    return out;
  }
}

@unmanaged
export class StorageMap2<K1, K2, V> {
  /** The inner map of `first`. */
  at(first: K1): StorageMap<K2, V> {
    const out = alloc(32);
    entryKey<K1>(changetype<usize>(this), first, out);
    return changetype<StorageMap<K2, V>>(out);
  }

  entry(first: K1, second: K2): Value<V> {
    const out = alloc(32);
    this.hash(first, second, out);
    return changetype<Value<V>>(out);
  }

  get(first: K1, second: K2): V {
    return getAt<V>(this.locate(first, second));
  }

  set(first: K1, second: K2, value: V): void {
    setAt<V>(this.locate(first, second), value);
  }

  has(first: K1, second: K2): bool {
    return hasAt(this.locate(first, second));
  }

  remove(first: K1, second: K2): void {
    removeAt(this.locate(first, second));
  }

  private locate(first: K1, second: K2): usize {
    const out = scratchKey();
    this.hash(first, second, out);
    return out;
  }

  private hash(first: K1, second: K2, out: usize): void {
    entryKey<K1>(changetype<usize>(this), first, out);
    entryKey<K2>(out, second, out);
  }
}
