// Signatures in the proof machine against both libraries that the host uses. Random signatures rarely meet the
// edges, so points at infinity, sums of equal points and numbers beside n and p are made on purpose.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import native from "secp256k1";
import { beforeAll, describe, expect, it } from "vitest";
import { nobleSignatureChecker, uncompressed } from "../../../host/codec/signature.ts";
import { assemblyProbe, FREE_MEMORY, type Probe } from "../../support/assembly-probe.ts";
import { Random } from "../../support/random.ts";

const SOURCE = `
export {
  admitsRecover, admitsTransaction, recover, recoverSignature, verifyTransaction,
} from "./assembly/machine/secp256k1";
export {
  fieldCombine, fieldFromWords, fieldMultiply, fieldRoot, fieldSquare, fieldToWords,
} from "./assembly/machine/secp256k1-field";`;

const Point = secp256k1.Point;
const N = Point.Fn.ORDER;
const P = Point.Fp.ORDER;
const HALF_N = N >> 1n;

const random = new Random(0x256);

function numberBytes(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

const randomBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));

/** 0 < scalar < n. */
const randomScalar = (): bigint => 1n + (toNumber(randomBytes(32)) % (N - 1n));

const mod = (value: bigint, modulus: bigint): bigint => ((value % modulus) + modulus) % modulus;

const inverse = (value: bigint): bigint => Point.Fn.inv(value);

function signature(r: bigint, s: bigint): Uint8Array {
  return Uint8Array.from([...numberBytes(r), ...numberBytes(s)]);
}

const DIGEST = FREE_MEMORY;
const SIGNATURE = DIGEST + 32;
const KEY = SIGNATURE + 96;
const UNTOUCHED = new Uint8Array(64).fill(0xee);

let probe: Probe;
beforeAll(async () => {
  probe = await assemblyProbe(SOURCE);
});

/** The key of a recovery with v 0 or 1, or undefined; undefined must leave the result alone. */
function recovered(digest: Uint8Array, signed: Uint8Array, v: number): Uint8Array | undefined {
  probe.memory.set(digest, DIGEST);
  probe.memory.set(signed, SIGNATURE);
  probe.memory.set(UNTOUCHED, KEY);
  const found = probe.call("recover", DIGEST, SIGNATURE, SIGNATURE + 32, v, KEY);
  const key = probe.memory.slice(KEY, KEY + 64);
  if (found !== 0) return key;
  expect(key).toEqual(UNTOUCHED);
  return undefined;
}

function recoveredAsHostCall(digest: Uint8Array, signed65: Uint8Array): Uint8Array | undefined {
  probe.memory.set(digest, DIGEST);
  probe.memory.set(signed65, SIGNATURE);
  const found = probe.call("recoverSignature", DIGEST, SIGNATURE, KEY);
  return found !== 0 ? probe.memory.slice(KEY, KEY + 64) : undefined;
}

function verifies(digest: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
  probe.memory.set(digest, DIGEST);
  probe.memory.set(signed, SIGNATURE);
  probe.memory.set(key, KEY);
  return probe.call("verifyTransaction", DIGEST, SIGNATURE, KEY) !== 0;
}

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString("hex");

/** Both parities against the pure checker, as host call 16 defines them. */
function expectSameRecovery(digest: Uint8Array, signed: Uint8Array, label = ""): void {
  for (const v of [0, 1]) {
    const signed65 = Uint8Array.from([...signed, 27 + v]);
    const expected = hex(nobleSignatureChecker.recover(digest, signed65));
    expect(hex(recovered(digest, signed, v)), `${label} v ${v}`).toBe(expected);
    expect(hex(recoveredAsHostCall(digest, signed65)), `${label} v ${v}`).toBe(expected);
  }
}

