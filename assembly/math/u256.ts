// Unsigned 256-bit integers as immutable values; the same contract as u128, twice as wide.
// Words are a (lowest) to d (highest).
import { divisionByZero, overflow } from "../runtime/texts";
import { load64, store64 } from "../codec/words";
import {
  decimal,
  divideLimbs,
  divisor,
  multiplyHigh,
  multiplyWide,
  quotient,
  remainder,
} from "./limbs";
import { u128 } from "./u128";

@unmanaged
export class u256 {
  constructor(
    readonly a: u64,
    readonly b: u64,
    readonly c: u64,
    readonly d: u64,
  ) {}

  static get zero(): u256 {
    return changetype<u256>(memory.data<u64>([0, 0, 0, 0]));
  }
  static get one(): u256 {
    return changetype<u256>(memory.data<u64>([1, 0, 0, 0]));
  }
  static get max(): u256 {
    return changetype<u256>(
      memory.data<u64>([
        0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
      ]),
    );
  }

  static from(value: u64): u256 {
    return new u256(value, 0, 0, 0);
  }

  static fromU128(value: u128): u256 {
    return new u256(value.lo, value.hi, 0, 0);
  }

  /** The number whose 32 big-endian bytes lie at `ptr`. */
  static load(ptr: usize): u256 {
    return new u256(load64(ptr + 24), load64(ptr + 16), load64(ptr + 8), load64(ptr));
  }

  get isZero(): bool {
    return (this.a | this.b | this.c | this.d) == 0;
  }

  add(other: u256): u256 {
    const a = this.a + other.a;
    let carry = u64(a < this.a);
    let part = this.b + other.b;
    const b = part + carry;
    carry = u64(part < this.b) | u64(b < part);
    part = this.c + other.c;
    const c = part + carry;
    carry = u64(part < this.c) | u64(c < part);
    part = this.d + other.d;
    const d = part + carry;
    if (part < this.d || d < part) overflow();
    return new u256(a, b, c, d);
  }

  sub(other: u256): u256 {
    const a = this.a - other.a;
    let borrow = u64(this.a < other.a);
    let part = this.b - other.b;
    const b = part - borrow;
    borrow = u64(this.b < other.b) | u64(part < borrow);
    part = this.c - other.c;
    const c = part - borrow;
    borrow = u64(this.c < other.c) | u64(part < borrow);
    part = this.d - other.d;
    const d = part - borrow;
    if (this.d < other.d || part < borrow) overflow();
    return new u256(a, b, c, d);
  }

  /** Schoolbook over 64-bit words; what would land beyond the fourth word must be zero. */
  mul(other: u256): u256 {
    const x = changetype<usize>(this);
    const y = changetype<usize>(other);
    const result = new u256(0, 0, 0, 0);
    const to = changetype<usize>(result);
    for (let i: usize = 0; i < 4; i++) {
      const word = load<u64>(x + (i << 3));
      if (word == 0) continue;
      let carry: u64 = 0;
      for (let j: usize = 0; j < 4; j++) {
        const factor = load<u64>(y + (j << 3));
        if (i + j > 3) {
          if (factor != 0) overflow();
          continue;
        }
        const at = to + ((i + j) << 3);
        const low = word * factor;
        const sum = low + carry;
        const total = sum + load<u64>(at);
        carry = multiplyHigh(word, factor) + u64(sum < low) + u64(total < sum);
        store<u64>(at, total);
      }
      if (carry != 0) overflow();
    }
    return result;
  }

  /** this × factor ÷ by, rounded down; the product may have 512 bits, the result must fit. */
  mulDiv(factor: u256, by: u256): u256 {
    this.divideProduct(factor, by);
    return u256.words(quotient());
  }

  /** The same, rounded up. */
  mulDivUp(factor: u256, by: u256): u256 {
    this.divideProduct(factor, by);
    const result = u256.words(quotient());
    return u256.words(remainder()).isZero ? result : result.add(u256.one);
  }

  private divideProduct(factor: u256, by: u256): void {
    if (by.isZero) divisionByZero();
    multiplyWide(changetype<usize>(this), changetype<usize>(factor));
    const to = divisor();
    memory.copy(to, changetype<usize>(by), 32);
    memory.fill(to + 32, 0, 32);
    divideLimbs(16);
    if (!u256.words(quotient() + 32).isZero) overflow();
  }

  div(other: u256): u256 {
    this.divide(other);
    return u256.words(quotient());
  }

  rem(other: u256): u256 {
    this.divide(other);
    return u256.words(remainder());
  }

  private static words(ptr: usize): u256 {
    return new u256(load<u64>(ptr), load<u64>(ptr, 8), load<u64>(ptr, 16), load<u64>(ptr, 24));
  }

