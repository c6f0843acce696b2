// State operations of the judge on random tries: after every set and delete the root is that of a trie made
// anew, and openings that lie about what is there are refused.
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import type { StepAccess } from "../../../host/dispute/judge-access.ts";
import { decodeHeader } from "../../../host/dispute/judge-header.ts";
import { StatePath, valueCommitment } from "../../../host/dispute/judge-paths.ts";
import { ProofReader } from "../../../host/dispute/judge-reader.ts";
import type { Rejection } from "../../../host/dispute/judge-rejection.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { RejectionCode } from "../../../host/outcome.ts";
import { Trie } from "../../../host/state/trie.ts";
import { leafHashes, valueCommitments } from "../../../host/state/value-commitment.ts";
import { Random } from "../../support/random.ts";
import { ReferenceTrie } from "../../support/reference-trie.ts";

/** An access to a state root and an opening, and nothing else. */
function accessTo(root: Uint8Array, opening: Uint8Array): { access: StepAccess; root(): string } {
  const world = new Uint8Array(128);
  world.set(root);
  const reader = new ProofReader(opening);
  const access: StepAccess = {
    header: decodeHeader(new Uint8Array(256)),
    leaf: () => world,
    pieces: () => reader,
  };
  return { access, root: () => toHex(world.subarray(0, 32)) };
}

/** Paths that share long prefixes, so that leaves collapse and split over many levels. */
function randomPath(random: Random): Uint8Array {
  const path = new Uint8Array(32);
  path[random.pick([0, 0, 1, 20, 31])] = 1 << random.below(8);
  path[random.pick([0, 1, 31])]! ^= 1 << random.below(8);
  return path;
}

/** The root by host/state. */
function hostRoot(values: ReadonlyMap<string, { path: Uint8Array; value: Uint8Array }>): string {
  const hasher = nativeStateHasher();
  const trie = new Trie(hasher);
  [...values.values()].forEach(({ path, value }, i) => {
    trie.setPath(i + 1, path);
    trie.put(i + 1, leafHashes(hasher, trie.paths, [i + 1], valueCommitments(hasher, [value])), 0);
  });
  trie.rehash();
  return toHex(trie.root());
}

function refusal(root: Uint8Array, path: Uint8Array, opening: Uint8Array): number | undefined {
  try {
    StatePath.open(accessTo(root, opening).access, path, "commitment");
    return undefined;
  } catch (thrown) {
    return (thrown as Rejection).code;
  }
}

describe("a state path", () => {
  it("gives the root of the trie after each of many sets and deletes", () => {
    const random = new Random(11);
    let trie = new ReferenceTrie();
    const values = new Map<string, { path: Uint8Array; value: Uint8Array }>();
    const terminals = new Set<number>();
    for (let i = 0; i < 600; i++) {
      const path = randomPath(random);
      const opening = trie.opening(path, "commitment");
      const { access, root } = accessTo(trie.root, opening);
      terminals.add(opening[0]!);
      const opened = StatePath.open(access, path, "commitment");
      if (random.oneIn(2)) {
        const value = Uint8Array.from({ length: random.pick([0, 1, 32, 33, 64, 65]) }, () => i);
        opened.setCommitment(access, valueCommitment(value));
        trie = trie.with(path, value);
        values.set(toHex(path), { path, value });
      } else {
        opened.delete(access);
        trie = trie.with(path, undefined);
        values.delete(toHex(path));
      }
      expect(root()).toBe(toHex(trie.root));
      if (i % 20 === 0) expect(root()).toBe(hostRoot(values));
    }
    expect([...terminals].sort()).toEqual([0, 1, 2]);
  });

  it("is refused where it says that a present value is absent, or the other way round", () => {
    const [first, second, third] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const trie = new ReferenceTrie().with(first, first).with(second, second);
    const { root } = trie;
    const honest = trie.opening(first, "commitment");
    expect(refusal(root, first, honest)).toBeUndefined();
    const asEmpty = Uint8Array.from([0, ...honest.subarray(33)]);
    expect(refusal(root, first, asEmpty)).toBe(RejectionCode.STATE_PATH);
    const asOther = Uint8Array.from([2, ...first, ...honest.subarray(1)]);
    expect(refusal(root, first, asOther)).toBe(RejectionCode.STATE_PATH);
    const unknown = Uint8Array.from([3, ...honest.subarray(1)]);
    expect(refusal(root, first, unknown)).toBe(RejectionCode.STATE_PATH);
    expect(refusal(root, second, honest)).toBe(RejectionCode.STATE_PATH);
    // 3 ends where 2 stands; the leaf of 1 lies on another way.
    const beside = trie.opening(third, "commitment");
    expect(beside[0]).toBe(2);
    const offPath = Uint8Array.from([2, ...first, ...beside.subarray(33)]);
    expect(refusal(root, third, offPath)).toBe(RejectionCode.STATE_PATH);
  });

  it("commits to values of every length as host/state does", () => {
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 235, 1000]) {
      const value = Uint8Array.from({ length }, (_, i) => i + length);
      const expected = valueCommitments(nativeStateHasher(), [value]);
      expect(toHex(valueCommitment(value)), `${length}`).toBe(toHex(expected));
    }
  });
});
