// The judge's own Keccak-256 and SHA-256, in plain 32-bit arithmetic (FIPS 202 with Ethereum's padding, FIPS
// 180-4). Constants are made from their definitions, so that there is no table to mistype. About a quarter
// of a million permutations a second: enough for thousands of step proofs, and nothing else uses it.

const LANES = 25;
const RATE = 136;

/** By lane x + 5y: how far rho rotates it, and where pi puts it. */
const ROTATION = new Uint8Array(LANES);
const TARGET = new Uint8Array(LANES);
/** Round constants, low and high halves. */
const IOTA_LOW = new Int32Array(24);
const IOTA_HIGH = new Int32Array(24);

function makeKeccakConstants(): void {
  for (let x = 0, y = 0, t = 0; t < 24; t++) {
    [x, y] = t === 0 ? [1, 0] : [y, (2 * x + 3 * y) % 5];
    ROTATION[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
  }
  for (let x = 0; x < 5; x++) {
    for (let y = 0; y < 5; y++) TARGET[x + 5 * y] = y + 5 * ((2 * x + 3 * y) % 5);
  }
  // The linear feedback shift register of FIPS 202, algorithm 5.
  let register = 1;
  for (let round = 0; round < 24; round++) {
    for (let j = 0; j < 7; j++) {
      const bit = 2 ** j - 1;
      if (register & 1) {
        if (bit < 32) IOTA_LOW[round]! ^= 1 << bit;
        else IOTA_HIGH[round]! ^= 1 << (bit - 32);
      }
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    }
  }
}
makeKeccakConstants();

const low = new Int32Array(LANES);
const high = new Int32Array(LANES);
const movedLow = new Int32Array(LANES);
const movedHigh = new Int32Array(LANES);

const column = (half: Int32Array, x: number): number =>
  half[x]! ^ half[x + 5]! ^ half[x + 10]! ^ half[x + 15]! ^ half[x + 20]!;

/** Adds to a column the one to its left and the one to its right, rotated by one. */
function changeColumn(
  x: number,
  leftLow: number,
  leftHigh: number,
  rightLow: number,
  rightHigh: number,
): void {
  const changeLow = leftLow ^ ((rightLow << 1) | (rightHigh >>> 31));
  const changeHigh = leftHigh ^ ((rightHigh << 1) | (rightLow >>> 31));
  for (let lane = x; lane < LANES; lane += 5) {
    low[lane] = low[lane]! ^ changeLow;
    high[lane] = high[lane]! ^ changeHigh;
  }
}

// Locals instead of arrays here and in chi: they double the speed.
function theta(): void {
  const [l0, l1, l2] = [column(low, 0), column(low, 1), column(low, 2)];
  const [l3, l4] = [column(low, 3), column(low, 4)];
  const [h0, h1, h2] = [column(high, 0), column(high, 1), column(high, 2)];
  const [h3, h4] = [column(high, 3), column(high, 4)];
  changeColumn(0, l4, h4, l1, h1);
  changeColumn(1, l0, h0, l2, h2);
  changeColumn(2, l1, h1, l3, h3);
  changeColumn(3, l2, h2, l4, h4);
  changeColumn(4, l3, h3, l0, h0);
}

function rhoAndPi(): void {
  for (let lane = 0; lane < LANES; lane++) {
    const by = ROTATION[lane]!;
    const to = TARGET[lane]!;
    let a = low[lane]!;
    let b = high[lane]!;
    if (by >= 32) [a, b] = [b, a];
    const rest = by & 31;
    // A shift by 32 is a shift by 0 in JavaScript, hence in two parts.
    movedLow[to] = (a << rest) | ((b >>> 1) >>> (31 - rest));
    movedHigh[to] = (b << rest) | ((a >>> 1) >>> (31 - rest));
  }
}

function chiRow(to: Int32Array, from: Int32Array, y: number): void {
  const x0 = from[y]!;
  const x1 = from[y + 1]!;
  const x2 = from[y + 2]!;
  const x3 = from[y + 3]!;
  const x4 = from[y + 4]!;
  to[y] = x0 ^ (~x1 & x2);
  to[y + 1] = x1 ^ (~x2 & x3);
  to[y + 2] = x2 ^ (~x3 & x4);
  to[y + 3] = x3 ^ (~x4 & x0);
  to[y + 4] = x4 ^ (~x0 & x1);
}

function permute(): void {
  for (let round = 0; round < 24; round++) {
    theta();
    rhoAndPi();
    for (let y = 0; y < LANES; y += 5) {
      chiRow(low, movedLow, y);
      chiRow(high, movedHigh, y);
    }
    low[0]! ^= IOTA_LOW[round]!;
    high[0]! ^= IOTA_HIGH[round]!;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Keccak-256 of the joined parts. */
export function keccak256(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const padded = new Uint8Array((Math.floor(length / RATE) + 1) * RATE);
  let end = 0;
  for (const part of parts) {
    padded.set(part, end);
    end += part.length;
  }
  padded[length]! ^= 0x01;
  padded[padded.length - 1]! ^= 0x80;
  low.fill(0);
  high.fill(0);
  for (let block = 0; block < padded.length; block += RATE) {
    for (let lane = 0; lane < RATE / 8; lane++) {
      low[lane]! ^= word(padded, block + 8 * lane);
      high[lane]! ^= word(padded, block + 8 * lane + 4);
    }
    permute();
  }
  const hash = new Uint8Array(32);
  for (let i = 0; i < 32; i++) {
    const half = i & 4 ? high : low;
    hash[i] = half[i >>> 3]! >>> (8 * (i & 3));
  }
  return hash;
}

/** First 64 primes. */
const PRIMES = Array.from({ length: 312 }, (_, i) => i).filter((n) => {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
});

/** floor(n^(1/power)). */
function root(n: bigint, power: bigint): bigint {
  let least = 0n;
  let most = 1n << (BigInt(n.toString(2).length) / power + 1n);
  while (most - least > 1n) {
    const middle = (least + most) / 2n;
    if (middle ** power <= n) least = middle;
    else most = middle;
  }
  return least;
}

/** First 32 bits of the fraction of a prime's square or cube root. */
const fraction = (prime: number, power: bigint): number =>
  Number(BigInt.asIntN(32, root(BigInt(prime) << (32n * power), power)));

const SHA_ROUND = Int32Array.from(PRIMES, (prime) => fraction(prime, 3n));
const SHA_START = PRIMES.slice(0, 8).map((prime) => fraction(prime, 2n));
const schedule = new Int32Array(64);

const rotate = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

function fillSchedule(bytes: Uint8Array, block: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + block, 64);
  for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(4 * i);
  for (let i = 16; i < 64; i++) {
    const x = schedule[i - 15]!;
    const y = schedule[i - 2]!;
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    schedule[i] = schedule[i - 16]! + s0 + schedule[i - 7]! + s1;
  }
}

/** SHA-256 of the joined parts. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const padded = new Uint8Array(Math.ceil((length + 9) / 64) * 64);
  let end = 0;
  for (const part of parts) {
    padded.set(part, end);
    end += part.length;
  }
  padded[length] = 0x80;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, BigInt(length) * 8n);
  const state = Int32Array.from(SHA_START);
  for (let block = 0; block < padded.length; block += 64) {
    fillSchedule(padded, block);
    let [a, b, c, d, e, f, g, h] = state as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    for (let i = 0; i < 64; i++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + SHA_ROUND[i]! + schedule[i]!) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => {
      state[i]! += value;
    });
  }
  const hash = new Uint8Array(32);
  const view = new DataView(hash.buffer);
  state.forEach((value, i) => {
    view.setInt32(4 * i, value);
  });
  return hash;
}
