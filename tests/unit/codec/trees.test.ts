// Trees and list proofs against their definitions, at both sides of every leaf, depth and buffer.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bufferSize } from "../../../host/codec/crypto.ts";
import { toHex } from "../../../host/codec/hex.ts";
import {
  bytesHash,
  bytesRoot,
  listProof,
  listRoot,
  verifyListProof,
} from "../../../host/codec/trees.ts";
import { AssertionError } from "../../../host/errors.ts";
import { keccak, naiveBytesRoot, naiveListRoot, pattern, seed, u32 } from "./reference.ts";

const leavesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => keccak(u32(i)));

describe("bytesRoot", () => {
  it("is the hash of 128 zero bytes for empty bytes", () => {
    expect(bytesRoot(new Uint8Array(0))).toEqual(keccak(new Uint8Array(128)));
  });

  it("follows its definition on both sides of every leaf and depth up to 2 KiB", () => {
    for (let leaves = 0; leaves <= 16; leaves++) {
      for (const length of [128 * leaves - 1, 128 * leaves, 128 * leaves + 1]) {
        if (length < 0) continue;
        const bytes = pattern(length);
        expect(toHex(bytesRoot(bytes)), `length ${length}`).toBe(toHex(naiveBytesRoot(bytes)));
      }
    }
  });

  it("follows its definition around the module's buffer", () => {
    for (const length of [bufferSize - 1, bufferSize, bufferSize + 1, 2 * bufferSize + 129]) {
      const bytes = pattern(length);
      expect(toHex(bytesRoot(bytes)), `length ${length}`).toBe(toHex(naiveBytesRoot(bytes)));
    }
  });

  it("takes the bytes from a given start", () => {
    const bytes = pattern(700);
    expect(bytesRoot(bytes, 256)).toEqual(bytesRoot(bytes.subarray(256)));
  });

  it("does not tell bytes from the same bytes with zeros after them, but bytesHash does", () => {
    const short = pattern(100);
    const long = new Uint8Array(128);
    long.set(short);
    expect(bytesRoot(long)).toEqual(bytesRoot(short));
    expect(bytesHash(long)).not.toEqual(bytesHash(short));
  });

  it("leaves no trace of one tree in the next", () => {
    const expected = bytesRoot(pattern(129));
    bytesRoot(pattern(5_000));
    listRoot(6, leavesOf(33));
    expect(bytesRoot(pattern(129))).toEqual(expected);
  });
});

describe("bytesHash", () => {
  it("is the hash of the length and the root", () => {
    for (const length of [0, 1, 128, 129, 70_000, bufferSize + 1]) {
      const bytes = pattern(length);
      expect(bytesHash(bytes)).toEqual(keccak(u32(length), naiveBytesRoot(bytes)));
    }
  });
});

describe("listRoot", () => {
  it("follows its definition for every count in small trees", () => {
    for (let depth = 0; depth <= 5; depth++) {
      for (let count = 0; count <= 2 ** depth; count++) {
        const leaves = leavesOf(count);
        expect(toHex(listRoot(depth, leaves)), `${count} leaves, depth ${depth}`).toBe(
          toHex(naiveListRoot(depth, leaves)),
        );
      }
    }
  });

  it("follows its definition around the module's buffer", () => {
    const batch = bufferSize / 32;
    for (const count of [batch - 1, batch, batch + 1]) {
      const leaves = leavesOf(count);
      expect(listRoot(12, leaves)).toEqual(naiveListRoot(12, leaves));
    }
  });

  it("treats a zero leaf as a missing one", () => {
    expect(listRoot(4, [...leavesOf(3), new Uint8Array(32)])).toEqual(listRoot(4, leavesOf(3)));
  });

  it("refuses one leaf more than the tree holds", () => {
    expect(listRoot(2, leavesOf(4))).toEqual(naiveListRoot(2, leavesOf(4)));
    expect(() => listRoot(2, leavesOf(5))).toThrow(AssertionError);
  });
});

describe("a list proof", () => {
  it("shows every leaf, present or missing, of small lists", () => {
    for (const [depth, count] of [
      [0, 1],
      [1, 1],
      [3, 5],
      [4, 16],
      [20, 3],
    ] as const) {
      const leaves = leavesOf(count);
      const root = listRoot(depth, leaves);
      for (let index = 0; index < Math.min(2 ** depth, 20); index++) {
        const proof = listProof(depth, leaves, index);
        const leaf = leaves[index] ?? new Uint8Array(32);
        expect(verifyListProof(depth, root, index, leaf, proof)).toBe(true);
      }
    }
  });

  it("works for lists larger than the module's buffer", () => {
    const leaves = leavesOf(2 * (bufferSize / 32) + 7);
    const root = listRoot(20, leaves);
    for (const index of [0, bufferSize / 32, leaves.length - 1, leaves.length]) {
      const leaf = leaves[index] ?? new Uint8Array(32);
      expect(verifyListProof(20, root, index, leaf, listProof(20, leaves, index))).toBe(true);
    }
  });

  it("fails when any bit of it, of the leaf, of the root or of the index is changed", () => {
    const leaves = leavesOf(11);
    const root = listRoot(5, leaves);
    fc.assert(
      fc.property(fc.nat(10), fc.nat(32 * 5 * 8 - 1), (index, bit) => {
        const proof = listProof(5, leaves, index);
        const flip = (bytes: Uint8Array): Uint8Array => {
          const copy = bytes.slice();
          const at = (bit >> 3) % copy.length;
          copy[at] = copy[at]! ^ (1 << (bit & 7));
          return copy;
        };
        const leaf = leaves[index]!;
        expect(verifyListProof(5, root, index, leaf, proof)).toBe(true);
        expect(verifyListProof(5, root, index, leaf, flip(proof))).toBe(false);
        expect(verifyListProof(5, root, index, flip(leaf), proof)).toBe(false);
        expect(verifyListProof(5, flip(root), index, leaf, proof)).toBe(false);
        expect(verifyListProof(5, root, index ^ 1, leaf, proof)).toBe(false);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("is refused with a wrong length or an index outside the list", () => {
    const leaves = leavesOf(2);
    const root = listRoot(2, leaves);
    const proof = listProof(2, leaves, 0);
    const leaf = leaves[0]!;
    expect(verifyListProof(2, root, 0, leaf, proof)).toBe(true);
    expect(verifyListProof(2, root, 4, leaf, proof)).toBe(false);
    expect(verifyListProof(2, root, -1, leaf, proof)).toBe(false);
    expect(verifyListProof(2, root, 0.5, leaf, proof)).toBe(false);
    expect(verifyListProof(2, root, 0, leaf, proof.subarray(1))).toBe(false);
    expect(verifyListProof(2, root, 0, leaf, new Uint8Array(96))).toBe(false);
    expect(verifyListProof(2, root, 0, leaf.subarray(1), proof)).toBe(false);
  });
});
