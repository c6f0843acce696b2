// Paths of the state trie in the proof machine: openings made from the plain definition of state roots, judged
// by the machine, and its roots after writes and deletions against the host's trie. Paths are chosen, not
// hashed, so that leaves share up to 250 bits and deletions collapse through many levels.
import { beforeAll, describe, expect, it } from "vitest";
import { StateChanges } from "../../../host/state/state-changes.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { ACCOUNT_KEY, StateClass, statePath, systemKey } from "../../../host/state/state-key.ts";
import { Trie } from "../../../host/state/trie.ts";
import { assemblyProbe, FREE_MEMORY, type Probe } from "../../support/assembly-probe.ts";
import { Random } from "../../support/random.ts";
import { type NaiveLeaf, naiveCommitment, naiveRoot, sha256 } from "../state/reference.ts";

const SOURCE = `
import { bytesLeft, refused } from "./assembly/machine/proof-reader";
import { held, terminal } from "./assembly/machine/state-path";
import { PATH } from "./assembly/machine/state-keys";
export { startProof } from "./assembly/machine/proof-reader";
export { deleteState, openState, setState } from "./assembly/machine/state-path";
export { accountPath, codePath, lockPath, makePath } from "./assembly/machine/state-keys";
export function refusal(): u32 { return refused; }
export function left(): u32 { return bytesLeft(); }
export function end(): u32 { return terminal; }
export function heldAt(): usize { return held; }
export function pathAt(): usize { return PATH; }`;

const TRUNCATED = 1;
const SIBLING = 7;
const STATE_PATH = 11;
const Reads = { commitment: 0, storage: 1, account: 2, code: 3 } as const;
const ZERO = new Uint8Array(32);

const random = new Random(0x57a7e);
const randomBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bitOf = (path: Uint8Array, bit: number): number => (path[bit >> 3]! >> (7 - (bit & 7))) & 1;

function sharedBits(a: Uint8Array, b: Uint8Array): number {
  let bit = 0;
  while (bit < 256 && bitOf(a, bit) === bitOf(b, bit)) bit++;
  return bit;
}

/** A path that has exactly the first `bits` < 256 bits of another. */
function pathBeside(path: Uint8Array, bits: number): Uint8Array {
  const beside = randomBytes(32);
  for (let bit = 0; bit <= bits; bit++) {
    const wanted = bit === bits ? 1 - bitOf(path, bit) : bitOf(path, bit);
    if (bitOf(beside, bit) !== wanted) beside[bit >> 3]! ^= 0x80 >> (bit & 7);
  }
  return beside;
}

interface Opening {
  readonly terminal: number;
  readonly content: Uint8Array;
  /** Deepest first; 32 zero bytes for an empty one. */
  readonly siblings: readonly Uint8Array[];
}

/** The opening of a path; a terminal 1 shows the commitment unless `shown` is given. */
function openingOf(leaves: readonly NaiveLeaf[], path: Uint8Array, shown?: Uint8Array): Opening {
  const siblings: Uint8Array[] = [];
  let below = leaves;
  for (let depth = 0; below.length > 1; depth++) {
    const beside = below.filter((leaf) => bitOf(leaf.path, depth) !== bitOf(path, depth));
    below = below.filter((leaf) => bitOf(leaf.path, depth) === bitOf(path, depth));
    siblings.unshift(naiveRoot(beside, depth + 1));
  }
  const leaf = below[0];
  if (leaf === undefined) return { terminal: 0, content: new Uint8Array(0), siblings };
  if (sharedBits(leaf.path, path) === 256) {
    return { terminal: 1, content: shown ?? leaf.commitment, siblings };
  }
  return { terminal: 2, content: Uint8Array.from([...leaf.path, ...leaf.commitment]), siblings };
}

function encode({ terminal, content, siblings }: Opening): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(siblings.length / 8));
  const given = siblings.filter((sibling, i) => {
    if (hex(sibling) === hex(ZERO)) return false;
    bitmap[i >> 3]! |= 0x80 >> (i & 7);
    return true;
  });
  const parts = [[terminal], content, [siblings.length], bitmap, ...given];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const ROOT = FREE_MEMORY;
