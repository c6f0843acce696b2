// The reference machine of the tests: the judge's own step over a state that is all there. Each step can be
// recorded as the canonical proof that a judge must accept; the state after it is kept by other means (trees
// over the crypto module's keccak, an immutable trie over node's SHA-256), so that a wrong root shows.
import { equalBytes, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import type { PieceRequest, StateWrite, StepAccess } from "../../host/dispute/judge-access.ts";
import {
  copyHeader,
  encodeHeader,
  type Header,
  REGION_DEPTHS,
  Region,
  Status,
} from "../../host/dispute/judge-header.ts";
import { ProofReader } from "../../host/dispute/judge-reader.ts";
import { STUCK } from "../../host/dispute/judge-rejection.ts";
import type { RunState } from "../../host/dispute/judge-run.ts";
import { executeStep, stuckHeader } from "../../host/dispute/judge-step.ts";
import { assert } from "../../host/errors.ts";
import { CODE_RECORD_BYTES } from "../../host/program/code-record.ts";
import type { Prepared } from "../../host/program/prepare.ts";
import { initialState } from "../oracle/initial-state.ts";
import type { KnownPieces } from "./judge-pieces.ts";
import { commitment } from "./reference-trie.ts";
import { RegionTree } from "./region-tree.ts";

const HOST = 0x211;
const CALL_INDIRECT = 0x11;
const UNTOUCHED_LEAF = 15;

/** The five regions in which a frame of a program starts. */
export type FrameTrees = readonly [RegionTree, RegionTree, RegionTree, RegionTree, RegionTree];

/** Words as the machine wants them: call_indirect says the table's size (docs/machine.md section 9). */
function machineWords({ words, layout }: Prepared): Uint8Array {
  const copy = words.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at < copy.length; at += 16) {
    if (view.getUint16(at, true) === CALL_INDIRECT) view.setUint32(at + 8, layout.tableSize, true);
  }
  return copy;
}

/** Regions of a fresh frame of these words. */
function treesOf(prepared: Prepared, words: Uint8Array): FrameTrees {
  const { memory, globals, table } = initialState(prepared);
  const slots = new DataView(new ArrayBuffer(8 * globals.length));
  globals.forEach((value, i) => {
    slots.setBigUint64(8 * i, value, true);
  });
  const entries = new DataView(new ArrayBuffer(8 * table.length));
  table.forEach((entry, i) => {
    entries.setUint32(8 * i, entry?.funcidx ?? 0xffff_ffff, true);
    entries.setUint32(8 * i + 4, entry?.type ?? 0xffff_ffff, true);
  });
  return [
    RegionTree.of(REGION_DEPTHS[Region.code], words),
    RegionTree.of(REGION_DEPTHS[Region.memory], memory),
    new RegionTree(REGION_DEPTHS[Region.stack]),
    RegionTree.of(REGION_DEPTHS[Region.globals], new Uint8Array(slots.buffer)),
    RegionTree.of(REGION_DEPTHS[Region.table], new Uint8Array(entries.buffer)),
  ];
}

/** Regions of a fresh frame, with the table's size in the words that ask for it. */
export function frameTrees(prepared: Prepared): FrameTrees {
  return treesOf(prepared, machineWords(prepared));
}

interface Suspended {
  readonly header: Header;
  readonly trees: RegionTree[];
}

/** What one step touched and asked for. */
class Recording implements StepAccess {
  header: Header;
  readonly leaves = new Map<Region, Map<number, Uint8Array>>();
  readonly asked: Uint8Array[] = [];
  written:
    | {
        readonly root: Uint8Array;
        readonly path: Uint8Array;
        readonly write: StateWrite | undefined;
      }
    | undefined;
  readonly #trees: readonly RegionTree[];
  readonly #serve: (request: PieceRequest) => Uint8Array;

  constructor(
    header: Header,
    trees: readonly RegionTree[],
    serve: (request: PieceRequest) => Uint8Array,
  ) {
    this.header = copyHeader(header);
    this.#trees = trees;
    this.#serve = serve;
  }