describe("recovery in the machine", () => {
  it("gives the keys that libsecp256k1 gives for thousands of random signatures", () => {
    for (let i = 0; i < 2_000; i++) {
      const digest = randomBytes(32);
      const key = numberBytes(randomScalar());
      const { signature: signed, recid } = native.ecdsaSign(digest, key);
      if (recid > 1) continue;
      const expected = native.ecdsaRecover(signed, recid, digest, false).slice(1);
      expect(hex(recovered(digest, signed, recid))).toBe(hex(expected));
      expect(hex(expected)).toBe(hex(native.publicKeyCreate(key, false).slice(1)));
    }
  });

  it("agrees with the pure checker on random bytes, of which half are no x coordinate", () => {
    let refused = 0;
    for (let i = 0; i < 120; i++) {
      const signed = signature(randomScalar(), 1n + (randomScalar() % HALF_N));
      const digest = randomBytes(32);
      expectSameRecovery(digest, signed);
      if (recovered(digest, signed, 0) === undefined) refused++;
    }
    expect(refused).toBeGreaterThan(40);
    expect(refused).toBeLessThan(200);
  });

  it("agrees with the pure checker at every bound of r, s and the digest", () => {
    const edges = [0n, 1n, 2n, 3n, P - N - 1n, P - N, P - N + 1n, HALF_N - 1n, HALF_N, HALF_N + 1n];
    const high = [N - 2n, N - 1n, N, N + 1n, P - 1n, P, P + 1n, (1n << 256n) - 1n];
    const numbers = [...edges, ...high];
    const x = Point.BASE.x;
    for (const r of [...numbers, x]) {
      for (const s of [...numbers, x]) {
        for (const z of [0n, N, (1n << 256n) - 1n]) {
          expectSameRecovery(numberBytes(z), signature(r, s), `r ${r} s ${s} z ${z}`);
        }
      }
    }
  });

  it("refuses r and s of which one is out of range", () => {
    const admits = (r: bigint, s: bigint): boolean => {
      probe.memory.set(signature(r, s), SIGNATURE);
      return probe.call("admitsRecover", SIGNATURE, SIGNATURE + 32) !== 0;
    };
    expect(admits(1n, 1n)).toBe(true);
    expect(admits(N - 1n, HALF_N)).toBe(true);
    expect(admits(0n, 1n)).toBe(false);
    expect(admits(N, 1n)).toBe(false);
    expect(admits(1n, 0n)).toBe(false);
    expect(admits(1n, HALF_N + 1n)).toBe(false);
  });

  it("refuses every v but 27 and 28", () => {
    const digest = randomBytes(32);
    const { signature: signed } = native.ecdsaSign(digest, numberBytes(randomScalar()));
    for (let v = 0; v < 256; v++) {
      const key = recoveredAsHostCall(digest, Uint8Array.from([...signed, v]));
      expect(key !== undefined, `v ${v}`).toBe(v === 27 || v === 28);
    }
    expect(recovered(digest, signed, 2)).toBeUndefined();
    expect(recovered(digest, signed, 0xffff_ffff)).toBeUndefined();
  });

  it("refuses the key at infinity", () => {
    for (let i = 0; i < 20; i++) {
      // s x R = z x G makes the key nothing.
      const k = randomScalar();
      const point = Point.BASE.multiply(k);
      const z = randomScalar();
      let s = mod(z * inverse(k), N);
      const flip = s > HALF_N;
      if (flip) s = N - s;
      const odd = Number(point.y & 1n) ^ (flip ? 1 : 0);
      const signed = signature(point.x, s);
      expect(recovered(numberBytes(z), signed, odd)).toBeUndefined();
      expect(recovered(numberBytes(z), signed, odd ^ 1)).toBeDefined();
      expectSameRecovery(numberBytes(z), signed);
    }
  });

  it("adds points that are equal or opposite on the way", () => {
    // R = k x G with small k: the tables of G and R hold the same points, and with small scalars
    // the two parts of the sum meet in equal and in opposite points.
    for (let k = 1n; k <= 16n; k++) {
      const point = Point.BASE.multiply(k);
      const r = mod(point.x, N);
      for (let i = 0n; i < 12n; i++) {
        // a = -z / r and b = s / r are small.
        const [a, b] = [i % 4n, 1n + i];
        const signed = signature(r, mod(b * r, N));
        expectSameRecovery(numberBytes(mod(-a * r, N)), signed, `k ${k} a ${a} b ${b}`);
        const negated = signature(r, mod(-b * r, N));
        expectSameRecovery(numberBytes(mod(a * r, N)), negated, `k ${k} a ${a} b -${b}`);
      }
    }
  });
});

