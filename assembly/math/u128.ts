// Unsigned 128-bit integers as immutable values. Every operation that cannot be exact reverts: nothing wraps.
// Methods, not operators, so that editors and asc agree; == and != compare values.
// The class is unmanaged: a value is its two words and nothing else.
import { load64, store64 } from "../codec/words";
import { divisionByZero, overflow } from "../runtime/texts";
import { decimal, divideLimbs, divisor, multiplyHigh, quotient, remainder } from "./limbs";

@unmanaged
export class u128 {
  constructor(
    /** The low 64 bits. */
    readonly lo: u64,
    /** The high 64 bits. */
    readonly hi: u64,
  ) {}

  static get zero(): u128 {
    return changetype<u128>(memory.data<u64>([0, 0]));
  }
  static get one(): u128 {
    return changetype<u128>(memory.data<u64>([1, 0]));
  }
  static get max(): u128 {
    return changetype<u128>(memory.data<u64>([0xffffffffffffffff, 0xffffffffffffffff]));
  }

  /** `value` as a u128. */
  static from(value: u64): u128 {
    return new u128(value, 0);
  }

  /** The number whose 16 big-endian bytes lie at `ptr`. */
  static load(ptr: usize): u128 {
    return new u128(load64(ptr + 8), load64(ptr));
  }

  get isZero(): bool {
    return (this.lo | this.hi) == 0;
  }

  add(other: u128): u128 {
    const lo = this.lo + other.lo;
    const part = this.hi + other.hi;
    const hi = part + u64(lo < this.lo);
    if (part < this.hi || hi < part) overflow();
    return new u128(lo, hi);
  }

  sub(other: u128): u128 {
    if (this.lt(other)) overflow();
    return new u128(this.lo - other.lo, this.hi - other.hi - u64(this.lo < other.lo));
  }

  mul(other: u128): u128 {
    const a = this.hi;
    const b = other.hi;
    if (a != 0 && b != 0) overflow();
    // At most one of the two is nonzero, so their sum is the one that matters.
    const crossLow = a * other.lo + b * this.lo;
    if ((multiplyHigh(a, other.lo) | multiplyHigh(b, this.lo)) != 0) overflow();
    const hi = multiplyHigh(this.lo, other.lo) + crossLow;
    if (hi < crossLow) overflow();
    return new u128(this.lo * other.lo, hi);
  }

  /** Rounds down; reverts on division by zero. */
  div(other: u128): u128 {
    if (other.isZero) divisionByZero();
    if ((this.hi | other.hi) == 0) return new u128(this.lo / other.lo, 0);
    this.divide(other);
    return new u128(load<u64>(quotient()), load<u64>(quotient(), 8));
  }

  rem(other: u128): u128 {
    if (other.isZero) divisionByZero();
    if ((this.hi | other.hi) == 0) return new u128(this.lo % other.lo, 0);
    this.divide(other);
    return new u128(load<u64>(remainder()), load<u64>(remainder(), 8));
  }

  private divide(other: u128): void {
    this.spread(remainder());
    other.spread(divisor());
    divideLimbs(4);
  }

  private spread(ptr: usize): void {
    store<u64>(ptr, this.lo);
    store<u64>(ptr, this.hi, 8);
    store<u32>(ptr, 0, 16);
  }

  pow(exponent: u32): u128 {
    let result = u128.one;
    let base: u128 = this;
    while (exponent != 0) {
      if (exponent & 1) result = result.mul(base);
      exponent >>= 1;
      if (exponent != 0) base = base.mul(base);
    }
    return result;
  }

  /** Bits shifted out are lost; a shift of 128 or more gives zero. */
  shl(bits: u32): u128 {
    if (bits >= 128) return u128.zero;
    if (bits == 0) return this;
    if (bits >= 64) return new u128(0, this.lo << (bits - 64));
    return new u128(this.lo << bits, (this.hi << bits) | (this.lo >> (64 - bits)));
  }

  shr(bits: u32): u128 {
    if (bits >= 128) return u128.zero;
    if (bits == 0) return this;
    if (bits >= 64) return new u128(this.hi >> (bits - 64), 0);
    return new u128((this.lo >> bits) | (this.hi << (64 - bits)), this.hi >> bits);
  }

  and(other: u128): u128 {
    return new u128(this.lo & other.lo, this.hi & other.hi);
  }
  or(other: u128): u128 {
    return new u128(this.lo | other.lo, this.hi | other.hi);
  }
  xor(other: u128): u128 {
    return new u128(this.lo ^ other.lo, this.hi ^ other.hi);
  }
  not(): u128 {
    return new u128(~this.lo, ~this.hi);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: u128 | null, right: u128 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<u128>(a).eq(changetype<u128>(b)));
  }

  @operator("!=")
  static other(left: u128 | null, right: u128 | null): bool {
    return !u128.same(left, right);
  }

  eq(other: u128): bool {
    return ((this.lo ^ other.lo) | (this.hi ^ other.hi)) == 0;
  }
  ne(other: u128): bool {
    return !this.eq(other);
  }
  lt(other: u128): bool {
    return this.hi == other.hi ? this.lo < other.lo : this.hi < other.hi;
  }
  gt(other: u128): bool {
    return other.lt(this);
  }
  le(other: u128): bool {
    return !other.lt(this);
  }
  ge(other: u128): bool {
    return !this.lt(other);
  }
  min(other: u128): u128 {
    return this.lt(other) ? this : other;
  }
  max(other: u128): u128 {
    return this.lt(other) ? other : this;
  }

  /** The value as a u64; reverts where it does not fit. */
  toU64(): u64 {
    if (this.hi != 0) overflow();
    return this.lo;
  }

  /** Decimal digits. Costly: format numbers outside the contract where that is possible. */
  toString(): string {
    this.spread(remainder());
    return decimal(4);
  }

  __fixed(): u32 {
    return 16;
  }
  __write(ptr: usize): usize {
    store64(ptr, this.hi);
    store64(ptr + 8, this.lo);
    return ptr + 16;
  }
  __load(ptr: usize): u128 {
    return u128.load(ptr);
  }
  __zero(): u128 {
    return u128.zero;
  }
}
