// secp256k1 public key recovery with BigInt, and the signature rule of docs/formats.md section 3 (SEC 1
// version 2, 4.1.6). Points are Jacobian, infinity has z = 0. A few milliseconds each; not constant time, since
// everything here is public.
import { concat, equal, numberBytes, readBig } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";

const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;
const GENERATOR_X =
  0x79be_667e_f9dc_bbac_55a0_6295_ce87_0b07_029b_fcdb_2dce_28d9_59f2_815b_16f8_1798n;
const GENERATOR_Y =
  0x483a_da77_26a3_c465_5da4_fbfc_0e11_08a8_fd17_b448_a685_5419_9c47_d08f_fb10_d4b8n;

const mod = (value: bigint, modulus: bigint): bigint => {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
};

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}

/** Both moduli are prime. */
const inverse = (value: bigint, modulus: bigint): bigint => power(value, modulus - 2n, modulus);

interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
}

const INFINITY: Point = { x: 1n, y: 1n, z: 0n };
const GENERATOR: Point = { x: GENERATOR_X, y: GENERATOR_Y, z: 1n };

function double({ x, y, z }: Point): Point {
  if (z === 0n || y === 0n) return INFINITY;
  const ySquared = (y * y) % P;
  const s = (4n * x * ySquared) % P;
  const m = (3n * x * x) % P;
  const newX = mod(m * m - 2n * s, P);
  const newY = mod(m * (s - newX) - 8n * ySquared * ySquared, P);
  return { x: newX, y: newY, z: (2n * y * z) % P };
}

function add(a: Point, b: Point): Point {
  if (a.z === 0n) return b;
  if (b.z === 0n) return a;
  const aZ = (a.z * a.z) % P;
  const bZ = (b.z * b.z) % P;
  const u1 = (a.x * bZ) % P;
  const u2 = (b.x * aZ) % P;
  const s1 = (a.y * bZ * b.z) % P;
  const s2 = (b.y * aZ * a.z) % P;
  if (u1 === u2) return s1 === s2 ? double(a) : INFINITY;
  const h = mod(u2 - u1, P);
  const r = mod(s2 - s1, P);
  const h2 = (h * h) % P;
  const h3 = (h * h2) % P;
  const x = mod(r * r - h3 - 2n * u1 * h2, P);
  const y = mod(r * (u1 * h2 - x) - s1 * h3, P);
  return { x, y, z: (h * a.z * b.z) % P };
}

/** a × first + b × second. */
function combine(a: bigint, first: Point, b: bigint, second: Point): Point {
  const both = add(first, second);
  let sum = INFINITY;
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = double(sum);
    const inA = (a >> bit) & 1n;
    const inB = (b >> bit) & 1n;
    if (inA === 1n && inB === 1n) sum = add(sum, both);
    else if (inA === 1n) sum = add(sum, first);
    else if (inB === 1n) sum = add(sum, second);
  }
  return sum;
}

/** The public key x ‖ y [64] of a signature with x coordinate r and the parity of v, or undefined. */
function recoverKey(digest: bigint, r: bigint, s: bigint, v: number): Uint8Array | undefined {
  const square = (r * r * r + 7n) % P;
  const root = power(square, (P + 1n) / 4n, P);
  if ((root * root) % P !== square) return undefined;
  const isOdd = (root & 1n) === 1n;
  const y = isOdd === (v === 28) ? root : P - root;
  const rInverse = inverse(r, N);
  const u1 = mod(-digest * rInverse, N);
  const u2 = (s * rInverse) % N;
  const key = combine(u1, GENERATOR, u2, { x: r, y, z: 1n });
  if (key.z === 0n) return undefined;
  const zInverse = inverse(key.z, P);
  const zSquared = (zInverse * zInverse) % P;
  return concat(
    numberBytes(32, (key.x * zSquared) % P),
    numberBytes(32, (key.y * zSquared * zInverse) % P),
  );
}

/** Host call 16: signature r ‖ s ‖ v [65]; the public key [64], or undefined where there is none. */
export function recover(digest: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const r = readBig(signature, 0, 32);
  const s = readBig(signature, 32, 32);
  const v = signature[64]!;
  if (r === 0n || r >= N || s === 0n || s > N / 2n || (v !== 27 && v !== 28)) return undefined;
  return recoverKey(readBig(digest, 0, 32), r, s, v);
}

/** The rule for transactions: signature r ‖ s [64] over digest [32] by the key of address `sender`. */
export function signatureHolds(
  digest: Uint8Array,
  signature: Uint8Array,
  sender: Uint8Array,
): boolean {
  const r = readBig(signature, 0, 32);
  if (r < P - N || r >= N) return false;
  return [27, 28].some((v) => {
    const key = recover(digest, concat(signature, Uint8Array.of(v)));
    return key !== undefined && equal(keccak256(key).subarray(12), sender);
  });
}
