// One stored value. Fields of this type in a contract get their slot from the transform: the pointer of a
// Value is its 32-byte key, so a field costs no memory and no hash.
import { getAt, hasAt, removeAt, setAt } from "./key";

@unmanaged
export class Value<T> {
  /** The value, or the zero of its type where nothing was stored. */
  get(): T {
    return getAt<T>(changetype<usize>(this));
  }

  set(value: T): void {
    setAt<T>(changetype<usize>(this), value);
  }

  /** Whether something is stored, which a stored zero is too. */
  has(): bool {
    return hasAt(changetype<usize>(this));
  }

  remove(): void {
    removeAt(changetype<usize>(this));
  }
}
