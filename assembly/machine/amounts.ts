// Balances: big-endian u128 numbers in memory. Sums never overflow in a run, since the genesis balances sum to
// less than 2^128; elsewhere they wrap.
import { getU64, putU64 } from "./record";

/** out = a + b; places may be the same. */
export function addAmount(a: usize, b: usize, out: usize): void {
  const low = getU64(a + 8) + getU64(b + 8);
  const carry: u64 = low < getU64(a + 8) ? 1 : 0;
  putU64(out, getU64(a) + getU64(b) + carry);
  putU64(out + 8, low);
}

/** out = a − b; places may be the same. */
export function subtractAmount(a: usize, b: usize, out: usize): void {
  const borrow: u64 = getU64(a + 8) < getU64(b + 8) ? 1 : 0;
  const high = getU64(a) - getU64(b) - borrow;
  putU64(out + 8, getU64(a + 8) - getU64(b + 8));
  putU64(out, high);
}

/** Whether a < b. */
export function isLess(a: usize, b: usize): bool {
  const high = getU64(a);
  const other = getU64(b);
  return high == other ? getU64(a + 8) < getU64(b + 8) : high < other;
}

/** out = gas × price, gas below 2^48. */
export function multiplyPrice(gas: u64, price: u64, out: usize): void {
  const low = gas * (price & 0xffffffff);
  const high = gas * (price >> 32);
  // gas × 2^32 parts: each product is below 2^80, so the lower halves need a second split.
  const lowTop = mulHigh(gas, price & 0xffffffff);
  const highTop = mulHigh(gas, price >> 32);
  const sum = low + (high << 32);
  const carry: u64 = sum < low ? 1 : 0;
  putU64(out, lowTop + (high >> 32) + (highTop << 32) + carry);
  putU64(out + 8, sum);
}

// Upper 64 bits of a 48-bit by 32-bit product.
function mulHigh(gas: u64, part: u64): u64 {
  return ((gas >> 32) * part + (((gas & 0xffffffff) * part) >> 32)) >> 32;
}