  leaf(region: Region, index: number): Uint8Array {
    let leaves = this.leaves.get(region);
    if (leaves === undefined) this.leaves.set(region, (leaves = new Map()));
    let leaf = leaves.get(index);
    if (leaf === undefined) leaves.set(index, (leaf = this.#trees[region]!.leaf(index)));
    return leaf;
  }

  pieces(request: PieceRequest): ProofReader {
    const bytes = this.#serve(request);
    this.asked.push(bytes);
    return new ProofReader(bytes);
  }

  stateWritten(root: Uint8Array, path: Uint8Array, write: StateWrite | undefined): void {
    this.written = { root, path, write };
  }
}

/** The canonical proof of a recorded step. */
function proofOf(
  header: Uint8Array,
  trees: readonly RegionTree[],
  { leaves, asked }: Recording,
): Uint8Array {
  const writer = new ByteWriter().raw(header);
  const regions = [...leaves.keys()].sort((a, b) => a - b);
  writer.u8(regions.reduce<number>((mask, region) => mask | (1 << region), 0));
  for (const region of regions) {
    const indices = [...leaves.get(region)!.keys()].sort((a, b) => a - b);
    writer.raw(trees[region]!.opening(indices, true));
  }
  for (const bytes of asked) writer.raw(bytes);
  return writer.finish();
}

const noTrees = (): RegionTree[] =>
  REGION_DEPTHS.slice(0, Region.record).map((depth) => new RegionTree(depth));

export class JudgeMachine {
  header: Header;
  /** By region. */
  trees: RegionTree[];
  steps = 0;
  /** Whether each proof is also made with a leaf that its step does not touch. */
  widens = false;
  widened: Uint8Array | undefined;
  readonly known: KnownPieces;
  readonly #suspended: Suspended[] = [];
  /** Regions of fresh frames by code root. */
  readonly #programs = new Map<string, FrameTrees>();
  /** By commitment: values that a `storage_set` has gathered, code records that were read, prepare rules. */
  readonly #gathered = new Map<string, Uint8Array>();

  constructor(start: RunState, known: KnownPieces) {
    this.header = copyHeader(start.header);
    this.known = known;
    const record = new RegionTree(REGION_DEPTHS[Region.record]);
    start.record.forEach((leaf, i) => {
      record.set(i, leaf.slice());
    });
    this.trees = [...noTrees(), record];
  }

  /** A program that code records in state may name, with its words as prepare wrote them. */
  addProgram(prepared: Prepared): void {
    const trees = treesOf(prepared, prepared.words);
    this.#programs.set(toHex(trees[Region.code].root()), trees);
  }

  /** The prepare rules of the order, which deployments write. */
  addPrepareRules(blob: Uint8Array): void {
    this.#gathered.set(toHex(commitment(blob)), blob);
  }

  /** Starts a frame at once, without the phases around it. */
  beginFrame(trees: FrameTrees, registers: Partial<Header>, slots: readonly bigint[]): void {
    const record = this.trees[Region.record]!;
    this.trees = [...trees.map((tree) => tree.copy()), record];
    const stack = new DataView(new ArrayBuffer(8 * slots.length));
    slots.forEach((slot, i) => {
      stack.setBigUint64(8 * i, slot, true);
    });
    this.trees[Region.stack] = RegionTree.of(12, new Uint8Array(stack.buffer));
    Object.assign(this.header, registers);
    this.trees.forEach((tree, region) => {
      this.header.roots[region] = tree.root();
    });
  }

  get isRunning(): boolean {
    return this.header.status === Status.phase || this.header.status === Status.run;
  }

  get run(): RunState {
    const record = this.trees[Region.record]!;
    return { header: this.header, record: Array.from({ length: 16 }, (_, i) => record.leaf(i)) };
  }

  /** The word at pc: opcode and host call number; undefined outside of frames. */
  get word(): { readonly op: number; readonly a: number } | undefined {
    if (this.header.status !== Status.run) return undefined;
    const { pc } = this.header;
    const leaf = this.trees[Region.code]!.peek(pc >> 3);
    const at = 16 * (pc & 7);
    return { op: leaf[at]! | (leaf[at + 1]! << 8), a: leaf[at + 2]! | (leaf[at + 3]! << 8) };
  }

  get #hasFrame(): boolean {
    return !isNone(this.header.roots[Region.stack]!);
  }

  /** Brings the region roots of the header up to date after steps that were not recorded. */
  hashRegions(): void {
    const { roots } = this.header;
    for (const region of roots.keys()) {
      if (region === Region.record || this.#hasFrame) roots[region] = this.trees[region]!.root();
    }
  }

  /** Takes one step and gives its proof. The header's roots must be up to date, and are so afterwards. */
  prove(): Uint8Array {
    const before = encodeHeader(this.header);
    const { recording, isStuck } = this.#execute();
    const proof = proofOf(before, this.trees, recording);
    if (this.widens) {
      // Leaf 15 of the host record is zero, and no step touches it.
      recording.leaf(Region.record, UNTOUCHED_LEAF);
      this.widened = proofOf(before, this.trees, recording);
      recording.leaves.get(Region.record)!.delete(UNTOUCHED_LEAF);
    }
    this.#commit(recording, isStuck);
    if (!isStuck) this.#checkRoots(recording);
    return proof;
  }

  /** Takes one step without a proof; region roots of the header fall behind. */
  skip(): void {
    if (this.word === undefined || this.word.op === HOST) this.hashRegions();
    const { recording, isStuck } = this.#execute();
    this.#commit(recording, isStuck);
  }

  /** What the step wrote goes into the roots; those that it left or replaced must be the trees'. */
  #checkRoots({ leaves }: Recording): void {
    const { roots } = this.header;
    for (const region of roots.keys()) {
      if (region !== Region.record && !this.#hasFrame) continue;
      const root = this.trees[region]!.root();
      if (leaves.has(region as Region)) roots[region] = root;
      assert(equalBytes(roots[region]!, root), `step ${this.steps}: another root of ${region}`);
    }
    this.known.state(this.#stateRoot);
  }

  get #stateRoot(): Uint8Array {
    return this.trees[Region.record]!.leaf(0).slice(0, 32);
  }

  #execute(): { readonly recording: Recording; readonly isStuck: boolean } {
    this.#noteGathered();
    const recording = new Recording(this.header, this.trees, (request) => this.#serve(request));
    try {
      executeStep(recording);
      return { recording, isStuck: false };
    } catch (thrown) {
      if (thrown !== STUCK) throw thrown;
      return { recording, isStuck: true };
    }
  }

  #serve(request: PieceRequest): Uint8Array {
    if (request.kind === "suspended") return this.#serveSuspended(request.recordLeaves);
    const record = this.trees[Region.record]!;
    if (request.kind === "outbox path") return this.#serveOutbox();
    if (request.kind === "output") {
      const data = record.leaf(2);
      return this.known.bytes(data.slice(0, 32), new DataView(data.buffer).getUint32(32));
    }
    const pieces = this.known.serve(request, {
      index: new DataView(record.leaf(9).buffer).getUint32(100),
    });
    if (request.kind === "state path" && request.reads === "code" && pieces[0] === 1) {
      // `upgrade` writes the record that it has read.
      const code = pieces.slice(1, 1 + CODE_RECORD_BYTES);
      this.#gathered.set(toHex(commitment(code)), code);
    }
    return pieces;
  }

  /** The path behind the outbox; learns the message that the step appends, by the format of its leaf. */
  #serveOutbox(): Uint8Array {
    const record = this.trees[Region.record]!;
    const [world, frame, work, block] = [0, 1, 3, 9].map((leaf) => record.leaf(leaf));
    const root = world!.slice(64, 96);
    const leaf = keccak256(
      new ByteWriter()
        .u8(1)
        .raw(block!.slice(0, 32))
        .raw(work!.slice(0, 32))
        .raw(frame!.slice(0, 20))
        .raw(work!.slice(32, 104))
        .finish(),
    );
    const path = this.known.outboxPath(root);
    this.known.noteMessage(root, leaf);
    return path;
  }

