// Byte strings of fixed length: like Address, unmanaged views on bytes that are never written to after
// they were made. Bytes32 is a hash or a key, Bytes64 a public key x ‖ y, Bytes65 a signature r ‖ s ‖ v.
import { alloc } from "./memory";
import { badBytes } from "./texts";

/** A copy of `bytes`, which must be `length` long. */
export function copyBytes(bytes: StaticArray<u8>, length: i32): usize {
  if (bytes.length != length) badBytes();
  const ptr = alloc(length);
  memory.copy(ptr, changetype<usize>(bytes), length);
  return ptr;
}

function equalBytes(a: usize, b: usize, length: usize): bool {
  return memory.compare(a, b, length) == 0;
}

@unmanaged
export class Bytes32 {
  /** Thirty-two zero bytes. */
  static get zero(): Bytes32 {
    return changetype<Bytes32>(memory.data(32, 8));
  }

  /** A copy of exactly 32 bytes; reverts on any other length. */
  static from(bytes: StaticArray<u8>): Bytes32 {
    return changetype<Bytes32>(copyBytes(bytes, 32));
  }

  /** The 32 bytes at `ptr` (not copied). */
  static at(ptr: usize): Bytes32 {
    return changetype<Bytes32>(ptr);
  }

  /** The byte at `index`; reverts beyond the end. */
  byte(index: u32): u8 {
    assert(index < 32, "byte index is beyond the end");
    return load<u8>(changetype<usize>(this) + index);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: Bytes32 | null, right: Bytes32 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<Bytes32>(a).equals(changetype<Bytes32>(b)));
  }

  @operator("!=")
  static other(left: Bytes32 | null, right: Bytes32 | null): bool {
    return !Bytes32.same(left, right);
  }

  equals(other: Bytes32): bool {
    return equalBytes(changetype<usize>(this), changetype<usize>(other), 32);
  }

  differs(other: Bytes32): bool {
    return !this.equals(other);
  }

  __fixed(): u32 {
    return 32;
  }

  __write(ptr: usize): usize {
    memory.copy(ptr, changetype<usize>(this), 32);
    return ptr + 32;
  }

  __load(ptr: usize): Bytes32 {
    return changetype<Bytes32>(ptr);
  }

  __zero(): Bytes32 {
    return Bytes32.zero;
  }
}

@unmanaged
export class Bytes64 {
  /** Sixty-four zero bytes. */
  static get zero(): Bytes64 {
    return changetype<Bytes64>(memory.data(64, 8));
  }

  /** A copy of exactly 64 bytes; reverts on any other length. */
  static from(bytes: StaticArray<u8>): Bytes64 {
    return changetype<Bytes64>(copyBytes(bytes, 64));
  }

  /** The 64 bytes at `ptr` (not copied). */
  static at(ptr: usize): Bytes64 {
    return changetype<Bytes64>(ptr);
  }

  /** The byte at `index`; reverts beyond the end. */
  byte(index: u32): u8 {
    assert(index < 64, "byte index is beyond the end");
    return load<u8>(changetype<usize>(this) + index);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: Bytes64 | null, right: Bytes64 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<Bytes64>(a).equals(changetype<Bytes64>(b)));
  }

  @operator("!=")
  static other(left: Bytes64 | null, right: Bytes64 | null): bool {
    return !Bytes64.same(left, right);
  }

  equals(other: Bytes64): bool {
    return equalBytes(changetype<usize>(this), changetype<usize>(other), 64);
  }

  differs(other: Bytes64): bool {
    return !this.equals(other);
  }

  __fixed(): u32 {
    return 64;
  }

  __write(ptr: usize): usize {
    memory.copy(ptr, changetype<usize>(this), 64);
    return ptr + 64;
  }

  __load(ptr: usize): Bytes64 {
    return changetype<Bytes64>(ptr);
  }

  __zero(): Bytes64 {
    return Bytes64.zero;
  }
}

@unmanaged
export class Bytes65 {
  /** Sixty-five zero bytes. */
  static get zero(): Bytes65 {
    return changetype<Bytes65>(memory.data(65, 8));
  }

  /** A copy of exactly 65 bytes; reverts on any other length. */
  static from(bytes: StaticArray<u8>): Bytes65 {
    return changetype<Bytes65>(copyBytes(bytes, 65));
  }

  /** The 65 bytes at `ptr` (not copied). */
  static at(ptr: usize): Bytes65 {
    return changetype<Bytes65>(ptr);
  }

  /** The byte at `index`; reverts beyond the end. */
  byte(index: u32): u8 {
    assert(index < 65, "byte index is beyond the end");
    return load<u8>(changetype<usize>(this) + index);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: Bytes65 | null, right: Bytes65 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<Bytes65>(a).equals(changetype<Bytes65>(b)));
  }

  @operator("!=")
  static other(left: Bytes65 | null, right: Bytes65 | null): bool {
    return !Bytes65.same(left, right);
  }

  equals(other: Bytes65): bool {
    return equalBytes(changetype<usize>(this), changetype<usize>(other), 65);
  }

  differs(other: Bytes65): bool {
    return !this.equals(other);
  }

  __fixed(): u32 {
    return 65;
  }

  __write(ptr: usize): usize {
    memory.copy(ptr, changetype<usize>(this), 65);
    return ptr + 65;
  }

  __load(ptr: usize): Bytes65 {
    return changetype<Bytes65>(ptr);
  }

  __zero(): Bytes65 {
    return Bytes65.zero;
  }
}
