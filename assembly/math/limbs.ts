// Long division on 32-bit limbs, least significant first: Knuth's algorithm D (TAOCP 4.3.1), shared by u128
// and u256. Works in static buffers; must be given a nonzero divisor.

/** The quotient of the last division: sixteen limbs. */
export function quotient(): usize {
  return memory.data(64, 8);
}

/** Dividend before, remainder after: sixteen limbs and one for the shift. */
export function remainder(): usize {
  return memory.data(68, 8);
}

/** The divisor: sixteen limbs; destroyed by the division. */
export function divisor(): usize {
  return memory.data(64, 8);
}

function limbsUsed(ptr: usize, count: i32): i32 {
  while (count > 0 && load<u32>(ptr + ((<usize>count - 1) << 2)) == 0) count--;
  return count;
}

/** Divides remainder() by divisor(), both `count` limbs; afterwards quotient() and remainder() hold the results. */
export function divideLimbs(count: i32): void {
  const u = remainder();
  const v = divisor();
  const q = quotient();
  memory.fill(q, 0, (<usize>count) << 2);
  const n = limbsUsed(v, count);
  const m = limbsUsed(u, count);
  if (m < n) return;
  if (n == 1) {
    divideByLimb(u, load<u32>(v), q, m);
    return;
  }
  const shift = clz<u32>(load<u32>(v + ((<usize>n - 1) << 2)));
  shiftLeft(v, n, shift);
  store<u32>(u + ((<usize>m) << 2), shiftLeft(u, m, shift));
  const top = <u64>load<u32>(v + ((<usize>n - 1) << 2));
  const next = <u64>load<u32>(v + ((<usize>n - 2) << 2));
  for (let j = m - n; j >= 0; j--) {
    const at = u + ((<usize>(j + n)) << 2);
    const high = ((<u64>load<u32>(at)) << 32) | <u64>load<u32>(at - 4);
    let guess = high / top;
    let rest = high % top;
    while (guess >> 32 != 0 || guess * next > ((rest << 32) | <u64>load<u32>(at - 8))) {
      guess--;
      rest += top;
      if (rest >> 32 != 0) break;
    }
    if (subtractProduct(u + ((<usize>j) << 2), v, n, guess)) {
      guess--;
      addBack(u + ((<usize>j) << 2), v, n);
    }
    store<u32>(q + ((<usize>j) << 2), <u32>guess);
  }
  shiftRight(u, n, shift);
  for (let i = n; i <= m; i++) store<u32>(u + ((<usize>i) << 2), 0);
}

function divideByLimb(u: usize, by: u32, q: usize, m: i32): void {
  let rest: u64 = 0;
  for (let i = m - 1; i >= 0; i--) {
    const at = (<usize>i) << 2;
    const part = (rest << 32) | <u64>load<u32>(u + at);
    store<u32>(q + at, <u32>(part / by));
    rest = part % by;
    store<u32>(u + at, 0);
  }
  store<u32>(u, <u32>rest);
}

/** Shifts `count` limbs left by less than 32 bits in place; returns what leaves at the top. */
function shiftLeft(ptr: usize, count: i32, shift: u32): u32 {
  let carry: u64 = 0;
  for (let i = 0; i < count; i++) {
    const part = ((<u64>load<u32>(ptr)) << shift) | carry;
    store<u32>(ptr, <u32>part);
    carry = part >> 32;
    ptr += 4;
  }
  return <u32>carry;
}

function shiftRight(ptr: usize, count: i32, shift: u32): void {
  for (let i = 0; i < count; i++) {
    const high = (<u64>load<u32>(ptr, 4)) << 32;
    store<u32>(ptr, <u32>((high | <u64>load<u32>(ptr)) >> shift));
    ptr += 4;
  }
}

/** u[0..n] -= guess * v[0..n); whether it went below zero. */
function subtractProduct(u: usize, v: usize, n: i32, guess: u64): bool {
  let carry: u64 = 0;
  let borrow: u64 = 0;
  for (let i = 0; i < n; i++) {
    const product = guess * <u64>load<u32>(v) + carry;
    carry = product >> 32;
    const part = <u64>load<u32>(u) - (product & 0xffffffff) - borrow;
    store<u32>(u, <u32>part);
    borrow = (part >> 32) & 1;
    u += 4;
    v += 4;
  }
  const part = <u64>load<u32>(u) - carry - borrow;
  store<u32>(u, <u32>part);
  return ((part >> 32) & 1) != 0;
}

function addBack(u: usize, v: usize, n: i32): void {
  let carry: u64 = 0;
  for (let i = 0; i < n; i++) {
    const part = <u64>load<u32>(u) + <u64>load<u32>(v) + carry;
    store<u32>(u, <u32>part);
    carry = part >> 32;
    u += 4;
    v += 4;
  }
  store<u32>(u, <u32>(<u64>load<u32>(u) + carry));
}

/** The high 64 bits of a × b. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  return aHigh * bHigh + (middle >> 32) + ((aLow * bHigh + (middle & 0xffffffff)) >> 32);
}

/** The product of two numbers of four 64-bit words, as sixteen limbs in remainder(). */
export function multiplyWide(x: usize, y: usize): void {
  const to = remainder();
  memory.fill(to, 0, 68);
  for (let i: usize = 0; i < 32; i += 8) {
    const word = load<u64>(x + i);
    let carry: u64 = 0;
    for (let j: usize = 0; j < 32; j += 8) {
      const factor = load<u64>(y + j);
      const low = word * factor;
      const sum = low + carry;
      const total = sum + load<u64>(to + i + j);
      carry = multiplyHigh(word, factor) + u64(sum < low) + u64(total < sum);
      store<u64>(to + i + j, total);
    }
    store<u64>(to + i + 32, carry);
  }
}

/** Decimal digits of the `count` limbs in remainder(), which it destroys. */
export function decimal(count: i32): string {
  const u = remainder();
  const q = quotient();
  let text = "";
  do {
    const used = limbsUsed(u, count);
    divideByLimb(u, 1000000000, q, used == 0 ? 1 : used);
    const part = load<u32>(u).toString();
    memory.copy(u, q, 32);
    store<u32>(u, 0, 32);
    memory.fill(q, 0, 32);
    text = limbsUsed(u, count) == 0 ? part + text : part.padStart(9, "0") + text;
  } while (limbsUsed(u, count) != 0);
  return text;
}
