// Numbers with 18 decimals: an i256 counts units of 10^−18. Products and quotients go through 512 bits, so
// only a result that does not fit reverts. mul and div round towards zero, mulUp and divUp away from it;
// sums are exact. It crosses the border as its units, an i256.
import { divisionByZero } from "../runtime/texts";
import { i256 } from "./i256";
import { u256 } from "./u256";

/** 10^18. */
function scale(): u256 {
  return changetype<u256>(memory.data<u64>([1000000000000000000, 0, 0, 0]));
}

@unmanaged
export class Fixed {
  private constructor(
    readonly a: u64,
    readonly b: u64,
    readonly c: u64,
    readonly d: u64,
  ) {}

  static get zero(): Fixed {
    return Fixed.ofUnits(i256.zero);
  }
  static get one(): Fixed {
    return changetype<Fixed>(changetype<usize>(scale()));
  }

  /** A whole number. */
  static from(value: i64): Fixed {
    return Fixed.fromI256(i256.from(value));
  }
  /** A whole number; reverts where it does not fit. */
  static fromI256(value: i256): Fixed {
    return Fixed.ofUnits(i256.ofMagnitude(value.magnitude.mul(scale()), value.isNegative));
  }
  /** The number of so many units of 10^−18. */
  static ofUnits(units: i256): Fixed {
    return changetype<Fixed>(changetype<usize>(units));
  }
  /** numerator ÷ denominator, rounded towards zero. */
  static ratio(numerator: i256, denominator: i256): Fixed {
    return Fixed.ofUnits(numerator).div(Fixed.ofUnits(denominator));
  }

  /** Units of 10^−18. */
  get units(): i256 {
    return changetype<i256>(changetype<usize>(this));
  }
  get isZero(): bool {
    return this.units.isZero;
  }
  get isNegative(): bool {
    return this.units.isNegative;
  }

  add(other: Fixed): Fixed {
    return Fixed.ofUnits(this.units.add(other.units));
  }
  sub(other: Fixed): Fixed {
    return Fixed.ofUnits(this.units.sub(other.units));
  }
  neg(): Fixed {
    return Fixed.ofUnits(this.units.neg());
  }
  abs(): Fixed {
    return Fixed.ofUnits(this.units.abs());
  }

  /** Rounds towards zero. */
  mul(other: Fixed): Fixed {
    const units = this.units.magnitude.mulDiv(other.units.magnitude, scale());
    return this.signed(units, other);
  }
  /** Rounds away from zero. */
  mulUp(other: Fixed): Fixed {
    const units = this.units.magnitude.mulDivUp(other.units.magnitude, scale());
    return this.signed(units, other);
  }
  /** Rounds towards zero; reverts on division by zero. */
  div(other: Fixed): Fixed {
    if (other.isZero) divisionByZero();
    const units = this.units.magnitude.mulDiv(scale(), other.units.magnitude);
    return this.signed(units, other);
  }
  /** Rounds away from zero; reverts on division by zero. */
  divUp(other: Fixed): Fixed {
    if (other.isZero) divisionByZero();
    const units = this.units.magnitude.mulDivUp(scale(), other.units.magnitude);
    return this.signed(units, other);
  }

  private signed(units: u256, other: Fixed): Fixed {
    return Fixed.ofUnits(i256.ofMagnitude(units, this.isNegative != other.isNegative));
  }

  /** The whole number towards zero. */
  toI256(): i256 {
    return i256.ofMagnitude(this.units.magnitude.div(scale()), this.isNegative);
  }

  // Static, because == is also what asc calls where a value is compared with null.
  @operator("==")
  static same(left: Fixed | null, right: Fixed | null): bool {
    return i256.same(changetype<i256 | null>(left), changetype<i256 | null>(right));
  }
  @operator("!=")
  static other(left: Fixed | null, right: Fixed | null): bool {
    return !Fixed.same(left, right);
  }

  eq(other: Fixed): bool {
    return this.units.eq(other.units);
  }
  ne(other: Fixed): bool {
    return !this.eq(other);
  }
  lt(other: Fixed): bool {
    return this.units.lt(other.units);
  }
  gt(other: Fixed): bool {
    return other.lt(this);
  }
  le(other: Fixed): bool {
    return !other.lt(this);
  }
  ge(other: Fixed): bool {
    return !this.lt(other);
  }
  min(other: Fixed): Fixed {
    return this.lt(other) ? this : other;
  }
  max(other: Fixed): Fixed {
    return this.lt(other) ? other : this;
  }

  /** `-1.5`: all decimals that are not trailing zeros. Costly: format outside the contract if possible. */
  toString(): string {
    const whole = this.units.magnitude.div(scale()).toString();
    let digits = this.units.magnitude.rem(scale()).toString().padStart(18, "0");
    let end = digits.length;
    while (end > 0 && digits.charCodeAt(end - 1) == 48) end--;
    const text = end == 0 ? whole : whole + "." + digits.substring(0, end);
    return this.isNegative ? "-" + text : text;
  }

  __fixed(): u32 {
    return 32;
  }
  __write(ptr: usize): usize {
    return this.units.__write(ptr);
  }
  __load(ptr: usize): Fixed {
    return Fixed.ofUnits(changetype<i256>(0).__load(ptr));
  }
  __zero(): Fixed {
    return Fixed.zero;
  }
}