describe("the signature rule of transactions in the machine", () => {
  const publicKey = (key: Uint8Array): Uint8Array => native.publicKeyCreate(key, false).slice(1);

  it("accepts what libsecp256k1 signs, and nothing with one bit changed", () => {
    for (let i = 0; i < 500; i++) {
      const digest = randomBytes(32);
      const key = numberBytes(randomScalar());
      const { signature: signed } = native.ecdsaSign(digest, key);
      const parts = [digest, signed, publicKey(key)] as const;
      expect(verifies(...parts)).toBe(true);
      const part = parts[random.below(3)]!;
      part[random.below(part.length)]! ^= 1 << random.below(8);
      expect(verifies(...parts)).toBe(false);
      expect(nobleSignatureChecker.verify(...parts)).toBe(false);
    }
  });

  it("agrees with the pure checker for all bounds of r, s, digest and key", () => {
    const key = publicKey(numberBytes(randomScalar()));
    const numbers = [0n, 1n, P - N - 1n, P - N, HALF_N, HALF_N + 1n, N - 1n, N, (1n << 256n) - 1n];
    for (const r of numbers) {
      for (const s of numbers) {
        for (const z of [0n, N, (1n << 256n) - 1n]) {
          const parts = [numberBytes(z), signature(r, s), key] as const;
          expect(verifies(...parts)).toBe(nobleSignatureChecker.verify(...parts));
        }
      }
    }
  });

  it("admits r from p - n on, where host call 16 admits it from 1 on", () => {
    const admits = (r: bigint, s: bigint): boolean => {
      probe.memory.set(signature(r, s), SIGNATURE);
      return probe.call("admitsTransaction", SIGNATURE, SIGNATURE + 32) !== 0;
    };
    expect(admits(P - N, 1n)).toBe(true);
    expect(admits(N - 1n, HALF_N)).toBe(true);
    expect(admits(P - N - 1n, 1n)).toBe(false);
    expect(admits(N, 1n)).toBe(false);
    expect(admits(P - N, 0n)).toBe(false);
    expect(admits(P - N, HALF_N + 1n)).toBe(false);
  });

  it("accepts a signature exactly if a recovery gives its key", () => {
    for (let i = 0; i < 200; i++) {
      const digest = random.oneIn(2) ? numberBytes(N + BigInt(i)) : randomBytes(32);
      const key = numberBytes(random.oneIn(8) ? BigInt(1 + random.below(4)) : randomScalar());
      const { signature: signed } = native.ecdsaSign(digest, key);
      const keys = [0, 1].map((v) => recovered(digest, signed, v)!);
      expect(keys.map(hex)).toContain(hex(publicKey(key)));
      for (const each of keys) expect(verifies(digest, signed, each)).toBe(true);
    }
  });

  it("refuses keys off the curve and coordinates that are not below p", () => {
    const digest = randomBytes(32);
    const key = numberBytes(randomScalar());
    const { signature: signed } = native.ecdsaSign(digest, key);
    const good = publicKey(key);
    const x = toNumber(good.subarray(0, 32));
    const y = toNumber(good.subarray(32));
    expect(verifies(digest, signed, signature(x, y))).toBe(true);
    expect(verifies(digest, signed, signature(x, P - y))).toBe(false);
    expect(verifies(digest, signed, signature(y, x))).toBe(false);
    expect(verifies(digest, signed, signature(0n, 0n))).toBe(false);
  });

  it("refuses x + p for the x of a key", () => {
    // x = 1 is on the curve, and 1 + p fits 32 bytes. A signature by that key, whose secret nobody
    // knows, is chosen from the end: the sum a x G + b x key gives r, then s = r / b, digest = a s.
    const y = Point.Fp.sqrt(8n);
    const key = Point.fromBytes(uncompressed(signature(1n, y)));
    let made = 0;
    while (made < 5) {
      const [a, b] = [randomScalar(), randomScalar()];
      const { x: r } = Point.BASE.multiply(a).add(key.multiply(b));
      const s = mod(r * inverse(b), N);
      if (s > HALF_N) continue;
      made++;
      const digest = numberBytes(mod(a * s, N));
      expect(verifies(digest, signature(r, s), signature(1n, y))).toBe(true);
      expect(verifies(digest, signature(r, s), signature(1n + P, y))).toBe(false);
    }
  });
});

describe("the field in the machine", () => {
  const [A, B, OUT, WORDS] = [FREE_MEMORY, FREE_MEMORY + 40, FREE_MEMORY + 80, FREE_MEMORY + 120];

  function put(value: bigint, at: number): void {
    probe.memory.set(numberBytes(value).reverse(), WORDS);
    probe.call("fieldFromWords", WORDS, at);
  }

  function get(at: number): bigint {
    probe.call("fieldToWords", at, WORDS);
    return toNumber(probe.memory.slice(WORDS, WORDS + 32).reverse());
  }

  const edges = [0n, 1n, P - 1n, P, P + 1n, (1n << 256n) - 1n, 1n << 255n, (1n << 232n) - 1n];

  it("multiplies and squares like big integers, from loose elements", () => {
    const numbers = [...edges, ...Array.from({ length: 24 }, () => toNumber(randomBytes(32)))];
    for (const a of numbers) {
      for (const b of numbers) {
        put(a, A);
        put(b, B);
        probe.call("fieldMultiply", A, B, OUT);
        expect(get(OUT)).toBe(mod(a * b, P));
        probe.call("fieldSquare", A, OUT);
        expect(get(OUT)).toBe(mod(a * a, P));
      }
    }
  });

  it("combines with every factor up to 8, in place too", () => {
    for (const a of edges) {
      for (const b of edges) {
        for (let m = 0n; m <= 8n; m++) {
          const k = (m * 5n + 3n) % 9n;
          put(a, A);
          put(b, B);
          probe.call("fieldCombine", m, A, k, B, A);
          expect(get(A)).toBe(mod(m * a - k * b, P));
          // What combinations leave must do for products.
          probe.call("fieldCombine", 8n, A, 8n, B, A);
          probe.call("fieldMultiply", A, A, OUT);
          expect(get(OUT)).toBe(mod((8n * (m * a - k * b - b)) ** 2n, P));
        }
      }
    }
  });

  it("gives square roots of squares", () => {
    for (let i = 0; i < 50; i++) {
      const a = toNumber(randomBytes(32));
      put(mod(a * a, P), A);
      probe.call("fieldRoot", A, OUT);
      expect([mod(a, P), mod(-a, P)]).toContain(get(OUT));
    }
  });
});
