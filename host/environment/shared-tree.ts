// The tree of one state image in two threads. The image packs a batch of changes into shared memory and offers it;
// the second thread takes it, changes the trie where it stands, and says that it is done. Whoever needs the trie
// before the second thread began takes the batch back and does it itself: by the same code, so to the same root.
// Both ends are here.
//
// The control words: 4 × number of the batch + its stage | node end | first free node. A batch is taken by one
// compare-and-exchange of the first, in which an old message never fits.

import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { EngineError } from "../errors.ts";
import type { StateHasher } from "../state/state-hasher.ts";
import { type TreeChanges, unpackTreeChanges } from "../state/tree-changes.ts";
import type { TreeThread } from "../state/tree-thread.ts";
import { Trie } from "../state/trie.ts";
import type { TrieArena, TrieArrays } from "../state/trie-arena.ts";
import { type SecondThread, secondThread } from "./second-thread.ts";

const STAGE = 0;
const NODE_END = 1;
const FREE_NODE = 2;
const CONTROL_WORDS = 3;

const OFFERED = 0;
const TAKEN = 1;
const DONE = 2;

/** Leaves below which a message takes longer than it saves. */
const LEAVES_MIN = 64;
/** Leaves above which changes are not copied: a genesis, which nothing is executed beside. */
const LEAVES_MAX = 65_536;
/** Room to begin with for a packed batch. */
const PACKED_BYTES = 262_144;
/** A batch takes the second thread at most about a second; so many of them are waited for. */
const PATIENCE_SLICES = 60;
const SLICE_MS = 1_000;

/** A batch that is offered. */
export interface TreeOffer {
  readonly number: number;
  /** Where batches are from now on, if that is new. */
  readonly packed: Uint8Array | undefined;
  /** Those that were replaced since the last message. */
  readonly arrays: Partial<TrieArrays>;
}

/** What the second thread made of a batch. */
interface Answer {
  /** Those that it replaced. */
  readonly arrays: Partial<TrieArrays>;
  readonly failure: string | undefined;
}

/** Those of an arena that are others than these. */
function replaced(arena: TrieArena, known: Partial<TrieArrays>): Partial<TrieArrays> {
  const { paths, refs, hashes } = arena;
  return {
    ...(paths === known.paths ? {} : { paths }),
    ...(refs === known.refs ? {} : { refs }),
    ...(hashes === known.hashes ? {} : { hashes }),
  };
}

let lastTree = 0;

/** The image's end. One for each image. */
export class SharedTree implements TreeThread {
  readonly #tree = ++lastTree;
  readonly #hasher: StateHasher;
  readonly #second: SecondThread;
  readonly #sliceMillis: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CONTROL_WORDS));
  #port: MessagePort | undefined;
  #isClosed = false;
  #packed: Uint8Array = new Uint8Array(0);
  #number = 0;
  /** What the second thread knows. */
  #known: Partial<TrieArrays> = {};
  /** Whose changes were offered last, until `finish`. */
  #offered: Trie | undefined;
  #failure: EngineError | undefined;

  /** Another thread, and another slice of patience in milliseconds, are for tests. */
  constructor(hasher: StateHasher, second: SecondThread = secondThread, sliceMillis = SLICE_MS) {
    this.#hasher = hasher;
    this.#second = second;
    this.#sliceMillis = sliceMillis;
  }

