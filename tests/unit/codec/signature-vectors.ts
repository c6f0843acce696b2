// Edge cases of the signature rule (docs/formats.md section 3), made from first principles with noble's
// curve arithmetic. Both checkers and the vector file take them from here.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { deriveKey, keySigner } from "../../../host/chain/key.ts";
import { join, keccak } from "./reference.ts";

export const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
export const P = 2n ** 256n - 2n ** 32n - 977n;
const HALF_N = N / 2n;

export const word = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));
const toNumber = (bytes: Uint8Array): bigint =>
  bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
const mod = (value: bigint, by = N): bigint => ((value % by) + by) % by;

function inverse(value: bigint): bigint {
  let [a, b, x, y] = [mod(value), N, 1n, 0n];
  while (a > 1n) {
    const q = b / a;
    [a, b] = [b - q * a, a];
    [x, y] = [y - q * x, x];
  }
  return mod(x);
}

const G = secp256k1.Point.BASE;
const key = toNumber(deriveKey("vectors", "signer"));
const signer = keySigner(word(key));
const digest = keccak(Uint8Array.of(1, 2, 3));

/** The signature with nonce `k`, before any normalisation of s. */
function rawSign(k: bigint, of: Uint8Array): { r: bigint; s: bigint; odd: boolean } {
  const point = G.multiply(k).toAffine();
  const r = mod(point.x);
  return { r, s: mod(inverse(k) * (toNumber(of) + r * key)), odd: (point.y & 1n) === 1n };
}

export interface VerifyVector {
  readonly name: string;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly valid: boolean;
}

export interface RecoverVector {
  readonly name: string;
  readonly digest: Uint8Array;
  /** r ‖ s ‖ v */
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array | undefined;
}

const good = signer.sign(digest);
const r = toNumber(good.subarray(0, 32));
const s = toNumber(good.subarray(32));
const rs = (left: bigint, right: bigint): Uint8Array => join(word(left), word(right));

/** A digest for which (r, s) verifies under the signer's key, for the nonce whose point has this r. */
function digestFor(k: bigint, wantedS: bigint): { digest: Uint8Array; r: bigint; odd: boolean } {
  const point = G.multiply(k).toAffine();
  const r = mod(point.x);
  return { digest: word(mod(wantedS * k - r * key)), r, odd: (point.y & 1n) === 1n };
}

/**
 * A signature whose r is below p − n and right under plain ECDSA: R is the least x >= 1 on the curve, and
 * the key is solved for. Plain verifiers take it; the rule does not, because n + x is an x coordinate
 * too for such r and v would have four values.
 */
function smallR(): VerifyVector {
  const half = (P + 1n) / 4n;
  for (let x = 1n; ; x++) {
    const y2 = mod(x * x * x + 7n, P);
    const y = power(y2, half);
    if (mod(y * y, P) !== y2) continue;
    const point = secp256k1.Point.fromAffine({ x, y });
    // Q = r^-1 (s R − z G)
    const publicPoint = point
      .multiply(5n)
      .subtract(G.multiply(toNumber(digest)))
      .multiply(inverse(x));
    return {
      name: "r below p − n that plain verification takes",
      digest,
      signature: rs(x, 5n),
      publicKey: publicPoint.toBytes(false).slice(1),
      valid: false,
    };
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * b, P);
    b = mod(b * b, P);
  }
  return result;
}

const onHalf = digestFor(3n, HALF_N);
const overHalf = digestFor(3n, HALF_N + 1n);
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ 1;
  return copy;
};
const { publicKey } = signer;
const px = toNumber(publicKey.subarray(0, 32));
const py = toNumber(publicKey.subarray(32));
const other = keySigner(deriveKey("vectors", "other"));
const at = (name: string, signature: Uint8Array, valid = false): VerifyVector => ({
  name,
  digest,
  signature,
  publicKey,
  valid,
});
const withKey = (name: string, key: Uint8Array): VerifyVector => ({
  name,
  digest,
  signature: good,
  publicKey: key,
  valid: false,
});

