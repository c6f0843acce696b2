// Roots, commitments and hashers against the plain definition in reference.ts, with both hashers.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { HANDFUL, Handful, pureStateHasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { Trie } from "../../../host/state/trie.ts";
import { chunkLevels, valueCommitment } from "../../../host/state/value-commitment.ts";
import {
  applyNaive,
  changesArbitrary,
  hex,
  type NaiveState,
  naiveCommitment,
  naiveRoot,
  naiveStateRoot,
  seed,
  sha256,
  testKey,
  toChanges,
} from "./reference.ts";

const hashers = [
  ["pure", pureStateHasher],
  ["native", nativeStateHasher()],
] as const;

describe.each(hashers)("with the %s hasher", (_name, hasher) => {
  it("hashes bytes and pairs as SHA-256", () => {
    for (const length of [0, 1, 53, 55, 56, 64, 65, 511, 512, 513, 5000]) {
      const bytes = new Uint8Array(length).map((_, i) => i * 7);
      expect(hex(hasher.sha256(bytes))).toBe(hex(sha256(bytes)));
    }
    const input = new Uint8Array(64 * 9).map((_, i) => i * 11);
    const output = new Uint8Array(32 * 10).fill(7);
    hasher.hashPairs(input, output, 9);
    for (let i = 0; i < 9; i++) {
      expect(hex(output.subarray(32 * i, 32 * i + 32))).toBe(
        hex(sha256(input.subarray(64 * i, 64 * i + 64))),
      );
    }
    expect(output.subarray(288)).toEqual(new Uint8Array(32).fill(7));
    hasher.hashPairs(input, output, 0);
    const few = new Handful(input, output);
    for (let count = 1; count <= HANDFUL; count++) {
      output.fill(0);
      hasher.hashFew(few, count);
      for (let i = 0; i < count; i++) {
        expect(hex(output.subarray(32 * i, 32 * i + 32))).toBe(
          hex(sha256(input.subarray(64 * i, 64 * i + 64))),
        );
      }
    }
  });

  it("commits to a value of every length around a chunk boundary as defined", () => {
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 96, 97, 128, 129, 257, 1023, 4097, 65536]) {
      const value = new Uint8Array(length).map((_, i) => i * 13 + 1);
      expect(hex(valueCommitment(hasher, value))).toBe(hex(naiveCommitment(value)));
    }
  });

  it("gives a root that is a function of the content, whatever the history", () => {
    fc.assert(
      fc.property(fc.array(changesArbitrary(40, 30), { maxLength: 6 }), (blocks) => {
        const image = new StateImage({ hasher });
        const state: NaiveState = new Map();
        for (const block of blocks) {
          applyNaive(state, block);
          const root = image.apply(toChanges(block));
          expect(hex(root)).toBe(hex(naiveStateRoot(state)));
        }
        expect(image.size).toBe(state.size);
      }),
      { seed, numRuns: 150 },
    );
  });
});

it("comes to the root of the content when a block has thousands of changes of every kind", () => {
  const image = new StateImage({ hasher: pureStateHasher });
  const state: NaiveState = new Map();
  // 3,000 inserts; then overwrites, deletes and inserts in one block; then deletes of nearly everything.
  const blocks = [
    Array.from({ length: 3_000 }, (_, n) => ({ n, value: new Uint8Array([n, n >> 8]) })),
    Array.from({ length: 4_500 }, (_, n) => ({
      n,
      value: n % 3 === 0 ? undefined : new Uint8Array(n % 80).fill(n),
    })),
    Array.from({ length: 4_490 }, (_, n) => ({ n, value: undefined })),
  ];
  for (const block of blocks) {
    applyNaive(state, block);
    expect(hex(image.apply(toChanges(block)))).toBe(hex(naiveStateRoot(state)));
  }
  expect(image.size).toBe(state.size);
});

it("uses branches again that it freed", () => {
  const trie = new Trie(pureStateHasher);
  const paths = Array.from({ length: 50 }, (_, n) => sha256(Uint8Array.of(n)));
  const fill = () => {
    for (const [i, path] of paths.entries()) {
      trie.setPath(i + 1, path);
      trie.put(i + 1, path, 0);
    }
    trie.rehash();
  };
  fill();
  const { nodeEnd } = trie.arena;
  for (let round = 0; round < 5; round++) {
    for (const path of paths) trie.remove(path);
    trie.rehash();
    fill();
  }
  expect(trie.arena.nodeEnd).toBe(nodeEnd);
});

it("takes back a block with the undo it returned", () => {
  fc.assert(
    fc.property(changesArbitrary(30, 25), changesArbitrary(30, 25), (first, second) => {
      const image = new StateImage({ hasher: pureStateHasher });
      const root = image.apply(toChanges(first));
      const undo = image.applyWithUndo(toChanges(second));
      expect(hex(image.apply(undo.changes()))).toBe(hex(root));
    }),
    { seed, numRuns: 100 },
  );
});

it("keeps every value readable across inserts, overwrites of other sizes and deletes", () => {
  fc.assert(
    fc.property(fc.array(changesArbitrary(25, 40), { maxLength: 4 }), (blocks) => {
      const image = new StateImage({ hasher: pureStateHasher });
      const state: NaiveState = new Map();
      for (const block of blocks) {
        applyNaive(state, block);
        image.apply(toChanges(block));
      }
      for (let n = 0; n < 25; n++) {
        const { cls, address, key } = testKey(n);
        const name = hex(new Uint8Array([cls, ...address, ...key]));
        expect(image.get(cls, address, key)?.slice()).toEqual(state.get(name)?.slice());
      }
    }),
    { seed, numRuns: 100 },
  );
});

it("has the level count of the chunk tree, without nodes beyond the last chunk", () => {
  const counts = (length: number) =>
    chunkLevels(pureStateHasher, new Uint8Array(length)).map((level) => level.length / 32);
  expect(counts(0)).toEqual([1]);
  expect(counts(32)).toEqual([1]);
  expect(counts(33)).toEqual([2, 1]);
  expect(counts(65)).toEqual([3, 2, 1]);
  expect(counts(161)).toEqual([6, 3, 2, 1]);
});

describe("a trie with paths chosen to share long prefixes", () => {
  const path = (bits: string) => {
    const out = new Uint8Array(32);
    for (let i = 0; i < bits.length; i++) if (bits[i] === "1") out[i >> 3]! |= 0x80 >> (i & 7);
    return out;
  };

  it("splits at the last bit and collapses again", () => {
    const trie = new Trie(pureStateHasher);
    const paths = ["", `${"0".repeat(255)}1`, `${"0".repeat(100)}1`, "1"].map(path);
    const commitment = sha256();
    const leaf = (p: Uint8Array) => {
      const hash = sha256(p, commitment);
      hash[0]! |= 0x80;
      return hash;
    };
    const check = (present: number[]) => {
      trie.rehash();
      const want = naiveRoot(present.map((i) => ({ path: paths[i]!, commitment })));
      expect(hex(trie.root())).toBe(hex(want));
    };
    paths.forEach((p, i) => {
      trie.setPath(i + 1, p);
    });
    const present = new Set<number>();
    for (const i of [0, 1, 2, 3, 1, 0, 3, 2, 0, 3, 1, 0, 1, 3]) {
      if (present.has(i)) {
        expect(trie.remove(paths[i]!)).toBe(i + 1);
        present.delete(i);
      } else {
        trie.put(i + 1, leaf(paths[i]!), 0);
        present.add(i);
      }
      check([...present]);
    }
    expect(trie.remove(path("11"))).toBe(0);
  });
});
