// What the reference machine knows beside its regions, as the bytes of a step proof's pieces (docs/machine.md
// section 8): the body, the state, and every string of bytes that some root stands for. Built from the
// engine's codec and trees, never from the judge's.

import { transactionHash } from "../../host/chain/transaction.ts";
import { equalBytes, toHex } from "../../host/codec/hex.ts";
import { keccak256, keccak256Pair } from "../../host/codec/keccak.ts";
import { readU32 } from "../../host/codec/reader.ts";
import { bytesRoot, listProof, listRoot } from "../../host/codec/trees.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import type { PieceRequest } from "../../host/dispute/judge-access.ts";
import { assert } from "../../host/errors.ts";
import { chunkLevels, chunkRootOf, ReferenceTrie, sha256 } from "./reference-trie.ts";
import { RegionTree, writeGiven } from "./region-tree.ts";

const LIST_DEPTH = 20;
const OUTBOX_DEPTH = 16;
const HEAD = 256;

const listZeros: Uint8Array[] = [new Uint8Array(32)];
const chunkZeros: Uint8Array[] = [new Uint8Array(32)];
for (let level = 0; level < 40; level++) {
  listZeros.push(keccak256Pair(listZeros[level]!, listZeros[level]!));
  chunkZeros.push(sha256(chunkZeros[level]!, chunkZeros[level]!));
}

const nameOf = (root: Uint8Array, length: number): string => `${toHex(root)}:${length}`;

