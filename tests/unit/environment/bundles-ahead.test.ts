// What is read ahead of a replay is used for the same bytes only, and never changes what a replay says.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { type BodyReader, bodyReader, type ReadBody } from "../../../host/chain/read-body.ts";
import { replayBundle } from "../../../host/chain/replay-bundle.ts";
import { BundlesAhead } from "../../../host/environment/bundles-ahead.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../../host/environment/native.ts";
import { encodeRules } from "../../../host/rules/encode-rules.ts";
import { parseRules } from "../../../host/rules/parse-rules.ts";
import { ProgramCache } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";

const names = ["transfers-1", "transfers-2", "transfer-edges-1", "transfer-edges-2", "skipped-1"];
const bundles = names.map(
  (name) => new Uint8Array(readFileSync(`fixtures/bundles/${name}.bundle`)),
);
const ground = {
  hasher: nativeStateHasher(),
  signatures: nativeSignatureChecker,
  runner: new V8Runner(),
  crypto: nativeHostCrypto,
  programs: new ProgramCache(),
};

/** A reader that remembers the bodies it was given, in order. */
function recording(): { readonly read: BodyReader; readonly bodies: (readonly Uint8Array[])[] } {
  const bodies: (readonly Uint8Array[])[] = [];
  const plain = bodyReader(nativeSignatureChecker);
  const read = (body: readonly Uint8Array[]): ReadBody => {
    bodies.push(body);
    return plain(body);
  };
  return { read, bodies };
}

const bodyOf = (bytes: Uint8Array) => decodeBundle(bytes).transactions;

describe("bundles ahead", () => {
  it("are read once, after the one that is replayed, and used for the same bytes", () => {
    const { read, bodies } = recording();
    const ahead = new BundlesAhead(read);
    const [first, second, third] = bundles as [Uint8Array, Uint8Array, Uint8Array];
    ahead.reader(first, second)(bodyOf(first));
    expect(bodies).toEqual([bodyOf(first), bodyOf(second)]);
    const body = ahead.reader(second.slice(), third)(bodyOf(second));
    expect(bodies.slice(2)).toEqual([bodyOf(third)]);
    expect(body.entries()).toEqual(bodyReader(nativeSignatureChecker)(bodyOf(second)).entries());
    ahead.reader(first, undefined)(bodyOf(first));
    ahead.reader(third, undefined)(bodyOf(third));
    expect(bodies.slice(3)).toEqual([bodyOf(first), bodyOf(third)]);
  });

  it("are those bytes that were announced, whatever becomes of the array, and given up for others", () => {
    const { read, bodies } = recording();
    const ahead = new BundlesAhead(read);
    const [first, second, third] = bundles as [Uint8Array, Uint8Array, Uint8Array];
    const announced = second.slice();
    ahead.reader(first, announced)(bodyOf(first));
    announced.fill(7, -40);
    ahead.reader(announced, third)(bodyOf(third));
    expect(bodies).toEqual([first, second, third, third].map(bodyOf));
    let given = 0;
    const body = bodyReader(nativeSignatureChecker)([]);
    const counted = new BundlesAhead(() => ({ ...body, giveUp: () => (given += 1) }));
    counted.reader(first, second)(bodyOf(first));
    counted.reader(second, third)(bodyOf(second));
    expect(given).toBe(0);
    counted.reader(first, undefined)(bodyOf(first));
    expect(given).toBe(1);
  });

  it("are not begun where they cannot be read, or are too large for their rules", () => {
    const { read, bodies } = recording();
    const ahead = new BundlesAhead(read);
    const [first, second] = bundles as [Uint8Array, Uint8Array];
    const { rules, transactions } = decodeBundle(second);
    const small = encodeRules(parseRules({ preset: "payments", block: { bodyBytesMax: 256 } }));
    expect([rules.length, transactions.length > 1]).toEqual([small.length, true]);
    const tooLarge = second.slice();
    tooLarge.set(small, Buffer.from(second).indexOf(rules));
    expect(bodyOf(tooLarge)).toEqual(transactions);
    for (const next of [second.subarray(0, 90), new Uint8Array(0), tooLarge]) {
      ahead.reader(first, next)(bodyOf(first));
      expect(bodies.splice(0)).toEqual([bodyOf(first)]);
    }
  });

  it("change no report: what is announced may come or not, and be damaged or not", () => {
    const damaged = fc.tuple(fc.nat(bundles.length - 1), fc.option(fc.nat())).map(([which, at]) => {
      const bytes = bundles[which]!.slice();
      if (at !== null) bytes[at % bytes.length]! ^= 0x40;
      return bytes;
    });
    const turn = fc.record({ bytes: damaged, announced: fc.option(damaged), keeps: fc.boolean() });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), (turns) => {
        const ahead = new BundlesAhead(bodyReader(nativeSignatureChecker));
        for (const [i, { bytes, announced, keeps }] of turns.entries()) {
          const next = keeps ? turns[i + 1]?.bytes : (announced ?? undefined);
          const readBody = ahead.reader(bytes, next);
          expect(replayBundle(bytes, { ...ground, readBody })).toEqual(replayBundle(bytes, ground));
        }
      }),
      { seed: 77_006, numRuns: 60 },
    );
  });
});
