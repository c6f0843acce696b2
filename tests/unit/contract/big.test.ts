// The contract of `plasma bench big` computes what it says: what is left out of a scan or of a read would make the
// benchmark faster, so its checksums are computed a second time here.
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { bigShapes, bigWorks } from "../../../cli/bench/big-works.ts";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { encodeCall } from "../../../host/abi/encode-call.ts";
import { parseAbi } from "../../../host/abi/parse-abi.ts";
import { address, TinyHost } from "./tiny-host.ts";

const read = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../fixtures/contracts/build/${name}`, import.meta.url));
const abi = parseAbi(JSON.parse(read("big.abi.json").toString()));
const at = address(1);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

let host: TinyHost;
beforeEach(() => {
  host = new TinyHost();
  expect(host.deploy(at, read("big.wasm"), new Uint8Array()).status).toBe(0);
});

function call(method: string, ...args: number[]): unknown {
  const { status, output } = host.call(at, encodeCall(abi, method, args.map(String)));
  expect([method, status]).toEqual([method, 0]);
  return decodeResult(abi, method, output);
}

/** The body that the contract fills from a seed. */
function filled(length: number, seed: number): number[] {
  let x = (Math.imul(seed, 2_654_435_761) + 1) >>> 0;
  return Array.from({ length }, () => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x >>> 24;
  });
}

const sumOf = (bytes: readonly number[]): bigint =>
  bytes.reduce((sum, byte) => sum + BigInt(byte), 0n);

describe("the contract of big work", () => {
  it("scans all that it wrote", () => {
    let [x, sum] = [1n, 0n];
    for (let i = 0; i < 65_536 / 8; i++) {
      x = u64(x * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
      sum = u64((sum ^ x) * 31n);
    }
    expect(call("scan", 2)).toBe(sum);
  });

  it("stores values of the largest length and reads them whole", () => {
    call("storeValues", 3, 2, 65_532);
    expect(call("sumValues", 3, 2)).toBe(sumOf(filled(65_532, 3)) + sumOf(filled(65_532, 4)));
  });

  it("finds every document of a topic by its list, and no other", () => {
    call("addDocuments", 0, 7, 100, 3, 10);
    const sum = (numbers: readonly number[]): bigint =>
      numbers.reduce((all, i) => all + sumOf(filled(100, i)), 0n);
    expect(call("sumTopic", 10)).toBe(sum([0, 3, 6]));
    expect(call("sumTopic", 12)).toBe(sum([2, 5]));
    expect(call("sumTopic", 13)).toBe(0n);
  });

  it("does the same in every round, on keys of its own", () => {
    const works = bigWorks(bigShapes.small);
    const calls = (round: number) =>
      works.flatMap((work) => {
        host.calls.length = 0;
        return work.calls(abi, round).map((input) => {
          const { status } = host.call(at, input);
          return [status, host.calls.length];
        });
      });
    const sizes = () => [...host.accounts.values()].map(({ storage }) => storage.size)[0]!;
    const before = sizes();
    const first = calls(1);
    const between = sizes();
    expect(calls(2)).toEqual(first);
    expect(sizes() - between).toBe(between - before - 1); // the checksum stands already
    expect(first.every(([status]) => status === 0)).toBe(true);
  });
});
