// The committed kernels compute what they say. They run from fixtures/contracts/build, as benchmarks and
// replays do, so this also shows that what is committed works.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { checkModule } from "../../../host/program/check-module.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { address, TinyHost } from "./tiny-host.ts";

const folder = new URL("../../../fixtures/contracts/build/", import.meta.url);
const read = (name: string): Uint8Array => readFileSync(new URL(name, folder));

function run(name: string, n: number): unknown {
  const abi = parseAbi(JSON.parse(read(`kernels-${name}.abi.json`).toString()));
  const host = new TinyHost();
  expect(host.deploy(address(1), read(`kernels-${name}.wasm`), new Uint8Array()).status).toBe(0);
  const result = host.call(address(1), encodeCall(abi, "run", [n]));
  expect(result.status).toBe(0);
  return decodeResult(abi, "run", result.output);
}

const M = 2n ** 64n - 1n;
const rotl = (value: bigint, by: bigint): bigint => ((value << by) | (value >> (64n - by))) & M;

describe("the kernels", () => {
  it("fib: recursion", () => {
    expect(run("fib", 20)).toBe(6765n);
  });

  it("sieve: the sum of the primes below 2,000", () => {
    expect(run("sieve", 2_000)).toBe(277_050n);
  });

  it("matrix: a product of i64", () => {
    const n = 9;
    const a = Array.from({ length: n * n }, (_, i) => BigInt.asUintN(32, BigInt(i * 7 - 3)));
    const b = Array.from({ length: n * n }, (_, i) => BigInt(i ^ 0x55) - 100n);
    let check = 0n;
    for (let row = 0; row < n; row++)
      for (let column = 0; column < n; column++) {
        let sum = 0n;
        for (let k = 0; k < n; k++) sum += (a[row * n + k] ?? 0n) * (b[k * n + column] ?? 0n);
        check = rotl(check, 1n) ^ BigInt.asUintN(64, sum);
      }
    expect(run("matrix", n)).toBe(check);
  });

  it("sha256: compressions with constants from the roots of primes", () => {
    expect(run("sha256", 0)).toBe((0x6a09e667n << 32n) | 0xbb67ae85n);
    expect(run("sha256", 3)).toBe(sha256Kernel(3));
  });

  it("sort: through a comparator in the table", () => {
    let seed = 0x9e3779b9;
    const list = Array.from({ length: 300 }, () => {
      seed ^= seed << 13;
      seed ^= (seed >>> 0) >>> 17;
      seed ^= seed << 5;
      return BigInt(seed >>> 0);
    }).sort((x, y) => (x < y ? -1 : 1));
    expect(run("sort", 300)).toBe(list.reduce((check, item) => (check * 31n + item) & M, 0n));
  });

  it("map: insertions, look-ups, deletions", () => {
    const n = 200n;
    expect(run("map", 200)).toBe((3n * n * (n - 1n)) / 2n + n / 2n);
  });

  it("text: join, split, compare", () => {
    expect(run("text", 40)).toBe(textKernel(40));
  });

  it("wide: u256 against BigInt", () => {
    const modulus = (1n << 127n) - 1n;
    let value = 0x0123456789abcdefn;
    let check = 0n;
    for (let i = 0n; i < 50n; i++) {
      value = (value * value + 0x9e3779b97f4a7c15n) % modulus;
      check = rotl(check, 7n) ^ ((value / (i + 3n)) & M);
    }
    expect(run("wide", 50)).toBe(check);
  });

  it("table: every operation through call_indirect", () => {
    const operations: ((a: bigint, b: bigint) => bigint)[] = [
      (a, b) => a + b,
      (a, b) => a - b,
      (a, b) => a ^ b,
      (a, b) => a | (b << 1n),
      (a, b) => a & ~b,
      (a, b) => rotl(a, b & 63n),
      (a, b) => a * (b | 1n),
      (a, b) => (a >> 3n) + b,
    ];
    let value = 0x0123456789abcdefn;
    for (let i = 0n; i < 500n; i++) {
      const operation = operations[Number((value ^ i) & 7n)] as (typeof operations)[number];
      value = BigInt.asUintN(64, operation(value, i + 11n));
    }
    expect(run("table", 500)).toBe(value);
  });

  it("bulk: overlapping copies and fills", () => {
    const buffer = new Uint8Array(8192);
    const view = new DataView(buffer.buffer);
    let check = 0n;
    for (let i = 0; i < 100; i++) {
      const offset = (i * 61) & 4095;
      const length = 4096 - ((i * 37) & 1023);
      buffer.fill(i & 255, offset, offset + (length >> 2));
      buffer.copyWithin(offset >> 1, offset, offset + length);
      check = rotl(check, 5n) ^ view.getBigUint64((offset >> 1) + (length >> 3), true);
    }
    expect(run("bulk", 100)).toBe(check);
  });

  it("and the other fixtures are accepted under every preset", () => {
    const modules = readdirSync(folder).filter((file) => file.endsWith(".wasm"));
    expect(modules.length).toBeGreaterThanOrEqual(13);
    for (const preset of ["payments", "general", "data-heavy"] as const)
      for (const file of modules)
        expect(checkModule(read(file), presetRules(preset)), file).toMatchObject({
          accepted: true,
        });
  });

  it("are committed with their hashes", () => {
    const manifest = JSON.parse(read("manifest.json").toString()) as Record<
      string,
      { entry: string; wasm: string; source: string }
    >;
    for (const [name, { entry, wasm, source }] of Object.entries(manifest)) {
      const sha256 = (bytes: Uint8Array): string =>
        createHash("sha256").update(bytes).digest("hex");
      expect(sha256(read(`${name}.wasm`)), name).toBe(wasm);
      expect(sha256(readFileSync(new URL(`../${entry}`, folder))), entry).toBe(source);
    }
  });
});

