// Balances: big-endian u128 numbers in memory. Sums never overflow in a run, since the genesis balances sum to
// less than 2^128; elsewhere the caller is told.
import { getU64, putU64 } from "./record";

/** out = a + b, and whether it fits; places may be the same. */
export function addAmount(a: usize, b: usize, out: usize): bool {
  const low = getU64(a + 8) + getU64(b + 8);
  const carry: u64 = low < getU64(a + 8) ? 1 : 0;
  const sum = getU64(a) + getU64(b);
  const fits = sum >= getU64(a) && sum + carry >= sum;
  putU64(out, sum + carry);
  putU64(out + 8, low);
  return fits;
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

/** out = gas × price. */
export function multiplyPrice(gas: u64, price: u64, out: usize): void {
  const low = (gas & 0xffffffff) * (price & 0xffffffff);
  const cross = (gas >> 32) * (price & 0xffffffff) + (low >> 32);
  // Neither sum overflows: a product of halves is at most 2^64 − 2^33 + 1.
  const middle = (gas & 0xffffffff) * (price >> 32) + (cross & 0xffffffff);
  putU64(out, (gas >> 32) * (price >> 32) + (cross >> 32) + (middle >> 32));
  putU64(out + 8, (middle << 32) | (low & 0xffffffff));
}
