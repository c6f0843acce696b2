// Signed 128-bit integers as immutable values, two's complement in the words of u128. Every operation that
// cannot be exact reverts: nothing wraps. Division rounds towards zero, and a remainder has the sign of
// the dividend, as in the language and in WebAssembly.
import { divisionByZero, overflow } from "../runtime/texts";
import { u128 } from "./u128";

@unmanaged
export class i128 {
  constructor(
    readonly lo: u64,
    readonly hi: u64,
  ) {}

  static get zero(): i128 {
    return i128.ofBits(u128.zero);
  }
  static get one(): i128 {
    return i128.ofBits(u128.one);
  }
  static get max(): i128 {
    return i128.ofBits(u128.max.shr(1));
  }
  static get min(): i128 {
    return i128.ofBits(u128.one.shl(127));
  }

  static from(value: i64): i128 {
    const sign = <u64>(value >> 63);
    return new i128(<u64>value, sign);
  }

  /** The number whose two's complement `bits` are. */
  static ofBits(bits: u128): i128 {
    return changetype<i128>(changetype<usize>(bits));
  }

  /** `value` with the sign; reverts where it does not fit. */
  static ofMagnitude(value: u128, negative: bool): i128 {
    const result = i128.ofBits(negative ? i128.negated(value) : value);
    if (result.isNegative != negative && !value.isZero) overflow();
    return result;
  }

  private static negated(bits: u128): u128 {
    return bits.isZero ? bits : bits.not().add(u128.one);
  }

  /** The two's complement. */
  get bits(): u128 {
    return changetype<u128>(changetype<usize>(this));
  }
  get isZero(): bool {
    return this.bits.isZero;
  }
  get isNegative(): bool {
    return <i64>this.hi < 0;
  }
  /** The value without its sign. */
  get magnitude(): u128 {
    return this.isNegative ? i128.negated(this.bits) : this.bits;
  }

  neg(): i128 {
    return i128.ofMagnitude(this.magnitude, !this.isNegative);
  }
  abs(): i128 {
    return i128.ofMagnitude(this.magnitude, false);
  }

  add(other: i128): i128 {
    // Of two signs the sum lies between the two, of one it must keep it.
    if (this.isNegative == other.isNegative)
      return i128.ofMagnitude(this.magnitude.add(other.magnitude), this.isNegative);
    const a = this.magnitude;
    const b = other.magnitude;
    return a.lt(b)
      ? i128.ofMagnitude(b.sub(a), other.isNegative)
      : i128.ofMagnitude(a.sub(b), this.isNegative);
  }

  sub(other: i128): i128 {
    if (this.isNegative != other.isNegative)
      return i128.ofMagnitude(this.magnitude.add(other.magnitude), this.isNegative);
    const a = this.magnitude;
    const b = other.magnitude;
    return a.lt(b)
      ? i128.ofMagnitude(b.sub(a), !this.isNegative)
      : i128.ofMagnitude(a.sub(b), this.isNegative);
  }

  mul(other: i128): i128 {
    const negative = this.isNegative != other.isNegative;
    return i128.ofMagnitude(this.magnitude.mul(other.magnitude), negative);
  }

  /** Rounds towards zero; reverts on division by zero. */
  div(other: i128): i128 {
    if (other.isZero) divisionByZero();
    const negative = this.isNegative != other.isNegative;
    return i128.ofMagnitude(this.magnitude.div(other.magnitude), negative);
  }

  /** Has the sign of this; reverts on division by zero. */
  rem(other: i128): i128 {
    if (other.isZero) divisionByZero();
    return i128.ofMagnitude(this.magnitude.rem(other.magnitude), this.isNegative);
  }

  pow(exponent: u32): i128 {
    return i128.ofMagnitude(this.magnitude.pow(exponent), this.isNegative && (exponent & 1) != 0);
  }

  /** Bits shifted out are lost. */
  shl(bits: u32): i128 {
    return i128.ofBits(this.bits.shl(bits));
  }
  /** Keeps the sign: rounds towards minus infinity. */
  shr(bits: u32): i128 {
    if (!this.isNegative) return i128.ofBits(this.bits.shr(bits));
    return i128.ofBits(this.bits.not().shr(bits).not());
  }
  and(other: i128): i128 {
    return i128.ofBits(this.bits.and(other.bits));
  }
  or(other: i128): i128 {
    return i128.ofBits(this.bits.or(other.bits));
  }
  xor(other: i128): i128 {
    return i128.ofBits(this.bits.xor(other.bits));
  }
  not(): i128 {
    return i128.ofBits(this.bits.not());
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: i128 | null, right: i128 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<i128>(a).eq(changetype<i128>(b)));
  }

  @operator("!=")
  static other(left: i128 | null, right: i128 | null): bool {
    return !i128.same(left, right);
  }

  eq(other: i128): bool {
    return this.bits.eq(other.bits);
  }
  ne(other: i128): bool {
    return !this.eq(other);
  }
  lt(other: i128): bool {
    return this.isNegative == other.isNegative ? this.bits.lt(other.bits) : this.isNegative;
  }
  gt(other: i128): bool {
    return other.lt(this);
  }
  le(other: i128): bool {
    return !other.lt(this);
  }
  ge(other: i128): bool {
    return !this.lt(other);
  }
  min(other: i128): i128 {
    return this.lt(other) ? this : other;
  }
  max(other: i128): i128 {
    return this.lt(other) ? other : this;
  }

  /** The value as an i64; reverts where it does not fit. */
  toI64(): i64 {
    const low = <i64>this.lo;
    if (this.ne(i128.from(low))) overflow();
    return low;
  }
  /** The value without a sign; reverts where it is negative. */
  toU128(): u128 {
    if (this.isNegative) overflow();
    return this.bits;
  }
  /** Reverts where it does not fit. */
  static fromU128(value: u128): i128 {
    return i128.ofMagnitude(value, false);
  }

  /** Decimal digits. Costly: format numbers outside the contract where that is possible. */
  toString(): string {
    const digits = this.magnitude.toString();
    return this.isNegative ? "-" + digits : digits;
  }

  __fixed(): u32 {
    return 16;
  }
  __write(ptr: usize): usize {
    return this.bits.__write(ptr);
  }
  __load(ptr: usize): i128 {
    return i128.ofBits(u128.load(ptr));
  }
  __zero(): i128 {
    return i128.zero;
  }
}
