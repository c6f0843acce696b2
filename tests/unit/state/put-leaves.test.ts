// Many leaves at once against the plain definition: paths that part early, late and behind the prefix that
// runs are sorted by, inserted, given other values and taken out again.

import fc from "fast-check";
import { expect, it } from "vitest";
import { putLeaves } from "../../../host/state/put-leaves.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { Trie } from "../../../host/state/trie.ts";
import { hex, type NaiveLeaf, naiveCommitment, naiveRoot, seed } from "./reference.ts";

/** Paths of which most share long beginnings. */
const pathArbitrary = fc
  .tuple(
    fc.constantFrom(0, 1, 3, 4, 5, 8, 31),
    fc.array(fc.constantFrom(0x00, 0x01, 0x80, 0xff), { minLength: 8, maxLength: 8 }),
  )
  .map(([at, bytes]) => {
    const path = new Uint8Array(32);
    for (let i = 0; i < bytes.length && at + i < 32; i++) path[at + i] = bytes[i]!;
    return path;
  });

const roundArbitrary = fc.record({
  puts: fc.array(fc.tuple(pathArbitrary, fc.nat(255)), { maxLength: 40 }),
  removals: fc.array(fc.nat(1_000), { maxLength: 12 }),
});
const roundsArbitrary = fc.array(roundArbitrary, { minLength: 1, maxLength: 5 });

it("comes to the root of the plain definition, however the paths share their beginnings", () => {
  fc.assert(
    fc.property(roundsArbitrary, fc.constantFrom(1, 2, 5, 512), (rounds, group) => {
      const trie = new Trie(pureStateHasher);
      const leaves = new Map<string, { readonly number: number; readonly leaf: NaiveLeaf }>();
      let last = 0;
      for (const { puts, removals } of rounds) {
        for (const removal of removals) {
          const key = [...leaves.keys()][removal % Math.max(1, leaves.size)];
          if (key === undefined) break;
          const { number, leaf } = leaves.get(key)!;
          expect(trie.remove(leaf.path)).toBe(number);
          leaves.delete(key);
        }
        const batch = new Map<number, Uint8Array>();
        for (const [path, byte] of puts) {
          const value = Uint8Array.of(byte);
          const known = leaves.get(hex(path));
          const number = known?.number ?? ++last;
          if (known === undefined) trie.setPath(number, path);
          leaves.set(hex(path), { number, leaf: { path, commitment: naiveCommitment(value) } });
          batch.set(number, value);
        }
        putLeaves(trie, pureStateHasher, [...batch.keys()], [...batch.values()], group);
        trie.rehash();
        const present = [...leaves.values()].map(({ leaf }) => leaf);
        expect(hex(trie.root())).toBe(hex(naiveRoot(present)));
      }
    }),
    { seed, numRuns: 300 },
  );
});

it("comes to the same root in one batch and in parts", () => {
  const count = 70_000;
  const trie = new Trie(pureStateHasher);
  const parts = new Trie(pureStateHasher);
  const leaves = Array.from({ length: count }, (_, i) => i + 1);
  const values = leaves.map((leaf) => Uint8Array.of(leaf, leaf >>> 8));
  const path = new Uint8Array(32);
  for (const leaf of leaves) {
    new DataView(path.buffer).setUint32(0, Math.imul(leaf, 0x9e3779b1));
    path[31] = leaf;
    trie.setPath(leaf, path);
    parts.setPath(leaf, path);
  }
  putLeaves(trie, pureStateHasher, leaves, values);
  trie.rehash();
  for (let from = 0; from < count; from += 1_000) {
    const to = from + 1_000;
    putLeaves(parts, pureStateHasher, leaves.slice(from, to), values.slice(from, to));
    parts.rehash();
  }
  expect(hex(parts.root())).toBe(hex(trie.root()));
});

it("refuses a place that is not opened", () => {
  const trie = new Trie(pureStateHasher);
  const path = new Uint8Array(32);
  trie.mount(Uint8Array.of(0x80, ...path.subarray(1)), 1, new Uint8Array(32).fill(7));
  trie.rehash();
  trie.setPath(1, path);
  trie.setPath(2, new Uint8Array(32).fill(0xff));
  const values = [Uint8Array.of(1), Uint8Array.of(2)];
  expect(() => putLeaves(trie, pureStateHasher, [1, 2], values)).toThrow(
    expect.objectContaining({ code: "WITNESS_MISSING" }),
  );
});
