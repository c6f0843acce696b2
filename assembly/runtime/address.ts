// An account address: 20 bytes somewhere in memory, never written to after it was made. The class is
// unmanaged and its pointer is the first of the bytes, so an argument is used where the input lies.
import { copyBytes } from "./bytes";

@unmanaged
export class Address {
  /** Twenty zero bytes. */
  static get zero(): Address {
    return changetype<Address>(memory.data(20, 4));
  }

  /** A copy of exactly 20 bytes; reverts on any other length. */
  static from(bytes: StaticArray<u8>): Address {
    return changetype<Address>(copyBytes(bytes, 20));
  }

  /** The address whose 20 bytes lie at `ptr` (not copied). */
  static at(ptr: usize): Address {
    return changetype<Address>(ptr);
  }

  get isZero(): bool {
    const ptr = changetype<usize>(this);
    return (load<u64>(ptr) | load<u64>(ptr, 8) | load<u32>(ptr, 16)) == 0;
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: Address | null, right: Address | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<Address>(a).equals(changetype<Address>(b)));
  }

  @operator("!=")
  static other(left: Address | null, right: Address | null): bool {
    return !Address.same(left, right);
  }

  equals(other: Address): bool {
    const a = changetype<usize>(this);
    const b = changetype<usize>(other);
    return (
      load<u64>(a) == load<u64>(b) &&
      load<u64>(a, 8) == load<u64>(b, 8) &&
      load<u32>(a, 16) == load<u32>(b, 16)
    );
  }

  differs(other: Address): bool {
    return !this.equals(other);
  }

  __fixed(): u32 {
    return 20;
  }

  __write(ptr: usize): usize {
    const from = changetype<usize>(this);
    store<u64>(ptr, load<u64>(from));
    store<u64>(ptr, load<u64>(from, 8), 8);
    store<u32>(ptr, load<u32>(from, 16), 16);
    return ptr + 20;
  }

  __load(ptr: usize): Address {
    return changetype<Address>(ptr);
  }

  __zero(): Address {
    return Address.zero;
  }
}
