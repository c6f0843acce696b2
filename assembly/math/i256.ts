// Signed 256-bit integers as immutable values, two's complement in the words of u256. Every operation that
// cannot be exact reverts: nothing wraps. Division rounds towards zero, and a remainder has the sign of
// the dividend, as in the language and in WebAssembly.
import { divisionByZero, overflow } from "../runtime/texts";
import { u256 } from "./u256";

@unmanaged
export class i256 {
  constructor(
    readonly a: u64,
    readonly b: u64,
    readonly c: u64,
    readonly d: u64,
  ) {}

  static get zero(): i256 {
    return i256.ofBits(u256.zero);
  }
  static get one(): i256 {
    return i256.ofBits(u256.one);
  }
  static get max(): i256 {
    return i256.ofBits(u256.max.shr(1));
  }
  static get min(): i256 {
    return i256.ofBits(u256.one.shl(255));
  }

  static from(value: i64): i256 {
    const sign = <u64>(value >> 63);
    return new i256(<u64>value, sign, sign, sign);
  }

  /** The number whose two's complement `bits` are. */
  static ofBits(bits: u256): i256 {
    return changetype<i256>(changetype<usize>(bits));
  }

  /** `value` with the sign; reverts where it does not fit. */
  static ofMagnitude(value: u256, negative: bool): i256 {
    const result = i256.ofBits(negative ? i256.negated(value) : value);
    if (result.isNegative != negative && !value.isZero) overflow();
    return result;
  }

  private static negated(bits: u256): u256 {
    return bits.isZero ? bits : bits.not().add(u256.one);
  }

  /** The two's complement. */
  get bits(): u256 {
    return changetype<u256>(changetype<usize>(this));
  }
  get isZero(): bool {
    return this.bits.isZero;
  }
  get isNegative(): bool {
    return <i64>this.d < 0;
  }
  /** The value without its sign. */
  get magnitude(): u256 {
    return this.isNegative ? i256.negated(this.bits) : this.bits;
  }

  neg(): i256 {
    return i256.ofMagnitude(this.magnitude, !this.isNegative);
  }
  abs(): i256 {
    return i256.ofMagnitude(this.magnitude, false);
  }

  add(other: i256): i256 {
    // Of two signs the sum lies between the two, of one it must keep it.
    if (this.isNegative == other.isNegative)
      return i256.ofMagnitude(this.magnitude.add(other.magnitude), this.isNegative);
    const a = this.magnitude;
    const b = other.magnitude;
    return a.lt(b)
      ? i256.ofMagnitude(b.sub(a), other.isNegative)
      : i256.ofMagnitude(a.sub(b), this.isNegative);
  }

  sub(other: i256): i256 {
    if (this.isNegative != other.isNegative)
      return i256.ofMagnitude(this.magnitude.add(other.magnitude), this.isNegative);
    const a = this.magnitude;
    const b = other.magnitude;
    return a.lt(b)
      ? i256.ofMagnitude(b.sub(a), !this.isNegative)
      : i256.ofMagnitude(a.sub(b), this.isNegative);
  }

  mul(other: i256): i256 {
    const negative = this.isNegative != other.isNegative;
    return i256.ofMagnitude(this.magnitude.mul(other.magnitude), negative);
  }

  /** Rounds towards zero; reverts on division by zero. */
  div(other: i256): i256 {
    if (other.isZero) divisionByZero();
    const negative = this.isNegative != other.isNegative;
    return i256.ofMagnitude(this.magnitude.div(other.magnitude), negative);
  }

  /** Has the sign of this; reverts on division by zero. */
  rem(other: i256): i256 {
    if (other.isZero) divisionByZero();
    return i256.ofMagnitude(this.magnitude.rem(other.magnitude), this.isNegative);
  }

  pow(exponent: u32): i256 {
    return i256.ofMagnitude(this.magnitude.pow(exponent), this.isNegative && (exponent & 1) != 0);
  }

  /** Bits shifted out are lost. */
  shl(bits: u32): i256 {
    return i256.ofBits(this.bits.shl(bits));
  }
  /** Keeps the sign: rounds towards minus infinity. */
  shr(bits: u32): i256 {
    if (!this.isNegative) return i256.ofBits(this.bits.shr(bits));
    return i256.ofBits(this.bits.not().shr(bits).not());
  }
  and(other: i256): i256 {
    return i256.ofBits(this.bits.and(other.bits));
  }
  or(other: i256): i256 {
    return i256.ofBits(this.bits.or(other.bits));
  }
  xor(other: i256): i256 {
    return i256.ofBits(this.bits.xor(other.bits));
  }
  not(): i256 {
    return i256.ofBits(this.bits.not());
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: i256 | null, right: i256 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<i256>(a).eq(changetype<i256>(b)));
  }

  @operator("!=")
  static other(left: i256 | null, right: i256 | null): bool {
    return !i256.same(left, right);
  }

  eq(other: i256): bool {
    return this.bits.eq(other.bits);
  }
  ne(other: i256): bool {
    return !this.eq(other);
  }
  lt(other: i256): bool {
    return this.isNegative == other.isNegative ? this.bits.lt(other.bits) : this.isNegative;
  }
  gt(other: i256): bool {
    return other.lt(this);
  }
  le(other: i256): bool {
    return !other.lt(this);
  }
  ge(other: i256): bool {
    return !this.lt(other);
  }
  min(other: i256): i256 {
    return this.lt(other) ? this : other;
  }
  max(other: i256): i256 {
    return this.lt(other) ? other : this;
  }

  /** The value as an i64; reverts where it does not fit. */
  toI64(): i64 {
    const low = <i64>this.a;
    if (this.ne(i256.from(low))) overflow();
    return low;
  }
  /** The value without a sign; reverts where it is negative. */
  toU256(): u256 {
    if (this.isNegative) overflow();
    return this.bits;
  }
  /** Reverts where it does not fit. */
  static fromU256(value: u256): i256 {
    return i256.ofMagnitude(value, false);
  }

  /** Decimal digits. Costly: format numbers outside the contract where that is possible. */
  toString(): string {
    const digits = this.magnitude.toString();
    return this.isNegative ? "-" + digits : digits;
  }

  __fixed(): u32 {
    return 32;
  }
  __write(ptr: usize): usize {
    return this.bits.__write(ptr);
  }
  __load(ptr: usize): i256 {
    return i256.ofBits(u256.load(ptr));
  }
  __zero(): i256 {
    return i256.zero;
  }
}
