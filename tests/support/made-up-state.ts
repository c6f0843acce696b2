// A made-up state of the machine: the leaves that a real proof opened, changed anywhere, with the roots computed
// anew. Its proof opens what the judge's step function touches, so it is refused for nothing but what a test
// spoils afterwards. Pieces are made on the way; the root that they must give is put into the state, and the
// step is taken again, until nothing is left to put.

import { Phase, type PieceRequest, type StepAccess } from "../../host/dispute/judge-access.ts";
import { concat, numberBytes, readBig, readNumber } from "../../host/dispute/judge-bytes.ts";
import { transactionHash } from "../../host/dispute/judge-entry.ts";
import { keccak256 } from "../../host/dispute/judge-hash.ts";
import {
  copyHeader,
  decodeHeader,
  encodeHeader,
  type Header,
  REGION_DEPTHS,
  Region,
  Status,
  stateHash,
} from "../../host/dispute/judge-header.ts";
import { foldTree, keccakTree } from "../../host/dispute/judge-openings.ts";
import { ProofReader } from "../../host/dispute/judge-reader.ts";
import { Block, Data, Entered, Entry, type Field, World } from "../../host/dispute/judge-record.ts";
import { Rejection, STUCK } from "../../host/dispute/judge-rejection.ts";
import { executeStep } from "../../host/dispute/judge-step.ts";
import {
  type MadePieces,
  madeCaller,
  madeLeaves,
  madeListPath,
  madeStatePath,
  randomBytes,
} from "./made-up-pieces.ts";
import { partsOf } from "./proof-layout.ts";
import type { Random } from "./random.ts";
import { RegionTree } from "./region-tree.ts";

const HEAD_BYTES = 256;
const ROUNDS = 4;

export interface SealedProof {
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
  /** By region, the leaves that the proof opens. */
  readonly opened: ReadonlyMap<Region, readonly number[]>;
  readonly pieces: Uint8Array;
}

export class MadeUpState {
  readonly header: Header;
  readonly trees: readonly RegionTree[] = REGION_DEPTHS.map((depth) => new RegionTree(depth));
  /** The pieces of the real proof, which the first request takes if it fits. */
  readonly #real: Uint8Array;
  readonly #random: Random;

  constructor(proof: Uint8Array, random: Random) {
    this.header = decodeHeader(proof);
    this.#random = random;
    const parts = partsOf(proof);
    for (let region = 0; region < REGION_DEPTHS.length; region++) {
      const own = parts.filter((part) => part.region === region);
      const indices = own.filter(({ name }) => name === "index");
      const leaves = own.filter(({ name }) => name === "leaf");
      indices.forEach(({ start }, i) => {
        const leaf = proof.slice(leaves[i]!.start, leaves[i]!.end);
        this.trees[region]!.set(readNumber(proof, start, 4), leaf);
      });
    }
    const last = parts.at(-1)!;
    this.#real = last.name === "pieces" ? proof.slice(last.start) : new Uint8Array(0);
  }

  /** Writes bytes of a region, which end with its last leaf. */
  write(region: Region, at: number, bytes: Uint8Array): void {
    bytes.forEach((byte, i) => {
      const index = Math.floor((at + i) / 128);
      if (index >= 2 ** REGION_DEPTHS[region]) return;
      const leaf = this.trees[region]!.leaf(index);
      leaf[(at + i) % 128] = byte;
      this.trees[region]!.set(index, leaf);
    });
  }

  read(region: Region, at: number, length: number): Uint8Array {
    return this.trees[region]!.bytes(at, length);
  }

  setField([leaf, at]: Field, bytes: Uint8Array): void {
    this.write(Region.record, 128 * leaf + at, bytes);
  }

  field([leaf, at, size]: Field): Uint8Array {
    return this.read(Region.record, 128 * leaf + at, size);
  }

  /** The proof of the state's step. */
  seal(): SealedProof {
    const pieces: Uint8Array[] = [];
    let touched = new Map<Region, Map<number, Uint8Array>>();
    for (let round = 0; round < ROUNDS; round++) {
      touched = new Map();
      if (this.#takeStep(pieces, touched)) break;
    }
    return this.proofOf(touched, concat(...pieces));
  }

  proofOf(
    touched: ReadonlyMap<Region, ReadonlyMap<number, unknown>>,
    pieces: Uint8Array,
  ): SealedProof {
    const header = copyHeader(this.header);
    const openings: Uint8Array[] = [];
    const opened = new Map<Region, number[]>();
    let mask = 0;
    this.trees.forEach((tree, i) => {
      const region = i as Region;
      const leaves = [...(touched.get(region)?.keys() ?? [])].sort((a, b) => a - b);
      if (leaves.length === 0 || leaves.length > 16) return;
      header.roots[region] = tree.root();
      mask |= 1 << region;
      opened.set(region, leaves);
      openings.push(tree.opening(leaves, true));
    });
    const proof = concat(encodeHeader(header), Uint8Array.of(mask), ...openings, pieces);
    return { pre: stateHash(header), proof, opened, pieces };
  }

  // Whether the step asked for no piece that it had not asked for before.
  #takeStep(pieces: Uint8Array[], touched: Map<Region, Map<number, Uint8Array>>): boolean {
    let asked = 0;
    let isSettled = true;
    const access: StepAccess = {
      header: copyHeader(this.header),
      leaf: (region, index) => {
        const leaves = touched.get(region) ?? new Map<number, Uint8Array>();
        touched.set(region, leaves);
        const leaf = leaves.get(index) ?? this.trees[region]!.leaf(index);
        leaves.set(index, leaf);
        return leaf;
      },
      pieces: (request) => {
        const i = asked++;
        if (pieces[i] === undefined) {
          isSettled = false;
          pieces[i] = this.#make(request);
        }
        return new ProofReader(pieces[i]);
      },
    };
    try {
      executeStep(access);
    } catch (thrown) {
      if (thrown !== STUCK && !(thrown instanceof Rejection)) throw thrown;
    }
    if (isSettled) pieces.length = asked;
    return isSettled;
  }