export const verifyVectors: readonly VerifyVector[] = [
  at("a good signature", good, true),
  { ...at("another digest", good), digest: flipped(digest, 31) },
  at("r changed", flipped(good, 31)),
  at("s changed", flipped(good, 63)),
  at("the same signature with high s", rs(r, N - s)),
  { ...at("s = n/2", rs(onHalf.r, HALF_N), true), digest: onHalf.digest },
  { ...at("s = n/2 + 1", rs(overHalf.r, HALF_N + 1n)), digest: overHalf.digest },
  {
    ...at("s = n/2 + 1 for the digest of s = n/2", rs(onHalf.r, N - HALF_N)),
    digest: onHalf.digest,
  },
  at("s = 0", rs(r, 0n)),
  at("s = n", rs(r, N)),
  at("s = 2^256 − 1", rs(r, 2n ** 256n - 1n)),
  at("r = 0", rs(0n, s)),
  at("r = p − n − 1", rs(P - N - 1n, s)),
  at("r = p − n", rs(P - N, s)),
  at("r = n − 1", rs(N - 1n, s)),
  at("r = n", rs(N, s)),
  at("r + n", rs(mod(r + N, 2n ** 256n), s)),
  at("all zero", new Uint8Array(64)),
  smallR(),
  { ...at("s = 1", rs(digestFor(7n, 1n).r, 1n), true), digest: digestFor(7n, 1n).digest },
  { ...at("a digest of zero", rs(0n, 0n)), ...zeroDigest() },
  { ...at("a digest of n, which counts as zero", rs(0n, 0n)), ...zeroDigest(), digest: word(N) },
  withKey("another key", other.publicKey),
  withKey("a point off the curve", flipped(publicKey, 63)),
  withKey("the negated key", join(word(px), word(P - py))),
  withKey("x not below p", join(word(2n ** 256n - 1n), word(py))),
  withKey("y not below p", join(word(px), word(2n ** 256n - 1n))),
  withKey("a key of zeros", new Uint8Array(64)),
];

/** A valid signature over the number zero. */
function zeroDigest(): { digest: Uint8Array; signature: Uint8Array; valid: true } {
  const zero = new Uint8Array(32);
  const raw = rawSign(11n, zero);
  return { digest: zero, signature: rs(raw.r, raw.s > HALF_N ? N - raw.s : raw.s), valid: true };
}

const rsv = (left: bigint, right: bigint, v: number): Uint8Array =>
  join(word(left), word(right), Uint8Array.of(v));

/** v of the good signature: the one under which the key comes out. */
function recoveryOf(k: bigint): { signature: Uint8Array; opposite: Uint8Array } {
  const raw = rawSign(k, digest);
  const high = raw.s > HALF_N;
  const low = high ? N - raw.s : raw.s;
  const v = raw.odd !== high ? 28 : 27;
  return { signature: rsv(raw.r, low, v), opposite: rsv(raw.r, low, 55 - v) };
}

const nine = recoveryOf(9n);
const ten = recoveryOf(10n);
const infinity = digestAtInfinity();
const recover = (name: string, signature: Uint8Array, key?: Uint8Array): RecoverVector => ({
  name,
  digest,
  signature,
  publicKey: key,
});

/** s R = z G, so that the recovered key would be the point at infinity. */
function digestAtInfinity(): { digest: Uint8Array; signature: Uint8Array } {
  const point = G.multiply(13n).toAffine();
  return {
    digest: word(mod(17n * 13n)),
    signature: rsv(mod(point.x), 17n, (point.y & 1n) === 1n ? 28 : 27),
  };
}

/** The least r >= 1 that is no x coordinate. */
function noPoint(): bigint {
  for (let x = 1n; ; x++) {
    const y2 = mod(x * x * x + 7n, P);
    const y = power(y2, (P + 1n) / 4n);
    if (mod(y * y, P) !== y2) return x;
  }
}

const nineR = toNumber(nine.signature.subarray(0, 32));
const nineS = toNumber(nine.signature.subarray(32, 64));
const nineV = nine.signature[64]!;
const small = smallR();

export const recoverVectors: readonly RecoverVector[] = [
  recover("a good signature", nine.signature, publicKey),
  recover("another good signature", ten.signature, publicKey),
  recover("high s", rsv(nineR, N - nineS, 55 - nineV)),
  recover("s = 0", rsv(nineR, 0n, nineV)),
  recover("s = n", rsv(nineR, N, nineV)),
  recover("s = n/2 + 1", rsv(nineR, HALF_N + 1n, nineV)),
  recover("r = 0", rsv(0n, nineS, nineV)),
  recover("r = n", rsv(N, nineS, nineV)),
  recover("v = 0", rsv(nineR, nineS, 0)),
  recover("v = 1", rsv(nineR, nineS, 1)),
  recover("v = 26", rsv(nineR, nineS, 26)),
  recover("v = 29", rsv(nineR, nineS, 29)),
  recover("r that is no x coordinate", rsv(noPoint(), nineS, 27)),
  { ...recover("the point at infinity", infinity.signature), digest: infinity.digest },
  smallRecover(),
];

/** Recovery, unlike verification, takes r below p − n: v says that x is r itself. */
function smallRecover(): RecoverVector {
  const x = toNumber(small.signature.subarray(0, 32));
  const y = power(mod(x * x * x + 7n, P), (P + 1n) / 4n);
  const v = (y & 1n) === 1n ? 28 : 27;
  return recover("r below p − n", join(small.signature, Uint8Array.of(v)), small.publicKey);
}

/** The other v gives another key, for both checkers the same. */
export const otherRecovery = { digest, signature: nine.opposite, not: publicKey };
