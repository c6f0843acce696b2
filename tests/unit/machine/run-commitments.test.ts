// Commitments of a run: trees with a tail that is not stored, both levels over a real block, and how they hang
// together.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBundle } from "../../../host/chain/bundle.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { listRoot, verifyListProof } from "../../../host/codec/trees.ts";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { BundleRun } from "../../../host/machine/bundle-run.ts";
import { CommitmentTree } from "../../../host/machine/commitment-tree.ts";
import { RunCommitments } from "../../../host/machine/run-commitments.ts";
import { later } from "../../../host/machine/run-states.ts";
import { disputedBlock } from "../../support/dispute-table.ts";

const bundle = decodeBundle(disputedBlock("calls"));
const hasher = nativeStateHasher();

function leavesOf(count: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: 32 * count }, (_, i) => (i * 7 + seed + (i >> 5)) & 0xff);
}

describe("a commitment", () => {
  it("is the tree over its leaves, with the last one in all places behind them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.nat(), fc.nat(255), (depth, wanted, seed) => {
        const count = 1 + (wanted % 2 ** depth);
        const leaves = leavesOf(count, seed);
        const tree = new CommitmentTree(leaves, depth);
        const all = Array.from({ length: 2 ** depth }, (_, i) => {
          const at = 32 * Math.min(i, count - 1);
          return leaves.slice(at, at + 32);
        });
        expect(toHex(tree.root)).toBe(toHex(listRoot(depth, all)));
        for (const index of [0, count - 1, 2 ** depth - 1]) {
          expect(toHex(tree.leaf(index))).toBe(toHex(all[index]!));
          const path = tree.path(index);
          expect(verifyListProof(depth, tree.root, index, all[index]!, path)).toBe(true);
        }
      }),
      { seed: 51_100, numRuns: 60 },
    );
  });

  it("shows children that hash to their node, four levels below it", () => {
    const tree = new CommitmentTree(leavesOf(1_000, 3), 12);
    for (const [depth, index] of [
      [0, 0],
      [4, 3],
      [4, 15],
      [8, 62],
      [8, 63],
      [8, 200],
    ] as const) {
      const children = tree.children(depth, index);
      expect(children).toHaveLength(512);
      const nodes = Array.from({ length: 16 }, (_, i) => children.slice(32 * i, 32 * i + 32));
      expect(toHex(listRoot(4, nodes))).toBe(toHex(tree.node(depth, index)));
    }
  });

  it("has one to 2^depth leaves of 32 bytes, and nodes within its depth alone", () => {
    const tree = new CommitmentTree(leavesOf(4, 0), 2);
    for (const wrong of [
      () => new CommitmentTree(leavesOf(5, 0), 2),
      () => new CommitmentTree(new Uint8Array(0), 2),
      () => new CommitmentTree(new Uint8Array(33), 2),
      () => new CommitmentTree(leavesOf(1, 0), 21),
      () => tree.node(3, 0),
      () => tree.node(1, 2),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ name: "AssertionError" }));
    }
  });
});

describe("the commitments of a run", () => {
  it("have the states of the run in both levels, which meet", async () => {
    const depth = 8;
    const run = new BundleRun(bundle, hasher);
    const commitments = new RunCommitments(later(new BundleRun(bundle, hasher)), depth);
    const { steps } = run.end();
    const size = 2 ** depth;
    const strides = await commitments.strides();
    const last = Math.ceil(Number(steps) / size);
    for (const i of [0, 1, 7, last - 1, last, size - 1]) {
      expect(toHex(strides.leaf(i))).toBe(toHex(run.stateAt(BigInt(i * size)).hash));
    }
    for (const stride of [0, 7, last - 1]) {
      const dense = await commitments.steps(stride);
      expect(await commitments.steps(stride)).toBe(dense);
      expect(toHex(dense.leaf(0))).toBe(toHex(strides.leaf(stride)));
      for (const j of [1, 100, size - 1]) {
        const step = BigInt(stride * size + j);
        expect(toHex(dense.leaf(j))).toBe(toHex(run.stateAt(step).hash));
      }
      const { pre, post } = await commitments.prove(BigInt(stride * size + size - 1));
      expect(toHex(pre)).toBe(toHex(dense.leaf(size - 1)));
      expect(toHex(post)).toBe(toHex(strides.leaf(stride + 1)));
    }
    // Behind the halt a stride is one state.
    const halted = await commitments.steps(size - 2);
    expect(toHex(halted.leaf(0))).toBe(toHex(run.end().header && run.stateAt(steps).hash));
    expect(toHex(halted.leaf(size - 1))).toBe(toHex(strides.leaf(size - 1)));
    await commitments.close();
  });

  it("refuse a run that is longer than its strides", async () => {
    const commitments = new RunCommitments(later(new BundleRun(bundle, hasher)), 6);
    await expect(commitments.strides()).rejects.toThrow("a run halts before the last leaf");
  });
});
