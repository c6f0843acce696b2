// The commitments of one frame: trees over its regions in the machine's memory, its header and the hashes of
// its states. Made when they are asked for: an ordinary run hashes nothing. The frame may run with or
// without them in between; what was written is marked and hashed at the next refresh.
import { keccak256 } from "../codec/keccak.ts";
import { PAGE_BYTES } from "../limits.ts";
import { LEAF_BYTES, type Machine, MachineEnd, type MachineFrame } from "./machine.ts";

/** Regions in the order of the header, with the depth of each. */
export const regionDepths = [16, 19, 12, 4, 7] as const;
export const HEADER_BYTES = 256;
const NODE_BYTES = 32;
const STACK_LEVELS = 12;
const GLOBALS_LEVELS = 4;
const STACK_BYTES = 65_536 * 8;
/** State hashes that one call of the module writes. */
const BATCH = 2_048;

/** What words do not change: parts of the header that belong to the block and to the frames below. */
export interface FrameSurroundings {
  /** [32] */
  readonly hostRecordRoot: Uint8Array;
  /** [32] */
  readonly parentHash: Uint8Array;
}

/** A tree in the module's memory: node 1 is the top, leaf j is node 2^levels + j. */
export interface RegionTree {
  readonly nodes: number;
  readonly levels: number;
  readonly leaves: number;
}

export class FrameTrees {
  readonly machine: Machine;
  readonly frame: MachineFrame;
  /** Code, memory, stack, globals, table. */
  readonly trees: readonly RegionTree[];
  /** May be replaced between uses: the record changes while a frame runs. */
  surroundings: FrameSurroundings;
  readonly #fixedRoots: readonly [code: Uint8Array, table: Uint8Array];
  readonly #stackCopy: number;
  readonly #stackDirt: number;
  readonly #list: number;
  readonly #out: number;
  readonly #pieces: { readonly at: number; readonly bytes: number }[] = [];

  constructor(machine: Machine, frame: MachineFrame, surroundings: FrameSurroundings) {
    this.machine = machine;
    this.frame = frame;
    this.surroundings = surroundings;
    const { program, places } = frame;
    const memoryLeaves = (program.prepared.codeRecord.pagesMax * PAGE_BYTES) / LEAF_BYTES;
    const memoryLevels = levelsFor(memoryLeaves);
    this.#list = this.#take(4 * Math.max(memoryLeaves, program.words.length / LEAF_BYTES, 4_096));
    this.#out = this.#take(NODE_BYTES * BATCH);
    this.#stackCopy = this.#take(STACK_BYTES);
    this.#stackDirt = this.#take(STACK_BYTES / LEAF_BYTES + 8);
    const code = this.#fixedTree(program.words);
    const table = this.#fixedTree(program.initial.table);
    this.#fixedRoots = [this.#root(code, regionDepths[0]), this.#root(table, regionDepths[4])];
    this.trees = [
      code,
      { nodes: this.#clear(memoryLevels), levels: memoryLevels, leaves: places.memory },
      { nodes: this.#clear(STACK_LEVELS), levels: STACK_LEVELS, leaves: places.stack },
      { nodes: this.#clear(GLOBALS_LEVELS), levels: GLOBALS_LEVELS, leaves: places.globals },
      table,
    ];
  }

  /** Brings everything up to date and gives the 256 bytes of the header. */
  header(): Uint8Array {
    this.#selected(() => this.machine.module.refreshRoots());
    this.#selected(() => this.machine.module.stateHash(this.#out));
    return this.machine.bytes(this.machine.module.headerAddress(), HEADER_BYTES).slice();
  }

  stateHash(): Uint8Array {
    return keccak256(this.header());
  }

  /**
   * Takes up to `count` steps; the state hashes after them, 32 bytes each. Fewer than `count` where the
   * frame ends or calls its host.
   */
  commitSteps(count: number): Uint8Array {
    const hashes = new Uint8Array(NODE_BYTES * count);
    let done = 0;
    this.header();
    while (done < count) {
      let taken = 0;
      const batch = Math.min(BATCH, count - done);
      this.#selected(() => {
        taken = this.machine.module.commitSteps(batch, this.#out);
      });
      hashes.set(this.machine.bytes(this.#out, NODE_BYTES * taken), NODE_BYTES * done);
      done += taken;
      if (this.frame.end !== MachineEnd.limit) break;
    }
    return hashes.subarray(0, NODE_BYTES * done);
  }

  /** Gives the trees' memory back; the frame goes on without. */
  release(): void {
    for (const { at, bytes } of this.#pieces.splice(0)) {
      this.machine.bytes(at, bytes).fill(0);
      this.machine.arena.give(at, bytes);
    }
  }

  #take(bytes: number): number {
    const at = this.machine.arena.take(bytes);
    this.#pieces.push({ at, bytes });
    return at;
  }

  #clear(levels: number): number {
    const nodes = this.#take((2 * NODE_BYTES) << levels);
    this.machine.module.clearTree(nodes, levels);
    return nodes;
  }

  /** The tree of bytes that never change. */
  #fixedTree(content: Uint8Array): RegionTree {
    const leafCount = Math.ceil(content.length / LEAF_BYTES);
    const levels = levelsFor(leafCount);
    const nodes = this.#clear(levels);
    const leaves = this.#take(LEAF_BYTES << levels);
    this.machine.bytes(leaves, content.length).set(content);
    const dirt = this.#take((1 << levels) + 8);
    this.machine.bytes(dirt, leafCount).fill(1);
    this.machine.module.refreshTree(nodes, levels, leaves, dirt, leafCount, this.#list);
    return { nodes, levels, leaves };
  }

  #root({ nodes, levels }: RegionTree, depth: number): Uint8Array {
    this.machine.module.regionRoot(nodes, levels, depth, this.#out);
    return this.machine.bytes(this.#out, NODE_BYTES).slice();
  }

  #selected(run: () => void): void {
    const { machine, frame } = this;
    const [, memory, stack, globals] = this.trees as [
      RegionTree,
      RegionTree,
      RegionTree,
      RegionTree,
    ];
    machine.within(frame, () => {
      machine.module.selectTrees(
        memory.nodes,
        memory.levels,
        stack.nodes,
        this.#stackCopy,
        this.#stackDirt,
        globals.nodes,
        this.#list,
        frame.start.depth,
      );
      const header = machine.bytes(machine.module.headerAddress(), HEADER_BYTES);
      header.set(this.#fixedRoots[0], 0);
      header.set(this.#fixedRoots[1], 128);
      header.set(this.surroundings.hostRecordRoot, 160);
      header.set(this.surroundings.parentHash, 192);
      run();
    });
  }
}

function levelsFor(leafCount: number): number {
  return leafCount <= 1 ? 0 : 32 - Math.clz32(leafCount - 1);
}
