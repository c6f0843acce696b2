// Stored enums. The author writes Value<Side> and StorageMap<K, Side>; to asc these are Value<i32> and a map
// of i32, so the transform gives the accessors of such fields these classes. `E` is the class that stands
// for the enum: its pointer is the variant. `A` is what the author has, i32 or, with Variants<…> as `E`, an array of
// them. Contracts never name them.
import { entryKey, getAt, hasAt, removeAt, scratchKey, setAt } from "./key";
import { alloc } from "../runtime/memory";

@unmanaged
export class EnumValue<E, A> {
  get(): A {
    return changetype<A>(getAt<E>(changetype<usize>(this)));
  }
  set(value: A): void {
    setAt<E>(changetype<usize>(this), changetype<E>(value));
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
export class EnumMap<K, E, A> {
  entry(key: K): EnumValue<E, A> {
    const out = alloc(32);
    entryKey<K>(changetype<usize>(this), key, out);
    return changetype<EnumValue<E, A>>(out);
  }
  get(key: K): A {
    return this.locate(key).get();
  }
  set(key: K, value: A): void {
    this.locate(key).set(value);
  }
  has(key: K): bool {
    return this.locate(key).has();
  }
  remove(key: K): void {
    this.locate(key).remove();
  }
  private locate(key: K): EnumValue<E, A> {
    const out = scratchKey();
    entryKey<K>(changetype<usize>(this), key, out);
    return changetype<EnumValue<E, A>>(out);
  }
  __slot(): void {}
}

@unmanaged
export class EnumMap2<K1, K2, E, A> {
  at(first: K1): EnumMap<K2, E, A> {
    const out = alloc(32);
    entryKey<K1>(changetype<usize>(this), first, out);
    return changetype<EnumMap<K2, E, A>>(out);
  }
  entry(first: K1, second: K2): EnumValue<E, A> {
    return this.at(first).entry(second);
  }
  get(first: K1, second: K2): A {
    return this.at(first).get(second);
  }
  set(first: K1, second: K2, value: A): void {
    this.at(first).set(second, value);
  }
  has(first: K1, second: K2): bool {
    return this.at(first).has(second);
  }
  remove(first: K1, second: K2): void {
    this.at(first).remove(second);
  }
}