  #put(field: Field, { bytes, root }: MadePieces): Uint8Array {
    this.setField(field, root);
    return bytes;
  }

  #make(request: PieceRequest): Uint8Array {
    const random = this.#random;
    switch (request.kind) {
      case "state path":
        return this.#put(
          this.header.status === Status.phase && this.header.phase === Phase.entered
            ? Entered.root
            : World.stateRoot,
          madeStatePath(random, request.path, request.reads),
        );
      case "leaves":
      case "chunks": {
        const made = madeLeaves(random, request);
        const at = [Data.returnedRoot, Data.openedRoot, [1, 56, 32] as const].find(
          (field) => keyOf(this.field(field)) === keyOf(request.root),
        );
        return at === undefined ? made.bytes : this.#put(at, made);
      }
      case "output":
        return this.#makeOutput();
      case "suspended": {
        const made = madeCaller(random, request.recordLeaves);
        this.header.parent = made.root;
        return made.bytes;
      }
      case "deployers": {
        const addresses = concat(this.field(Entry.sender), randomBytes(random, 20));
        this.setField(Block.deployersHash, keccak256(addresses));
        return concat(Uint8Array.of(2), addresses);
      }
      case "receipt path":
        return this.#put(
          Block.receiptsRoot,
          madeListPath(random, request.index, new Uint8Array(32), false),
        );
      case "outbox path": {
        const index = Number(readBig(this.field(World.outboxCount), 0, 4));
        return this.#put(World.outboxRoot, madeListPath(random, index, new Uint8Array(32), true));
      }
      case "head":
        return this.#makeHead();
      case "entry":
        return this.#makeEntry(request.index);
    }
  }

  #makeOutput(): Uint8Array {
    const record = randomBytes(this.#random, 235);
    const padded = concat(record, new Uint8Array(21));
    const leaves = [padded.slice(0, 128), padded.slice(128)].map(keccakTree.leaf);
    this.setField(Data.outputRoot, foldTree(keccakTree, 1, [0, 1], leaves, []));
    return record;
  }

  /** The real head, or one with a byte changed. */
  #changedHead(head: Uint8Array): Uint8Array {
    const random = this.#random;
    const copy = concat(head, new Uint8Array(HEAD_BYTES)).slice(0, HEAD_BYTES);
    if (random.oneIn(2)) copy[random.pick([0, 1, 2, 70, 90, 142, 150, 159])]! ^= random.below(4);
    if (random.oneIn(4)) copy[random.below(HEAD_BYTES)]! ^= 1 << random.below(8);
    return copy;
  }

  #makeHead(): Uint8Array {
    const head = this.#changedHead(this.#real.subarray(0, HEAD_BYTES));
    const length = HEAD_BYTES + readNumber(this.field(Entry.inputLength), 0, 4);
    this.setField(Entry.hash, transactionHash(length, head, this.field(Entry.inputRoot)));
    return head;
  }

  #makeEntry(index: number): Uint8Array {
    const random = this.#random;
    const real = this.#real;
    const length = real.length >= 4 ? readNumber(real, 0, 4) : 0;
    const size = Math.min(length, HEAD_BYTES);
    const head = this.#changedHead(real.subarray(4, 4 + size)).slice(0, size);
    const rest = concat(real.subarray(4 + size), new Uint8Array(32)).slice(0, 32);
    if (size === HEAD_BYTES && random.oneIn(2)) head.set(this.field(Block.environment), 2);
    const hash = transactionHash(length, head, rest);
    const path = madeListPath(random, index, hash, false);
    this.setField(Block.transactionsRoot, path.root);
    // What a deploy has behind its path: its own, where that was the real entry's.
    const behind = random.oneIn(2) ? real.slice(4 + size + 35) : new Uint8Array(0);
    return concat(numberBytes(4, length), head, rest, path.bytes, behind);
  }
}

const keyOf = (bytes: Uint8Array): string => bytes.join();