  #serveSuspended(recordLeaves: readonly number[]): Uint8Array {
    const { header, trees } = this.#suspended.at(-1)!;
    return new ByteWriter()
      .raw(encodeHeader(header))
      .raw(trees[Region.record]!.opening(recordLeaves, false))
      .raw(trees[Region.stack]!.opening([Math.floor(header.sp / 16)], false))
      .finish();
  }

  /** Learns the bytes that a host call is about to gather: their root will stand for them. */
  #noteGathered(): void {
    const { word, header } = this;
    if (word?.op !== HOST || header.resume !== 0 || header.phase !== 0) return;
    const at = { 2: 0, 3: 0, 7: 1, 10: 2, 11: 1 }[word.a];
    if (at === undefined) return;
    const args = this.trees[Region.stack]!.bytes(8 * (header.fp + at), 16);
    const view = new DataView(args.buffer);
    const ptr = view.getUint32(0, true);
    const length = view.getUint32(8, true);
    if (length > 65_536 || ptr + length > header.pages * 65_536) return;
    const bytes = this.trees[Region.memory]!.bytes(ptr, length);
    if (word.a === 7) {
      this.known.noteValue(bytes);
      this.#gathered.set(toHex(commitment(bytes)), bytes);
    } else {
      this.known.noteBytes(bytes);
    }
  }

  #commit(recording: Recording, isStuck: boolean): void {
    this.steps += 1;
    if (isStuck) {
      this.header = stuckHeader(this.header);
      return;
    }
    const before = this.header;
    const after = recording.header;
    this.header = after;
    if (!equalBytes(before.parent, after.parent)) {
      if (before.status === Status.phase) {
        this.#return(before, after);
        return;
      }
      this.#suspend(before, after);
    }
    for (const [region, leaves] of recording.leaves) {
      for (const [index, leaf] of leaves) this.trees[region]!.set(index, leaf);
    }
    if (before.status === Status.phase && after.status === Status.run) this.#begin(after);
    if (recording.written !== undefined) this.#write(recording.written);
  }

  #suspend(before: Header, after: Header): void {
    const forwarded = after.gas;
    const header = { ...copyHeader(before), phase: 2, resume: 0, gas: before.gas - forwarded };
    this.#suspended.push({ header, trees: this.trees });
    this.trees = [...noTrees(), this.trees[Region.record]!.copy()];
  }

  #return(before: Header, after: Header): void {
    const { header, trees } = this.#suspended.pop()!;
    const callee = this.trees[Region.record]!;
    const record = trees[Region.record]!;
    const end = before.resume;
    if (end === 0) record.set(0, callee.leaf(0));
    record.set(13, callee.leaf(13));
    const data = record.leaf(2);
    if (end <= 1) data.set(callee.leaf(2).subarray(0, 36), 36);
    else data.set(new ByteWriter().raw(new RegionTree(0).root()).u32(0).finish(), 36);
    record.set(2, data);
    const at = Math.floor(header.sp / 16);
    const leaf = trees[Region.stack]!.leaf(at);
    const status = end >= 0x100 ? 2 : end;
    new DataView(leaf.buffer).setBigUint64(8 * (header.sp % 16), BigInt(status), true);
    trees[Region.stack]!.set(at, leaf);
    this.trees = trees;
    this.header = after;
  }

  #begin(after: Header): void {
    const trees = this.#programs.get(toHex(after.roots[Region.code]!));
    assert(trees !== undefined, "the program of a code record is known");
    this.trees = [...trees.map((tree) => tree.copy()), this.trees[Region.record]!];
  }

  #write({ root, path, write }: NonNullable<Recording["written"]>): void {
    const value =
      write === undefined
        ? undefined
        : (write.value ?? this.#gathered.get(toHex(write.commitment)));
    assert(write === undefined || value !== undefined, "a written value was gathered before");
    if (value !== undefined) this.known.noteValue(value);
    this.known.noteState(this.known.state(root).with(path, value));
  }
}

const isNone = (root: Uint8Array): boolean => root.every((byte) => byte === 0);