export function leastDepth(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

function listPath(
  leaves: readonly Uint8Array[],
  index: number,
  depth: number = LIST_DEPTH,
): Uint8Array {
  const proof = listProof(depth, leaves, index);
  const siblings = Array.from({ length: depth }, (_, i) => proof.slice(32 * i, 32 * i + 32));
  const writer = new ByteWriter();
  writeGiven(writer, siblings, (i) => listZeros[i]!, Math.ceil(depth / 8));
  return writer.finish();
}

/** Whether phase 1 asks for the first leaf of this entry's input. */
function showsWasmLength(entry: Uint8Array): boolean {
  return (
    entry.length >= HEAD + 4 &&
    entry[0] === 1 &&
    entry[1] === 2 &&
    entry.subarray(98, 118).every((byte) => byte === 0) &&
    readU32(entry, 156) === entry.length - HEAD &&
    equalBytes(entry.subarray(160, 192), bytesRoot(entry, HEAD))
  );
}

type StatePathRequest = Extract<PieceRequest, { readonly kind: "state path" }>;

export interface KnownInput {
  readonly body: readonly Uint8Array[];
  readonly deployers: readonly Uint8Array[];
  /** As the host made them; of entries before the one at hand they are proven equal. */
  readonly receipts: readonly Uint8Array[];
  readonly state: ReferenceTrie;
}

export class KnownPieces {
  readonly #input: KnownInput;
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #values = new Map<string, Uint8Array>();
  readonly #tries = new Map<string, ReferenceTrie>();
  /** Leaves by the root over them. */
  readonly #outboxes = new Map([[toHex(listRoot(OUTBOX_DEPTH, [])), [] as readonly Uint8Array[]]]);

  constructor(input: KnownInput) {
    this.#input = input;
    for (const entry of input.body) {
      this.noteBytes(entry.subarray(0, HEAD));
      this.noteBytes(entry.subarray(HEAD));
    }
    this.noteState(input.state);
    // The code that a block enters starts with no trie at all.
    this.noteState(new ReferenceTrie());
  }

  noteBytes(bytes: Uint8Array): void {
    this.#bytes.set(nameOf(bytesRoot(bytes), bytes.length), bytes);
  }

  noteValue(value: Uint8Array): void {
    this.#values.set(nameOf(chunkRootOf(value), value.length), value);
  }

  noteState(trie: ReferenceTrie): void {
    this.#tries.set(toHex(trie.root), trie);
  }

  bytes(root: Uint8Array, length: number): Uint8Array {
    const found = this.#bytes.get(nameOf(root, length));
    assert(found !== undefined, `no bytes of length ${length} with root ${toHex(root)}`);
    return found;
  }

  state(root: Uint8Array): ReferenceTrie {
    const found = this.#tries.get(toHex(root));
    assert(found !== undefined, `no state with root ${toHex(root)}`);
    return found;
  }

  entry(index: number): Uint8Array {
    const { body } = this.#input;
    const entry = body[index]!;
    const writer = new ByteWriter();
    writer
      .u32(entry.length)
      .raw(entry.subarray(0, HEAD))
      .raw(bytesRoot(entry.subarray(HEAD)));
    writer.raw(listPath(body.map(transactionHash), index));
    if (showsWasmLength(entry)) writer.raw(this.leaves(entry.subarray(HEAD), [0]));
    return writer.finish();
  }

  head(index: number): Uint8Array {
    return this.#input.body[index]!.slice(0, HEAD);
  }

  leaves(bytes: Uint8Array, indices: readonly number[]): Uint8Array {
    const depth = leastDepth(Math.ceil(bytes.length / 128));
    return RegionTree.of(depth, bytes).opening(indices, false);
  }

  chunks(root: Uint8Array, length: number, indices: readonly number[]): Uint8Array {
    const value = this.#values.get(nameOf(root, length));
    assert(value !== undefined, `no value of length ${length} with root ${toHex(root)}`);
    const levels = chunkLevels(value);
    const writer = new ByteWriter();
    for (const index of indices) writer.raw(levels[0]![index]!);
    const siblings: Uint8Array[] = [];
    const zeros: Uint8Array[] = [];
    let nodes = [...indices];
    for (let level = 0; level < levels.length - 1; level++) {
      for (const node of nodes.filter((index) => !nodes.includes(index ^ 1))) {
        siblings.push(levels[level]![node ^ 1]!);
        zeros.push(chunkZeros[level]!);
      }
      nodes = [...new Set(nodes.map((node) => node >>> 1))];
    }
    writeGiven(writer, siblings, (i) => zeros[i]!);
    return writer.finish();
  }

  statePath({ path, reads, root }: StatePathRequest): Uint8Array {
    const state = this.state(root);
    const value = state.value(path);
    // What is opened may be read piece by piece later, whatever becomes of it in the meantime.
    if (reads === "storage" && value !== undefined) this.noteValue(value);
    return state.opening(path, reads);
  }

  receiptPath(index: number): Uint8Array {
    return listPath(this.#input.receipts.slice(0, index).map(keccak256), index);
  }

  /** A message with this leaf is appended to the outbox with this root. */
  noteMessage(root: Uint8Array, leaf: Uint8Array): void {
    const leaves = [...this.#outboxOf(root), leaf];
    this.#outboxes.set(toHex(listRoot(OUTBOX_DEPTH, leaves)), leaves);
  }

  outboxPath(root: Uint8Array): Uint8Array {
    const leaves = this.#outboxOf(root);
    return listPath(leaves, leaves.length, OUTBOX_DEPTH);
  }

  #outboxOf(root: Uint8Array): readonly Uint8Array[] {
    const found = this.#outboxes.get(toHex(root));
    assert(found !== undefined, `no outbox with root ${toHex(root)}`);
    return found;
  }

  deployers(): Uint8Array {
    const { deployers } = this.#input;
    const writer = new ByteWriter().u8(deployers.length);
    for (const address of deployers) writer.raw(address);
    return writer.finish();
  }

  /** The bytes for a request, but for those that only the machine itself can answer. */
  serve(request: PieceRequest, at: { readonly index: number }): Uint8Array {
    switch (request.kind) {
      case "entry":
        return this.entry(request.index);
      case "head":
        return this.head(at.index);
      case "deployers":
        return this.deployers();
      case "receipt path":
        return this.receiptPath(request.index);
      case "state path":
        return this.statePath(request);
      case "leaves":
        return this.leaves(this.bytes(request.root, request.length), request.indices);
      case "chunks":
        return this.chunks(request.root, request.length, request.indices);
      default:
        assert(false, `the machine itself knows ${request.kind}`);
        return new Uint8Array(0);
    }
  }
}
