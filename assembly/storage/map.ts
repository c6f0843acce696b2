// Maps from keys to stored values or to further storage, and maps with two keys. The pointer of a map is the
// 32-byte key of its slot. A missing entry reads as the zero of the value type; maps do not know their keys,
// so what lies under a key can only be removed by it.
import { entryKey, getAt, hasAt, removeAt, scratchKey, setAt } from "./key";
import { Value } from "./value";
import { alloc } from "../runtime/memory";

@unmanaged
export class StorageMap<K, V> {
  /** The entry of `key`, hashed once: use it where an entry is read and then written. */
  entry(key: K): Value<V> {
    if (isReference<V>()) {
      const nothing = changetype<V>(0);
      if (isDefined(nothing.__slot))
        ERROR("a map of storage has no entries of values: use get(key)");
    }
    return changetype<Value<V>>(this.place(key));
  }

  /** The value of `key`; of a map of maps, lists or sets the one that lies under `key`. */
  get(key: K): V {
    if (isReference<V>()) {
      const nothing = changetype<V>(0);
      if (isDefined(nothing.__slot)) return changetype<V>(this.place(key));
      else return getAt<V>(this.locate(key));
    } else return getAt<V>(this.locate(key));
  }

  set(key: K, value: V): void {
    if (isReference<V>()) {
      if (isDefined(value.__slot))
        ERROR("storage cannot be put into a map: get(key) and change it");
      else setAt<V>(this.locate(key), value);
    } else setAt<V>(this.locate(key), value);
  }

  /** Whether something is stored; of a list or set, whether it has elements. */
  has(key: K): bool {
    if (isReference<V>()) {
      const nothing = changetype<V>(0);
      if (isDefined(nothing.__slot) && !isDefined(nothing.clear))
        ERROR("a map does not know its keys, so nobody knows whether it is empty");
    }
    return hasAt(this.locate(key));
  }

  /** Removes the value; of a list or set all its elements. */
  remove(key: K): void {
    if (isReference<V>()) {
      const nothing = changetype<V>(0);
      if (isDefined(nothing.__slot)) {
        if (isDefined(nothing.clear)) changetype<V>(this.place(key)).clear();
        else ERROR("a map does not know its keys: remove its entries one by one");
      } else removeAt(this.locate(key));
    } else removeAt(this.locate(key));
  }

  /** The key of an entry, in memory of its own. */
  private place(key: K): usize {
    const out = alloc(32);
    entryKey<K>(changetype<usize>(this), key, out);
    return out;
  }

  private locate(key: K): usize {
    const out = scratchKey();
    entryKey<K>(changetype<usize>(this), key, out);
    return out;
  }

  __slot(): void {}
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

  __slot(): void {}
}