const PATH = FREE_MEMORY + 32;
const COMMITMENT = FREE_MEMORY + 64;
const PROOF = FREE_MEMORY + 128;

let probe: Probe;
beforeAll(async () => {
  probe = await assemblyProbe(SOURCE);
});

/** Judges an opening; the refusal, 0 if there is none. */
function open(
  path: Uint8Array,
  root: Uint8Array,
  proof: Uint8Array,
  reads: number = Reads.commitment,
): number {
  probe.memory.set(root, ROOT);
  probe.memory.set(path, PATH);
  probe.memory.set(proof, PROOF);
  probe.call("startProof", PROOF, proof.length);
  probe.call("openState", PATH, ROOT, reads);
  return probe.call("refusal");
}

const rootNow = (): string => hex(probe.memory.subarray(ROOT, ROOT + 32));

function rootAfterSet(commitment: Uint8Array): string {
  probe.memory.set(commitment, COMMITMENT);
  probe.call("setState", COMMITMENT, ROOT);
  return rootNow();
}

function rootAfterDelete(): string {
  probe.call("deleteState", ROOT);
  return rootNow();
}

/** The host's trie over chosen paths. */
class HostTrie {
  readonly leaves: NaiveLeaf[] = [];
  readonly #trie = new Trie(pureStateHasher);
  readonly #numbers = new Map<string, number>();
  #last = 0;

  root(): string {
    this.#trie.rehash();
    return hex(this.#trie.root());
  }

  set(path: Uint8Array, commitment: Uint8Array): void {
    const key = hex(path);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = ++this.#last;
      this.#numbers.set(key, number);
      this.#trie.setPath(number, path);
      this.leaves.push({ path, commitment });
    } else {
      const at = this.leaves.findIndex((leaf) => hex(leaf.path) === key);
      this.leaves[at] = { path, commitment };
    }
    const hash = sha256(path, commitment);
    hash[0]! |= 0x80;
    this.#trie.put(number, hash, 0);
  }