  begin(trie: Trie, changes: TreeChanges): void {
    const leaves = changes.set.length + changes.removed.length;
    if (leaves < LEAVES_MIN || leaves > LEAVES_MAX || !this.#connect()) {
      changes.applyTo(trie, this.#hasher);
      return;
    }
    const { arena } = trie;
    const packed = this.#pack(changes);
    const arrays = replaced(arena, this.#known);
    this.#known = { ...this.#known, ...arrays };
    this.#number = (this.#number + 1) & 0x1fff_ffff;
    this.#control[NODE_END] = arena.nodeEnd;
    this.#control[FREE_NODE] = arena.freeNode;
    Atomics.store(this.#control, STAGE, this.#stage(OFFERED));
    this.#offered = trie;
    const offer = { number: this.#number, packed, arrays };
    this.#second.ask({ kind: "changeTree", tree: this.#tree, offer });
  }

  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const trie = this.#offered;
    if (trie === undefined) return;
    this.#offered = undefined;
    const stage = this.#stage(OFFERED);
    if (Atomics.compareExchange(this.#control, STAGE, stage, this.#stage(DONE)) === stage) {
      unpackTreeChanges(this.#packed).applyTo(trie, this.#hasher);
      return;
    }
    const port = this.#port as MessagePort;
    const answer = this.#isAnswered() ? (receiveMessageOnPort(port)?.message as Answer) : undefined;
    if (answer === undefined || answer.failure !== undefined) {
      const reason = answer?.failure ?? "it did not answer";
      this.#failure = new EngineError({
        code: "STATE_THREAD",
        message: `the thread that hashes the state failed: ${reason}`,
      });
      throw this.#failure;
    }
    const { arena } = trie;
    arena.adopt(answer.arrays);
    this.#known = { ...this.#known, ...answer.arrays };
    arena.nodeEnd = this.#control[NODE_END]!;
    arena.freeNode = this.#control[FREE_NODE]!;
  }

  close(): void {
    this.#isClosed = true;
    if (this.#port === undefined) return;
    this.#port.close();
    this.#second.ask({ kind: "closeTree", tree: this.#tree });
  }

  #connect(): boolean {
    if (this.#isClosed || !this.#second.isThere) return false;
    if (this.#port !== undefined) return true;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const request = { tree: this.#tree, port: port2, control: this.#control };
    this.#second.ask({ kind: "openTree", ...request }, [port2]);
    return true;
  }

  #stage(stage: number): number {
    return 4 * this.#number + stage;
  }

  /** Waits in slices: of a process that was stopped for an hour only one of them is over. */
  #isAnswered(): boolean {
    const taken = this.#stage(TAKEN);
    for (let slice = 0; slice < PATIENCE_SLICES; slice++) {
      Atomics.wait(this.#control, STAGE, taken, this.#sliceMillis);
      if (Atomics.load(this.#control, STAGE) !== taken) return true;
    }
    return false;
  }

  /** The memory that the changes were packed into, if it is new. */
  #pack(changes: TreeChanges): Uint8Array | undefined {
    const bytes = changes.packedBytes();
    const isNew = bytes > this.#packed.length;
    if (isNew) {
      const room = Math.max(PACKED_BYTES, 2 * bytes);
      this.#packed = new Uint8Array(new SharedArrayBuffer(room));
    }
    changes.packInto(this.#packed);
    return isNew ? this.#packed : undefined;
  }
}

/** The other end. */
export class ServedTree {
  readonly #port: MessagePort;
  readonly #control: Int32Array;
  readonly #hasher: StateHasher;
  readonly #trie: Trie;
  #packed: Uint8Array = new Uint8Array(0);

  constructor(port: MessagePort, control: Int32Array, hasher: StateHasher) {
    this.#port = port;
    this.#control = control;
    this.#hasher = hasher;
    this.#trie = new Trie(hasher, true);
  }

  /** Does what is offered, unless the other thread has done it meanwhile. */
  change({ number, packed, arrays }: TreeOffer): void {
    const control = this.#control;
    const { arena } = this.#trie;
    this.#packed = packed ?? this.#packed;
    arena.adopt(arrays);
    const offered = 4 * number + OFFERED;
    const taken = 4 * number + TAKEN;
    if (Atomics.compareExchange(control, STAGE, offered, taken) !== offered) return;
    arena.nodeEnd = control[NODE_END]!;
    arena.freeNode = control[FREE_NODE]!;
    const { paths, refs, hashes } = arena;
    const failure = this.#apply();
    control[NODE_END] = arena.nodeEnd;
    control[FREE_NODE] = arena.freeNode;
    const answer: Answer = { arrays: replaced(arena, { paths, refs, hashes }), failure };
    this.#port.postMessage(answer);
    Atomics.store(control, STAGE, 4 * number + DONE);
    Atomics.notify(control, STAGE);
  }

  /** Why it failed, if it did. */
  #apply(): string | undefined {
    try {
      unpackTreeChanges(this.#packed).applyTo(this.#trie, this.#hasher);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }
}
