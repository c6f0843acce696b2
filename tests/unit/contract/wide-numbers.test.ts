// The SDK's numbers against BigInt on 100,000 random cases, many to a call: what fits is equal, and what does
// not fit reverts. Then what only signed and fixed-point numbers have.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { build } from "./contract-source.ts";
import { address, TinyHost } from "./tiny-host.ts";

/** 20 laws (4 types, 5 operations) of this many pairs are 100,000 cases. */
const PAIRS = 5_000;
const BATCH = 250;
const OVERFLOW = "arithmetic overflow";
const BY_ZERO = "division by zero";

type Law = (a: bigint, b: bigint) => bigint | undefined;
const laws: Readonly<Record<string, Law>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => (b === 0n ? undefined : a / b),
  rem: (a, b) => (b === 0n ? undefined : a % b),
};

/** xorshift64*: fast enough for a million words, the same everywhere. */
function randomWords(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
    return BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn);
  };
}

function range(type: string): { low: bigint; high: bigint; bits: number } {
  const bits = Number(type.slice(1));
  const isSigned = type.startsWith("i");
  const low = isSigned ? -(1n << BigInt(bits - 1)) : 0n;
  return { low, high: (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n, bits };
}

/** A number of any length: uniform ones would be almost all as long as the type. */
function numberOf(type: string, next: () => bigint): bigint {
  const { bits, low } = range(type);
  let value = 0n;
  for (let at = 0; at < bits; at += 64) value = (value << 64n) | next();
  value >>= next() % BigInt(bits);
  if (next() % 8n === 0n) value = (1n << (next() % BigInt(bits))) - (next() % 3n);
  return low === 0n
    ? BigInt.asUintN(bits, value)
    : BigInt.asIntN(bits, next() % 2n ? value : -value);
}

const types = ["u128", "u256", "i128", "i256"];
const batches = types.flatMap((type) =>
  Object.keys(laws).map(
    (op) => `@view ${type}_${op}(a: ${type}[], b: ${type}[]): ${type}[] {
      const out: ${type}[] = [];
      for (let i = 0; i < a.length; i++) out.push(a[i].${op}(b[i]));
      return out;
    }`,
  ),
);
const SIGNED = ["i128", "i256"];
const signed = SIGNED.map((type) => {
  const small = type === "i128" ? "u128" : "u256";
  const view = (name: string, params: string, result: string, body: string): string =>
    `@view ${type}_${name}(${params}): ${result} { return ${body}; }`;
  const bits = ["and", "or", "xor", "min", "max"];
  return [
    ...bits.map((op) => view(op, `a: ${type}, b: ${type}`, type, `a.${op}(b)`)),
    ...["shl", "shr", "pow"].map((op) => view(op, `a: ${type}, n: u32`, type, `a.${op}(n)`)),
    ...["neg", "abs", "not"].map((op) => view(op, `a: ${type}`, type, `a.${op}()`)),
    view(
      "compare",
      `a: ${type}, b: ${type}`,
      "bool[]",
      "[a.eq(b), a.ne(b), a.lt(b), a.gt(b), a.le(b), a.ge(b), a == b, a != b, a.isZero, a.isNegative]",
    ),
    view("text", `a: ${type}`, "string", "a.toString()"),
    view("narrow", `a: ${type}`, "i64", "a.toI64()"),
    view("bare", `a: ${type}`, small, `a.to${small.toUpperCase()}()`),
    view("wear", `a: ${small}`, type, `${type}.from${small.toUpperCase()}(a)`),
    view("widen", "a: i64", type, `${type}.from(a)`),
    view("edges", "", `${type}[]`, `[${type}.zero, ${type}.one, ${type}.min, ${type}.max]`),
  ].join("\n");
});
const plain = ["u64", "i64", "u8", "i8"];
const SOURCE = `import { checked, Fixed, i128, i256, u128, u256, Value } from "plasmavm/assembly";
@contract export class Numbers {
  stored: Value<Fixed>;
  ${batches.join("\n")}
  ${signed.join("\n")}
  ${plain.flatMap((t) => ["add", "sub", "mul", "div"].map((op) => `@view ${t}_${op}(a: ${t}, b: ${t}): ${t} { return checked.${op}(a, b); }`)).join("\n")}
  @view mulDiv(a: u256, b: u256, c: u256): u256 { return a.mulDiv(b, c); }
  @view mulDivUp(a: u256, b: u256, c: u256): u256 { return a.mulDivUp(b, c); }
  ${["add", "sub", "mul", "div", "mulUp", "divUp", "min", "max"].map((op) => `@view fixed_${op}(a: Fixed, b: Fixed): Fixed { return a.${op}(b); }`).join("\n")}
  @view fixed_text(a: Fixed): string { return a.toString(); }
  @view fixed_whole(a: Fixed): i256 { return a.toI256(); }
  @view fixed_from(a: i64): Fixed { return Fixed.from(a); }
  @view fixed_ratio(a: i256, b: i256): Fixed { return Fixed.ratio(a, b); }
  @view fixed_compare(a: Fixed, b: Fixed): bool[] { return [a.eq(b), a.lt(b), a.ge(b), a == b, a != b, a.isNegative]; }
  @call fixed_keep(a: Fixed): Fixed[] { const before = this.stored.get(); this.stored.set(a); return [before, this.stored.get(), a.neg().abs(), Fixed.one]; }
}`;

describe("wide numbers", () => {
  let built: ContractBuild;
  let host: TinyHost;
  beforeAll(async () => {
    built = await build(SOURCE);
    expect(built.warnings).toBe("");
    host = new TinyHost();
    host.deploy(address(1), built.wasm, new Uint8Array());
  });
  const call = (method: string, ...args: unknown[]): unknown => {
    const { status, output } = host.call(address(1), encodeCall(built.abi, method, args));
    if (status === 0) return decodeResult(built.abi, method, output);
    return status === 1 ? describeRevert(decodeRevert(built.abi, output)) : `status ${status}`;
  };

  for (const type of types)
    for (const [op, law] of Object.entries(laws))
      it(`${type}.${op} agrees with BigInt on ${PAIRS} pairs`, () => {
        const { low, high } = range(type);
        const next = randomWords(0x9e3779b97f4a7c15n + BigInt(type.length + op.charCodeAt(0)));
        let fitting: [bigint, bigint][] = [];
        let overflows = 0;
        const flush = (): void => {
          const a = fitting.map(([one]) => one);
          const b = fitting.map(([, other]) => other);
          const got = call(`${type}_${op}`, a, b);
          expect(got).toEqual(fitting.map(([one, other]) => law(one, other)));
          fitting = [];
        };
        for (let i = 0; i < PAIRS; i++) {
          const a = numberOf(type, next);
          const b = numberOf(type, next);
          const result = law(a, b);
          if (result !== undefined && result >= low && result <= high) fitting.push([a, b]);
          // A revert ends its call, so each costs one; a few hundred show that nothing wraps.
          else if (++overflows <= 200)
            expect(call(`${type}_${op}`, [a], [b])).toBe(result === undefined ? BY_ZERO : OVERFLOW);
          else i--;
          if (fitting.length === BATCH) flush();
        }
        flush();
      });

  const edges = (type: string): fc.Arbitrary<bigint> => {
    const { low, high } = range(type);
    const near = [low, low + 1n, -1n, 0n, 1n, high - 1n, high].filter((one) => one >= low);
    return fc.oneof(fc.bigInt({ min: low, max: high }), fc.constantFrom(...near));
  };
  const settings = { seed: 11, numRuns: 300 };
  const fits = (type: string, value: bigint): bigint | string => {
    const { low, high } = range(type);
    return value < low || value > high ? OVERFLOW : value;
  };

  it.each(SIGNED)("%s has the edges, signs, bits and comparisons of BigInt", (type) => {
    const { low, high, bits } = range(type);
    expect(call(`${type}_edges`)).toEqual([0n, 1n, low, high]);
    expect(call(`${type}_div`, [low], [-1n])).toBe(OVERFLOW);
    expect(call(`${type}_rem`, [low], [-1n])).toEqual([0n]);
    const counts = fc.oneof(fc.nat(bits + 2), fc.constantFrom(0, 1, 63, 64, bits - 1, bits));
    fc.assert(
      fc.property(edges(type), edges(type), counts, (a, b, n) => {
        const wrap = (value: bigint): bigint => BigInt.asIntN(bits, value);
        expect(call(`${type}_and`, a, b)).toBe(a & b);
        expect(call(`${type}_or`, a, b)).toBe(a | b);
        expect(call(`${type}_xor`, a, b)).toBe(a ^ b);
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(call(`${type}_min`, a, b)).toBe(less);
        expect(call(`${type}_max`, a, b)).toBe(more);
        expect(call(`${type}_shl`, a, n)).toBe(wrap(a << BigInt(n)));
        expect(call(`${type}_shr`, a, n)).toBe(a >> BigInt(n));
        expect(call(`${type}_neg`, a)).toBe(fits(type, -a));
        expect(call(`${type}_abs`, a)).toBe(fits(type, a < 0n ? -a : a));
        expect(call(`${type}_not`, a)).toBe(~a);
        expect(call(`${type}_text`, a)).toBe(a.toString());
        expect(call(`${type}_narrow`, a)).toBe(BigInt.asIntN(64, a) === a ? a : OVERFLOW);
        expect(call(`${type}_bare`, a)).toBe(a < 0n ? OVERFLOW : a);
        const bare = BigInt.asUintN(bits, a);
        expect(call(`${type}_wear`, bare)).toBe(fits(type, bare));
        const order = [a === b, a !== b, a < b, a > b, a <= b, a >= b, a === b, a !== b];
        expect(call(`${type}_compare`, a, b)).toEqual([...order, a === 0n, a < 0n]);
      }),
      settings,
    );
    expect(call(`${type}_widen`, -(2n ** 63n))).toBe(-(2n ** 63n));
    for (const [base, power] of [
      [-2n, bits - 1],
      [-2n, bits],
      [-3n, 3],
      [0n, 0],
      [-1n, 7],
    ] as const)
      expect(call(`${type}_pow`, base, power)).toBe(fits(type, base ** BigInt(power)));
  });

  it.each(plain)("checked arithmetic of %s reverts where the language wraps", (type) => {
    fc.assert(
      fc.property(edges(type), edges(type), (a, b) => {
        for (const op of ["add", "sub", "mul", "div"] as const) {
          const exact = laws[op]?.(a, b);
          const expected = exact === undefined ? BY_ZERO : fits(type, exact);
          const got = call(`${type}_${op}`, a, b);
          expect(typeof got === "number" ? BigInt(got) : got).toBe(expected);
        }
      }),
      settings,
    );
  });

  it("multiplies and divides through 512 bits, rounding down or up", () => {
    fc.assert(
      fc.property(edges("u256"), edges("u256"), edges("u256"), (a, b, c) => {
        const down = c === 0n ? BY_ZERO : fits("u256", (a * b) / c);
        const up = c === 0n ? BY_ZERO : fits("u256", (a * b + c - 1n) / c);
        expect(call("mulDiv", a, b, c)).toBe(down);
        expect(call("mulDivUp", a, b, c)).toBe(up);
      }),
      settings,
    );
  });

  const ONE = 10n ** 18n;
  it("Fixed agrees with BigInt, rounding towards zero or away from it", () => {
    const away = (a: bigint, b: bigint): bigint => {
      const size = (a < 0n ? -a : a) + (b < 0n ? -b : b) - 1n;
      const result = size / (b < 0n ? -b : b);
      return a < 0n === b < 0n ? result : -result;
    };
    const some = fc.oneof(edges("i256"), fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }));
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(call("fixed_add", a, b)).toBe(fits("i256", a + b));
        expect(call("fixed_sub", a, b)).toBe(fits("i256", a - b));
        expect(call("fixed_mul", a, b)).toBe(fits("i256", (a * b) / ONE));
        expect(call("fixed_mulUp", a, b)).toBe(fits("i256", away(a * b, ONE)));
        expect(call("fixed_div", a, b)).toBe(b === 0n ? BY_ZERO : fits("i256", (a * ONE) / b));
        expect(call("fixed_divUp", a, b)).toBe(b === 0n ? BY_ZERO : fits("i256", away(a * ONE, b)));
        expect(call("fixed_whole", a)).toBe(a / ONE);
        expect(call("fixed_max", a, call("fixed_min", a, b))).toBe(a);
        expect(call("fixed_compare", a, b)).toEqual([
          a === b,
          a < b,
          a >= b,
          a === b,
          a !== b,
          a < 0n,
        ]);
      }),
      settings,
    );
  });

  it("Fixed is its units at the border, in storage and in whole numbers", () => {
    expect(built.abi.methods.find(({ name }) => name === "fixed_from")?.returns).toBe("i256");
    expect(call("fixed_from", -3n)).toBe(-3n * ONE);
    expect(call("fixed_ratio", 1n, -3n)).toBe(-(ONE / 3n));
    expect(call("fixed_keep", -5n)).toEqual([0n, -5n, 5n, ONE]);
    for (const [units, text] of [
      [0n, "0"],
      [ONE, "1"],
      [-ONE - ONE / 2n, "-1.5"],
      [1n, "0.000000000000000001"],
      [-1n, "-0.000000000000000001"],
    ] as const)
      expect(call("fixed_text", units)).toBe(text);
  });
});