  private divide(other: u256): void {
    if (other.isZero) divisionByZero();
    this.spread(remainder());
    memory.copy(divisor(), changetype<usize>(other), 32);
    divideLimbs(8);
  }

  private spread(ptr: usize): void {
    memory.copy(ptr, changetype<usize>(this), 32);
    store<u32>(ptr, 0, 32);
  }

  pow(exponent: u32): u256 {
    let result = u256.one;
    let base: u256 = this;
    while (exponent != 0) {
      if (exponent & 1) result = result.mul(base);
      exponent >>= 1;
      if (exponent != 0) base = base.mul(base);
    }
    return result;
  }

  private word(index: i32): u64 {
    return <u32>index > 3 ? 0 : load<u64>(changetype<usize>(this) + ((<usize>index) << 3));
  }

  /** Bits shifted out are lost; a shift of 256 or more gives zero. */
  shl(bits: u32): u256 {
    if (bits >= 256) return u256.zero;
    const whole = <i32>(bits >> 6);
    return new u256(
      this.windowUp(0 - whole, bits & 63),
      this.windowUp(1 - whole, bits & 63),
      this.windowUp(2 - whole, bits & 63),
      this.windowUp(3 - whole, bits & 63),
    );
  }

  private windowUp(index: i32, bits: u32): u64 {
    const high = this.word(index) << bits;
    return bits == 0 ? high : high | (this.word(index - 1) >> (64 - bits));
  }

  shr(bits: u32): u256 {
    if (bits >= 256) return u256.zero;
    const whole = <i32>(bits >> 6);
    return new u256(
      this.windowDown(whole, bits & 63),
      this.windowDown(whole + 1, bits & 63),
      this.windowDown(whole + 2, bits & 63),
      this.windowDown(whole + 3, bits & 63),
    );
  }

  private windowDown(index: i32, bits: u32): u64 {
    const low = this.word(index) >> bits;
    return bits == 0 ? low : low | (this.word(index + 1) << (64 - bits));
  }

  and(other: u256): u256 {
    return new u256(this.a & other.a, this.b & other.b, this.c & other.c, this.d & other.d);
  }
  or(other: u256): u256 {
    return new u256(this.a | other.a, this.b | other.b, this.c | other.c, this.d | other.d);
  }
  xor(other: u256): u256 {
    return new u256(this.a ^ other.a, this.b ^ other.b, this.c ^ other.c, this.d ^ other.d);
  }
  not(): u256 {
    return new u256(~this.a, ~this.b, ~this.c, ~this.d);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: u256 | null, right: u256 | null): bool {
    const a = changetype<usize>(left);
    const b = changetype<usize>(right);
    return a == b || (a != 0 && b != 0 && changetype<u256>(a).eq(changetype<u256>(b)));
  }

  @operator("!=")
  static other(left: u256 | null, right: u256 | null): bool {
    return !u256.same(left, right);
  }

  eq(other: u256): bool {
    return ((this.a ^ other.a) | (this.b ^ other.b) | (this.c ^ other.c) | (this.d ^ other.d)) == 0;
  }
  ne(other: u256): bool {
    return !this.eq(other);
  }
  lt(other: u256): bool {
    if (this.d != other.d) return this.d < other.d;
    if (this.c != other.c) return this.c < other.c;
    if (this.b != other.b) return this.b < other.b;
    return this.a < other.a;
  }
  gt(other: u256): bool {
    return other.lt(this);
  }
  le(other: u256): bool {
    return !other.lt(this);
  }
  ge(other: u256): bool {
    return !this.lt(other);
  }
  min(other: u256): u256 {
    return this.lt(other) ? this : other;
  }
  max(other: u256): u256 {
    return this.lt(other) ? other : this;
  }

  /** The value as a u64; reverts where it does not fit. */
  toU64(): u64 {
    if ((this.b | this.c | this.d) != 0) overflow();
    return this.a;
  }

  /** The value as a u128; reverts where it does not fit. */
  toU128(): u128 {
    if ((this.c | this.d) != 0) overflow();
    return new u128(this.a, this.b);
  }

  /** Decimal digits. Costly: format numbers outside the contract where that is possible. */
  toString(): string {
    this.spread(remainder());
    return decimal(8);
  }

  __fixed(): u32 {
    return 32;
  }
  __write(ptr: usize): usize {
    store64(ptr, this.d);
    store64(ptr + 8, this.c);
    store64(ptr + 16, this.b);
    store64(ptr + 24, this.a);
    return ptr + 32;
  }
  __load(ptr: usize): u256 {
    return u256.load(ptr);
  }
  __zero(): u256 {
    return u256.zero;
  }
}
