// The independent judge of step proofs (docs/machine.md section 7): the hash of a state and a proof in, the
// hash of the next state or a numbered rejection out. Pure, total on any bytes, and written for reading; it
// shares no code with the machine that makes proofs. Whoever wins with it has shown one step, nothing more.

import { RejectionCode } from "../outcome.ts";
import type { StepAccess } from "./judge-access.ts";
import { equal } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";
import {
  copyHeader,
  decodeHeader,
  HEADER_BYTES,
  type Header,
  isWellFormed,
  REGION_DEPTHS,
  type Region,
  stateHash,
} from "./judge-header.ts";
import { foldTree, keccakTree, readSiblings, siblingLevels } from "./judge-openings.ts";
import { ProofReader } from "./judge-reader.ts";
import { demand, Rejection, STUCK } from "./judge-rejection.ts";
import { executeStep, stuckHeader } from "./judge-step.ts";

/** State hash [32] after the step, or why the proof is none. */
export type Judgement = { readonly post: Uint8Array } | { readonly rejected: RejectionCode };

const LEAF_BYTES = 128;
/** Most leaves of one opening, and bytes of a proof: no step needs more. */
const LEAVES_MAX = 16;
const PROOF_BYTES_MAX = 9_216;

interface OpenedLeaf {
  readonly before: Uint8Array;
  readonly now: Uint8Array;
  touched: boolean;
}

/** The opened leaves of one region. */
class OpenedRegion {
  readonly leaves = new Map<number, OpenedLeaf>();
  readonly #depth: number;
  readonly #siblings: readonly Uint8Array[];

  /** @throws Rejection TRUNCATED, LEAF_INDEX, SIBLING, REGION_ROOT */
  constructor(reader: ProofReader, region: Region, root: Uint8Array) {
    this.#depth = REGION_DEPTHS[region];
    const count = reader.u8();
    demand(count > 0 && count <= LEAVES_MAX, RejectionCode.LEAF_INDEX);
    const indices: number[] = [];
    for (let i = 0; i < count; i++) {
      const index = reader.u32();
      const isNext = index > (indices.at(-1) ?? -1) && index < 2 ** this.#depth;
      demand(isNext, RejectionCode.LEAF_INDEX);
      indices.push(index);
    }
    for (const index of indices) {
      const before = reader.take(LEAF_BYTES);
      this.leaves.set(index, { before, now: before.slice(), touched: false });
    }
    this.#siblings = readSiblings(reader, keccakTree, siblingLevels(this.#depth, indices));
    demand(equal(this.root(), root), RejectionCode.REGION_ROOT);
  }

  get changed(): boolean {
    return [...this.leaves.values()].some(({ before, now }) => !equal(before, now));
  }

  /** Root of the region with its leaves as they are now. */
  root(): Uint8Array {
    const nodes = [...this.leaves.values()].map(({ now }) => keccakTree.leaf(now));
    return foldTree(keccakTree, this.#depth, [...this.leaves.keys()], nodes, this.#siblings);
  }
}

/** A step's access to a state of which only a proof is known. */
class ProvenState implements StepAccess {
  header: Header;
  readonly #reader: ProofReader;
  readonly #regions = new Map<Region, OpenedRegion>();

  /** Reads header and regions. @throws Rejection */
  constructor(preHash: Uint8Array, reader: ProofReader) {
    this.#reader = reader;
    const bytes = reader.take(HEADER_BYTES);
    this.header = decodeHeader(bytes);
    demand(isWellFormed(this.header), RejectionCode.HEADER);
    demand(equal(keccak256(bytes), preHash), RejectionCode.PRE_STATE);
    const mask = reader.u8();
    demand(mask < 2 ** REGION_DEPTHS.length, RejectionCode.REGIONS);
    REGION_DEPTHS.forEach((_, i) => {
      const region = i as Region;
      if ((mask & (1 << region)) === 0) return;
      this.#regions.set(region, new OpenedRegion(reader, region, this.header.roots[region]!));
    });
  }

  leaf(region: Region, index: number): Uint8Array {
    const leaf = this.#regions.get(region)?.leaves.get(index);
    if (leaf === undefined) throw new Rejection(RejectionCode.LEAF_MISSING);
    leaf.touched = true;
    return leaf.now;
  }

  pieces(): ProofReader {
    return this.#reader;
  }

  /** Takes the step. @throws Rejection */
  step(): Header {
    const before = copyHeader(this.header);
    try {
      executeStep(this);
      this.#takeRoots();
      return this.header;
    } catch (thrown) {
      if (thrown !== STUCK) throw thrown;
      return stuckHeader(before);
    }
  }

  /** Roots of the regions that the step wrote to. */
  #takeRoots(): void {
    for (const [region, opened] of this.#regions) {
      if (opened.changed) this.header.roots[region] = opened.root();
    }
  }

  /** @throws Rejection LEAF_UNUSED, TRAILING */
  checkAllUsed(): void {
    for (const { leaves } of this.#regions.values()) {
      for (const { touched } of leaves.values()) demand(touched, RejectionCode.LEAF_UNUSED);
    }
    demand(this.#reader.left === 0, RejectionCode.TRAILING);
  }
}

/** Judges one step. Never throws; the time it takes is bounded, whatever the proof says. */
export function judgeStep(preHash: Uint8Array, proof: Uint8Array): Judgement {
  if (proof.length > PROOF_BYTES_MAX) return { rejected: RejectionCode.TRAILING };
  try {
    const state = new ProvenState(preHash, new ProofReader(proof));
    const after = state.step();
    state.checkAllUsed();
    return { post: stateHash(after) };
  } catch (thrown) {
    if (thrown instanceof Rejection) return { rejected: thrown.code };
    throw thrown;
  }
}