  delete(path: Uint8Array): void {
    const key = hex(path);
    if (!this.#numbers.delete(key)) return;
    this.#trie.remove(path);
    this.leaves.splice(
      this.leaves.findIndex((leaf) => hex(leaf.path) === key),
      1,
    );
  }
}

/** A path that is present, or that shares many or few bits with one that is. */
function somePath(leaves: readonly NaiveLeaf[]): Uint8Array {
  if (leaves.length === 0 || random.oneIn(4)) return randomBytes(32);
  const { path } = random.pick(leaves);
  return random.oneIn(2) ? path : pathBeside(path, random.below(251));
}

describe("state paths in the machine", () => {
  it("gives the host's roots for random reads, writes and deletions", () => {
    const seen = { split: 0, insert: 0, replace: 0, collapse: 0, absent: 0 };
    for (let run = 0; run < 5; run++) {
      const host = new HostTrie();
      for (let i = 0; i < 120; i++) {
        // Grows first, then shrinks to nothing.
        const path = somePath(host.leaves);
        const before = host.root();
        const opening = openingOf(host.leaves, path);
        expect(open(path, Uint8Array.from(Buffer.from(before, "hex")), encode(opening))).toBe(0);
        expect([probe.call("left"), probe.call("end")]).toEqual([0, opening.terminal]);
        expect(rootNow()).toBe(before);
        if (random.below(120) >= i) {
          const commitment = randomBytes(32);
          host.set(path, commitment);
          expect(rootAfterSet(commitment)).toBe(host.root());
          seen[(["insert", "replace", "split"] as const)[opening.terminal]!]++;
        } else {
          host.delete(path);
          expect(rootAfterDelete()).toBe(host.root());
          const [deepest, next] = opening.siblings;
          if (opening.terminal !== 1) seen.absent++;
          else if (deepest && deepest[0]! >= 0x80 && next && hex(next) === hex(ZERO))
            seen.collapse++;
        }
      }
      expect(host.root()).toBe(hex(naiveRoot(host.leaves)));
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  it("takes a leaf up through 250 empty levels, to where a branch or nothing stands", () => {
    const path = randomBytes(32);
    const deep = pathBeside(path, 250);
    const shallow = pathBeside(path, 3);
    const commitment = randomBytes(32);
    for (const others of [[deep], [deep, shallow], [deep, shallow, pathBeside(shallow, 9)]]) {
      const host = new HostTrie();
      for (const each of [path, ...others]) host.set(each, commitment);
      const opening = openingOf(host.leaves, path);
      expect(opening.siblings.length).toBe(251);
      expect(open(path, Buffer.from(host.root(), "hex"), encode(opening))).toBe(0);
      host.delete(path);
      expect(rootAfterDelete()).toBe(host.root());
      // And back: what is there now is another leaf, at less depth.
      const again = openingOf(host.leaves, path);
      expect([again.terminal, again.siblings.length]).toEqual([2, others.length > 1 ? 4 : 0]);
      expect(open(path, Buffer.from(host.root(), "hex"), encode(again))).toBe(0);
      host.set(path, commitment);
      expect(rootAfterSet(commitment)).toBe(host.root());
    }
  });

  it("keeps a branch where it is when the leaf beside it goes", () => {
    const path = randomBytes(32);
    const beside = pathBeside(path, 5);
    const host = new HostTrie();
    for (const each of [path, beside, pathBeside(beside, 40)]) host.set(each, randomBytes(32));
    expect(open(path, Buffer.from(host.root(), "hex"), encode(openingOf(host.leaves, path)))).toBe(
      0,
    );
    host.delete(path);
    expect(rootAfterDelete()).toBe(host.root());
  });

  it("starts from the empty state and comes back to it", () => {
    const path = randomBytes(32);
    expect(open(path, ZERO, Uint8Array.of(0, 0))).toBe(0);
    expect(rootAfterDelete()).toBe(hex(ZERO));
    const commitment = randomBytes(32);
    const root = rootAfterSet(commitment);
    const leaf = { path, commitment };
    expect(root).toBe(hex(naiveRoot([leaf])));
    expect(open(path, naiveRoot([leaf]), encode(openingOf([leaf], path)))).toBe(0);
    expect(rootAfterDelete()).toBe(hex(ZERO));
  });
});

describe("what a state path shows", () => {
  const address = randomBytes(20);
  const slot = randomBytes(32);
  const [account, record] = [randomBytes(64), randomBytes(235)];

  /** A state of some values around one. */
  function stateWith(
    cls: StateClass,
    key: Uint8Array,
    value: Uint8Array,
  ): { path: Uint8Array; root: Uint8Array; leaves: NaiveLeaf[] } {
    const image = new StateImage({ hasher: pureStateHasher });
    const changes = new StateChanges();
    const leaves: NaiveLeaf[] = [];
    const add = (
      ofClass: StateClass,
      ofAddress: Uint8Array,
      ofKey: Uint8Array,
      bytes: Uint8Array,
    ) => {
      changes.add(ofClass, ofAddress, ofKey, bytes);
      const path = statePath(pureStateHasher, ofClass, ofAddress, ofKey);
      leaves.push({ path, commitment: naiveCommitment(bytes) });
    };
    add(cls, address, key, value);
    for (let i = 0; i < 20; i++) {
      add(StateClass.storage, randomBytes(20), randomBytes(32), randomBytes(random.below(100)));
    }
    return { path: leaves[0]!.path, root: image.apply(changes), leaves };
  }

  function expectShown(
    cls: StateClass,
    key: Uint8Array,
    value: Uint8Array,
    input: { readonly shown: Uint8Array; readonly reads: number },
  ): void {
    const { path, root, leaves } = stateWith(cls, key, value);
    const proof = encode(openingOf(leaves, path, input.shown));
    expect(open(path, root, proof, input.reads)).toBe(0);
    const at = probe.call("heldAt");
    expect(hex(probe.memory.subarray(at, at + input.shown.length))).toBe(hex(input.shown));
    // Each byte of what is shown is bound to the root.
    for (let i = 0; i < input.shown.length; i++) {
      const changed = proof.slice();
      changed[1 + i]! ^= 1 << random.below(8);
      expect(open(path, root, changed, input.reads), `byte ${i}`).toBe(STATE_PATH);
    }
  }

  it("is the whole account", () => {
    expectShown(StateClass.account, ACCOUNT_KEY, account, { shown: account, reads: Reads.account });
  });

  it("is the whole code record", () => {
    const key = systemKey("code");
    expectShown(StateClass.system, key, record, { shown: record, reads: Reads.code });
  });

  it("is the chunk root and length of a value in storage, of any length", () => {
    for (const length of [0, 1, 32, 33, 64, 65, 300]) {
      const value = randomBytes(length);
      const lengthWord = Uint8Array.of(0, 0, length >> 8, length & 255);
      const shown = Uint8Array.from([...chunkRootOf(value), ...lengthWord]);
      expectShown(StateClass.storage, slot, value, { shown, reads: Reads.storage });
    }
  });

  it("is the commitment for writes, deletions and the lock", () => {
    const lock = Uint8Array.of(1);
    const shown = naiveCommitment(lock);
    expectShown(StateClass.system, systemKey("lock"), lock, { shown, reads: Reads.commitment });
  });

  it("is addressed by the paths of the host", () => {
    const pathAfter = (name: string, ...args: number[]): string => {
      probe.memory.set(address, PATH);
      probe.memory.set(slot, COMMITMENT);
      probe.call(name, ...args);
      const at = probe.call("pathAt");
      return hex(probe.memory.subarray(at, at + 32));
    };
    const expected = (cls: StateClass, key: Uint8Array): string =>
      hex(statePath(pureStateHasher, cls, address, key));
    expect(pathAfter("accountPath", PATH)).toBe(expected(StateClass.account, ACCOUNT_KEY));
    expect(pathAfter("codePath", PATH)).toBe(expected(StateClass.system, systemKey("code")));
    expect(pathAfter("lockPath", PATH)).toBe(expected(StateClass.system, systemKey("lock")));
    expect(pathAfter("makePath", 1, PATH, COMMITMENT)).toBe(expected(StateClass.storage, slot));
  });
});

/** Root of the chunk tree of a value of at most 512 bytes, by the definition. */
function chunkRootOf(value: Uint8Array): Uint8Array {
  let count = 1;
  while (32 * count < value.length) count *= 2;
  let nodes: Uint8Array[] = Array.from({ length: count }, (_, i) => {
    const chunk = new Uint8Array(32);
    chunk.set(value.subarray(32 * i, 32 * i + 32));
    return chunk;
  });
  while (nodes.length > 1) {
    nodes = nodes.flatMap((node, i) => (i % 2 === 0 ? [sha256(node, nodes[i + 1]!)] : []));
  }
  return nodes[0]!;
}

describe("openings that are not those of the state", () => {
  /** Openings of all three terminals in one state, with given and empty siblings. */
  function cases(): { path: Uint8Array; root: Uint8Array; proof: Uint8Array; opening: Opening }[] {
    const leaves: NaiveLeaf[] = [];
    for (let i = 0; i < 10; i++) {
      const path = i === 0 ? randomBytes(32) : pathBeside(random.pick(leaves).path, 2 * i);
      leaves.push({ path, commitment: randomBytes(32) });
    }
    const root = naiveRoot(leaves);
    const present = leaves.map((leaf) => leaf.path);
    const absent = present.flatMap((path) => [1, 6, 11, 30].map((bits) => pathBeside(path, bits)));
    return [...present, ...absent].map((path) => {
      const opening = openingOf(leaves, path);
      return { path, root, proof: encode(opening), opening };
    });
  }

  it("are cases of every terminal", () => {
    const terminals = new Set(cases().map(({ opening }) => opening.terminal));
    expect([...terminals].sort()).toEqual([0, 1, 2]);
  });

  it("are refused when cut anywhere", () => {
    for (const { path, root, proof } of cases()) {
      for (let length = 0; length < proof.length; length++) {
        expect(open(path, root, proof.subarray(0, length)), `length ${length}`).toBe(TRUNCATED);
      }
    }
  });

  it("are refused, or leave bytes over, whichever bit is changed", () => {
    for (const { path, root, proof } of cases()) {
      for (let i = 0; i < proof.length; i++) {
        const changed = proof.slice();
        changed[i]! ^= 1 << random.below(8);
        const code = open(path, root, changed);
        if (code !== 0) expect([TRUNCATED, SIBLING, STATE_PATH]).toContain(code);
        else expect(probe.call("left"), `byte ${i}`).toBeGreaterThan(0);
      }
    }
  });

  it("are refused with a terminal that does not exist", () => {
    const { path, root, proof } = cases()[0]!;
    for (const terminal of [3, 128, 255]) {
      const changed = proof.slice();
      changed[0] = terminal;
      expect(open(path, root, changed)).toBe(STATE_PATH);
      // At once: nothing more needs to be there.
      expect(open(path, root, changed.subarray(0, 1))).toBe(STATE_PATH);
    }
  });

  it("are refused with unused bits and with zero siblings that are given", () => {
    const path = randomBytes(32);
    const leaves = [path, pathBeside(path, 1)].map((each) => ({ path: each, commitment: path }));
    const proof = encode(openingOf(leaves, path));
    const root = naiveRoot(leaves);
    const bitmapAt = 1 + 32 + 1;
    expect([proof[bitmapAt - 1], proof[bitmapAt]]).toEqual([2, 0x80]);
    expect(open(path, root, proof)).toBe(0);
    for (let bit = 0; bit < 6; bit++) {
      const changed = proof.slice();
      changed[bitmapAt]! |= 1 << bit;
      expect(open(path, root, changed)).toBe(SIBLING);
    }
    const given = Uint8Array.from([...proof, ...ZERO]);
    given[bitmapAt]! |= 0x40;
    expect(open(path, root, given)).toBe(SIBLING);
  });

  it("are refused where the other leaf is the path itself or lies off it", () => {
    const path = randomBytes(32);
    const [own, other] = [path, pathBeside(path, 7)].map((each) => ({
      path: each,
      commitment: randomBytes(32),
    })) as [NaiveLeaf, NaiveLeaf];
    const asOther = (leaf: NaiveLeaf, siblings: readonly Uint8Array[]): Uint8Array =>
      encode({
        terminal: 2,
        content: Uint8Array.from([...leaf.path, ...leaf.commitment]),
        siblings,
      });
    // The path's own leaf gives the right root, but it is not another leaf.
    expect(open(path, naiveRoot([own]), asOther(own, []))).toBe(STATE_PATH);
    expect(open(path, naiveRoot([other]), asOther(other, []))).toBe(0);
    // Folded along P, a leaf that leaves P at bit 7 must not stand at depth 8: with a trie that no run makes
    // the root would be right.
    const chain = [ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO];
    const folded = foldAlong(path, other, 7);
    expect(open(path, folded, asOther(other, chain))).toBe(0);
    expect(open(path, foldAlong(path, other, 8), asOther(other, [...chain, ZERO]))).toBe(
      STATE_PATH,
    );
  });

  /** Root of a leaf at `depth` of a path, with nothing beside. */
  function foldAlong(path: Uint8Array, leaf: NaiveLeaf, depth: number): Uint8Array {
    let node = naiveRoot([leaf]);
    for (let bit = depth - 1; bit >= 0; bit--) {
      node = bitOf(path, bit) === 0 ? sha256(node, ZERO) : sha256(ZERO, node);
      node[0]! &= 0x7f;
    }
    return node;
  }

  it("are refused for another root and for another path", () => {
    for (const { path, root, proof, opening } of cases()) {
      const other = root.slice();
      other[random.below(32)]! ^= 1;
      expect(open(path, other, proof)).toBe(STATE_PATH);
      if (opening.terminal !== 1) continue;
      expect(open(pathBeside(path, 255), root, proof)).toBe(STATE_PATH);
      expect(open(pathBeside(path, 0), root, proof)).toBe(STATE_PATH);
    }
  });
});