function textKernel(n: number): bigint {
  const words = Array.from({ length: n }, (_, i) => `word${(i * 7919) % 1000}`);
  const parts = words.join(",").toUpperCase().split(",");
  let check = 0n;
  parts.forEach((part, i) => {
    check = (check * 31n + BigInt(part.length)) & M;
    if (part.startsWith("WORD5")) check = (check + 1n) & M;
    if (i > 0 && part > (parts[i - 1] ?? "")) check ^= 0x55n;
    for (const char of part) check = rotl(check, 3n) ^ BigInt(char.charCodeAt(0));
  });
  return check;
}

function sha256Kernel(n: number): bigint {
  // FIPS 180-4 over BigInt-free u32 arithmetic, constants from the fractional parts of roots of primes.
  const primes: number[] = [];
  for (let i = 2; primes.length < 64; i++)
    if (primes.every((prime) => i % prime !== 0)) primes.push(i);
  const frac = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32) >>> 0;
  const k = primes.map((prime) => frac(Math.cbrt(prime)));
  const state = primes.slice(0, 8).map((prime) => frac(Math.sqrt(prime)));
  const rotr = (x: number, by: number): number => ((x >>> by) | (x << (32 - by))) >>> 0;
  for (let round = 0; round < n; round++) {
    const w = [...state, ...state.map((_, word) => round + word)];
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15] ?? 0, w[i - 2] ?? 0];
      const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
      const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
      w.push(((w[i - 16] ?? 0) + s0 + (w[i - 7] ?? 0) + s1) >>> 0);
    }
    let [a, b, c, d, e, f, g, h] = state as [
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
      const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (k[i] ?? 0) + (w[i] ?? 0)) >>> 0;
      const t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] = ((state[i] ?? 0) + word) >>> 0;
    });
  }
  return (BigInt(state[0] ?? 0) << 32n) | BigInt(state[1] ?? 0);
}
