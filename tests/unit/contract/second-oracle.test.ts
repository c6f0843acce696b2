// u128 and u256 of the SDK beside @btc-vision/as-bignum, in one module: 105,000 random cases whose results fit, made
// and compared where both run. BigInt is the first oracle (wide-numbers.test.ts); this one knows 64-bit words as
// the SDK does, so that both would have to be wrong in the same way.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { buildContract, type ContractBuild } from "../../../host/contract/index.ts";
import { address, TinyHost } from "./tiny-host.ts";

/** 2 types and 7 operations of this many cases are 105,000. */
const CASES = 7_500;
/** Cases of one call: memory is taken and never given back. */
const BATCH = 2_500;

/** Both sides of each operation; what the SDK refuses and the other wraps is kept out by the operands. */
const operations: Readonly<Record<string, readonly [ours: string, theirs: string]>> = {
  add: ["a.shr(1).add(b.shr(1))", "(x >> 1) + (y >> 1)"],
  sub: ["a.max(b).sub(a.min(b))", "x > y ? x - y : y - x"],
  mul: ["a.shr(k).mul(b.shr(BITS - k))", "(x >> <i32>k) * (y >> (BITS - <i32>k))"],
  div: ["a.div(b.or(ONE))", "x / (y | THEIR_ONE)"],
  rem: ["a.rem(b.or(ONE))", "x - (x / (y | THEIR_ONE)) * (y | THEIR_ONE)"],
  shl: ["a.shl(k)", "x << <i32>k"],
  shr: ["a.shr(k)", "x >> <i32>k"],
};

const types = [
  { type: "u128", bits: 128, words: ["lo", "hi"], theirs: ["lo", "hi"] },
  { type: "u256", bits: 256, words: ["a", "b", "c", "d"], theirs: ["lo1", "lo2", "hi1", "hi2"] },
] as const;

const methods = types.flatMap(({ type, bits, words, theirs }) =>
  Object.entries(operations).map(([name, [ours, other]]) => {
    const text = (code: string) =>
      code
        .replaceAll("THEIR_ONE", `their_${type}.One`)
        .replaceAll("ONE", `${type}.one`)
        .replaceAll("BITS", String(bits));
    const zeros = words.map(() => "0").join(", ");
    const random = words.map(() => "next()").join(", ");
    const same = words.map((word, i) => `ours.${word} == theirs.${theirs[i]}`).join(" && ");
    const copy = (from: string) => words.map((word) => `${from}.${word}`).join(", ");
    return `@view ${type}_${name}(seed: u64, count: u32): u32 {
      state = seed;
      let differences: u32 = 0;
      for (let i: u32 = 0; i < count; i++) {
        // Numbers of any length: uniform ones would be almost all as long as the type.
        const a = new ${type}(${random}).shr(<u32>(next() % ${bits}));
        const b = i % 5 == 4 ? a : new ${type}(${random}).shr(<u32>(next() % ${bits}));
        const k: u32 = <u32>(next() % ${bits - 1}) + 1;
        const x = new their_${type}(${copy("a")});
        const y = new their_${type}(${copy("b")});
        const ours = ${text(ours)};
        const theirs = ${text(other)};
        if (!(${same})) differences++;
      }
      return differences + (new ${type}(${zeros}).isZero ? 0 : 1);
    }`;
  }),
);

const source = `import { u128, u256 } from "plasmavm/assembly";
import { u128 as their_u128, u256 as their_u256 } from "@btc-vision/as-bignum/assembly/integer";

let state: u64 = 1;
/** xorshift64*. */
function next(): u64 {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545f4914f6cdd1d;
}

@contract export class Oracle {
${methods.join("\n")}
  @view canary(): bool { return new u128(1, 2).hi == new their_u128(1, 3).hi; }
}`;

describe("u128 and u256", () => {
  let built: ContractBuild;
  let host: TinyHost;
  beforeAll(async () => {
    const files = { "assembly/oracle.ts": source };
    built = await buildContract({ entry: "assembly/oracle.ts", files, baseDir: process.cwd() });
    host = new TinyHost();
    host.deploy(address(1), built.wasm, new Uint8Array());
  }, 60_000);
  const call = (method: string, ...args: unknown[]): unknown => {
    const { status, output } = host.call(address(1), encodeCall(built.abi, method, args));
    return status === 0 ? decodeResult(built.abi, method, output) : `status ${status}`;
  };

  it.each(types.flatMap(({ type }) => Object.keys(operations).map((name) => ({ type, name }))))(
    "$type $name agrees with as-bignum on 7,500 random cases",
    ({ type, name }) => {
      for (let done = 0; done < CASES; done += BATCH) {
        const seed = 0x9e3779b97f4a7c15n + BigInt(done + type.length + name.charCodeAt(0));
        expect(call(`${type}_${name}`, seed, BATCH)).toBe(0);
      }
    },
  );

  it("would be told apart where they differ", () => {
    expect(call("canary")).toBe(false);
  });
});
