// u128 and u256 of the SDK against BigInt: every operation, on random and on edge values. What does not fit
// reverts; nothing wraps.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { build } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

const SEED = 0x5eed;
const CASES = 400;
const OVERFLOW = "arithmetic overflow";
const BY_ZERO = "division by zero";

type Operation = (a: bigint, b: bigint, max: bigint) => bigint | string;
const fits = (value: bigint, max: bigint): bigint | string =>
  value < 0n || value > max ? OVERFLOW : value;
const binary: Record<string, Operation> = {
  add: (a, b, max) => fits(a + b, max),
  sub: (a, b, max) => fits(a - b, max),
  mul: (a, b, max) => fits(a * b, max),
  div: (a, b) => (b === 0n ? BY_ZERO : a / b),
  rem: (a, b) => (b === 0n ? BY_ZERO : a % b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
  min: (a, b) => (a < b ? a : b),
  // biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
  max: (a, b) => (a < b ? b : a),
};
const counted: Record<string, Operation> = {
  shl: (a, n, max) => (a << n) & max,
  shr: (a, n) => a >> n,
  pow: (a, n, max) => fits(a ** n, max),
};
const comparisons = ["eq", "ne", "lt", "gt", "le", "ge"];

function source(type: string): string {
  const methods = [
    ...Object.keys(binary).map(
      (op) => `@view ${op}(a: ${type}, b: ${type}): ${type} { return a.${op}(b); }`,
    ),
    ...Object.keys(counted).map(
      (op) => `@view ${op}(a: ${type}, n: u32): ${type} { return a.${op}(n); }`,
    ),
    `@view not(a: ${type}): ${type} { return a.not(); }`,
    `@view compare(a: ${type}, b: ${type}): bool[] {
      return [${comparisons.map((op) => `a.${op}(b)`).join(", ")}, a == b, a != b, a.isZero];
    }`,
    `@view text(a: ${type}): string { return a.toString(); }`,
    `@view small(a: ${type}): u64 { return a.toU64(); }`,
    `@view from(a: u64): ${type} { return ${type}.from(a); }`,
    `@view edges(): ${type}[] { return [${type}.zero, ${type}.one, ${type}.max]; }`,
    type === "u256"
      ? `@view narrow(a: u256): u128 { return a.toU128(); }
         @view widen(a: u128): u256 { return u256.fromU128(a); }`
      : "",
  ];
  return `import { u128, u256 } from "plasmavm/assembly";
@contract export class Integers {
${methods.join("\n")}
}`;
}

/** Values near powers of two, and products and words that make carries and long divisions. */
function values(bits: number): fc.Arbitrary<bigint> {
  const max = (1n << BigInt(bits)) - 1n;
  return fc.oneof(
    fc.bigInt({ min: 0n, max }),
    fc.tuple(fc.nat(bits - 1), fc.bigInt({ min: -2n, max: 2n })).map(([shift, by]) => {
      const value = (1n << BigInt(shift)) + by;
      return value < 0n ? 0n : value;
    }),
    fc
      .tuple(fc.nat(bits - 1), fc.bigInt({ min: 0n, max }))
      .map(([shift, value]) => value >> BigInt(shift)),
    fc
      .array(fc.constantFrom(0n, 1n, 0x7fffffffn, 0x80000000n, 0xfffffffen, 0xffffffffn), {
        minLength: bits / 32,
        maxLength: bits / 32,
      })
      .map((limbs) => limbs.reduce<bigint>((value, limb) => (value << 32n) | limb, 0n)),
    fc.constantFrom(0n, 1n, 2n, max, max - 1n, 1n << BigInt(bits / 2)),
  );
}

describe.each([
  { type: "u128", bits: 128 },
  { type: "u256", bits: 256 },
])("$type", ({ type, bits }) => {
  const max = (1n << BigInt(bits)) - 1n;
  let built: ContractBuild;
  let host: TinyHost;
  beforeAll(async () => {
    built = await build(source(type));
    host = new TinyHost();
    host.deploy(address(1), built.wasm, new Uint8Array());
  });
  const call = (method: string, ...args: unknown[]): unknown => {
    const result = host.call(address(1), encodeCall(built.abi, method, args));
    return result.status === 0
      ? decodeResult(built.abi, method, result.output)
      : describeRevert(decodeRevert(built.abi, result.output));
  };
  const check = <A, B>(
    first: fc.Arbitrary<A>,
    second: fc.Arbitrary<B>,
    law: (a: A, b: B) => void,
  ): void => fc.assert(fc.property(first, second, law), { seed: SEED, numRuns: CASES });

  it.each(Object.keys(binary))("%s agrees with BigInt", (op) => {
    check(values(bits), values(bits), (a, b) => {
      expect(call(op, a, b)).toBe(binary[op]?.(a, b, max));
    });
  });

  it.each(["shl", "shr"])("%s agrees with BigInt for any count", (op) => {
    const counts = fc.oneof(
      fc.nat(bits + 2),
      fc.constantFrom(0, 63, 64, 65, bits - 1, bits, 2 ** 32 - 1),
    );
    check(values(bits), counts, (a, n) => {
      const expected = n >= bits ? 0n : counted[op]?.(a, BigInt(n), max);
      expect(call(op, a, n)).toBe(expected);
    });
  });

  it("pow agrees with BigInt and reverts where it does not fit", () => {
    const bases = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), values(bits));
    check(bases, fc.nat(20), (a, n) => {
      expect(call("pow", a, n)).toBe(counted.pow?.(a, BigInt(n), max));
    });
  });

  it("compares as BigInt compares", () => {
    const pairs = fc.tuple(values(bits), values(bits));
    check(pairs, fc.boolean(), ([a, other], same) => {
      const b = same ? a : other;
      const order = [a === b, a !== b, a < b, a > b, a <= b, a >= b, a === b, a !== b, a === 0n];
      expect(call("compare", a, b)).toEqual(order);
    });
  });

  it("writes decimal digits, inverts, and narrows only what fits", () => {
    check(values(bits), fc.constant(null), (a) => {
      expect(call("text", a)).toBe(a.toString());
      expect(call("not", a)).toBe(max - a);
      expect(call("small", a)).toBe(fits(a, 2n ** 64n - 1n));
      if (type === "u256") expect(call("narrow", a)).toBe(fits(a, 2n ** 128n - 1n));
    });
    expect(call("from", 2n ** 64n - 1n)).toBe(2n ** 64n - 1n);
    if (type === "u256") expect(call("widen", 2n ** 128n - 1n)).toBe(2n ** 128n - 1n);
    expect(call("edges")).toEqual([0n, 1n, max]);
  });
});
