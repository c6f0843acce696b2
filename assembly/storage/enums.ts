// Stored enums. The author writes Value<Side> and StorageMap<K, Side>; to asc these are Value<i32> and a map
// of i32, so the transform gives the accessors of such fields these classes. `E` is the class that stands
// for the enum: its pointer is the variant. Contracts never name them.
import { entryKey, getAt, hasAt, removeAt, scratchKey, setAt } from "./key";
import { alloc } from "../runtime/memory";

@unmanaged
export class EnumValue<E> {
  get(): i32 {
    return <i32>changetype<usize>(getAt<E>(changetype<usize>(this)));
  }
  set(value: i32): void {
    setAt<E>(changetype<usize>(this), changetype<E>(<usize>value));
  }
  has(): bool {
    return hasAt(changetype<usize>(this));
  }
  remove(): void {
    removeAt(changetype<usize>(this));
  }
  __slot(): void {}
}

@unmanaged
export class EnumMap<K, E> {
  entry(key: K): EnumValue<E> {
    const out = alloc(32);
    entryKey<K>(changetype<usize>(this), key, out);
    return changetype<EnumValue<E>>(out);
  }
  get(key: K): i32 {
    return this.locate(key).get();
  }
  set(key: K, value: i32): void {
    this.locate(key).set(value);
  }
  has(key: K): bool {
    return this.locate(key).has();
  }
  remove(key: K): void {
    this.locate(key).remove();
  }
  private locate(key: K): EnumValue<E> {
    const out = scratchKey();
    entryKey<K>(changetype<usize>(this), key, out);
    return changetype<EnumValue<E>>(out);
  }
  __slot(): void {}
}

@unmanaged
export class EnumMap2<K1, K2, E> {
  at(first: K1): EnumMap<K2, E> {
    const out = alloc(32);
    entryKey<K1>(changetype<usize>(this), first, out);
    return changetype<EnumMap<K2, E>>(out);
  }
  entry(first: K1, second: K2): EnumValue<E> {
    return this.at(first).entry(second);
  }
  get(first: K1, second: K2): i32 {
    return this.at(first).get(second);
  }
  set(first: K1, second: K2, value: i32): void {
    this.at(first).set(second, value);
  }
  has(first: K1, second: K2): bool {
    return this.at(first).has(second);
  }
  remove(first: K1, second: K2): void {
    this.at(first).remove(second);
  }
}
