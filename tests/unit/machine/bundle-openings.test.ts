// Openings that a run is served from a bundle: versions of a witnessed state through writes, deletions and
// reverts, pieces of values, leaves of bytes and paths of lists, each as the reference has them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { transactionHash } from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import {
  ByteOpenings,
  GrowingListPaths,
  ListPaths,
} from "../../../host/machine/keccak-openings.ts";
import { StateVersions } from "../../../host/machine/state-versions.ts";
import { ValueOpenings, valueRoot } from "../../../host/machine/value-openings.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { pureStateHasher as hasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { statePath } from "../../../host/state/state-key.ts";
import { KnownPieces, leastDepth } from "../../support/judge-pieces.ts";
import { ReferenceTrie } from "../../support/reference-trie.ts";
import { RegionTree } from "../../support/region-tree.ts";
import { changesArbitrary, seed, testKey, toChanges, valueArbitrary } from "../state/reference.ts";

interface Operation {
  readonly kind: "open" | "set" | "delete" | "mark" | "back";
  readonly n: number;
  readonly value: Uint8Array;
  readonly from: number;
}

const operations = (keys: number): fc.Arbitrary<Operation[]> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom("open", "set", "delete", "delete", "mark", "back"),
      n: fc.nat(keys - 1),
      value: valueArbitrary,
      from: fc.double({ min: 0, max: 0.999, noNaN: true }),
    }),
    { maxLength: 40 },
  );

const cases = fc
  .constantFrom(2, 5, 12, 60)
  .chain((keys) => fc.tuple(changesArbitrary(keys, keys), operations(keys)));

const pathOf = (n: number): Uint8Array => {
  const { cls, address, key } = testKey(n);
  return statePath(hasher, cls, address, key);
};

/** The witness of what the operations touch; a read takes the chunk at `from`. */
function witnessOf(image: StateImage, list: readonly Operation[]): Uint8Array {
  const overlay = new Overlay(image);
  const marks: number[] = [];
  for (const { kind, n, value, from } of list) {
    const { cls, address, key } = testKey(n);
    if (kind === "mark") marks.push(overlay.checkpoint());
    else if (kind === "back") overlay.rollback(marks.pop() ?? overlay.checkpoint());
    else if (kind === "set") overlay.set(cls, address, key, value);
    else if (kind === "delete") overlay.delete(cls, address, key);
    else {
      const opened = overlay.open(cls, address, key);
      if (opened !== undefined && opened.length > 0) {
        opened.read(Math.floor(from * opened.length), 1);
      }
    }
  }
  return image.witness(overlay.touches());
}

function known(body: readonly Uint8Array[] = [], receipts: readonly Uint8Array[] = []) {
  return new KnownPieces({ body, deployers: [], receipts, state: new ReferenceTrie() });
}

describe("the state of a bundle", () => {
  it("gives the reference's openings through writes, deletions and reverts", () => {
    fc.assert(
      fc.property(cases, ([start, list]) => {
        const image = new StateImage({ hasher });
        image.apply(toChanges(start));
        const versions = new StateVersions(witnessOf(image, list), image.root(), hasher);
        let reference = start.reduce<ReferenceTrie>(
          (trie, { n, value }) => trie.with(pathOf(n), value),
          new ReferenceTrie(),
        );
        expect(toHex(reference.root)).toBe(toHex(image.root()));
        const marks: ReferenceTrie[] = [];
        for (const { kind, n, value, from } of list) {
          const path = pathOf(n);
          if (kind === "mark") marks.push(reference);
          else if (kind === "back") reference = marks.pop() ?? reference;
          else if (kind === "open") {
            const got = versions.opening(reference.root, path, "storage");
            expect(toHex(got)).toBe(toHex(reference.opening(path, "storage")));
            comparePiece(versions, reference, path, from);
          } else {
            const got = versions.opening(reference.root, path, "commitment");
            expect(toHex(got)).toBe(toHex(reference.opening(path, "commitment")));
            const written = kind === "set" ? value : undefined;
            versions.write(reference.root, path, written);
            reference = reference.with(path, written);
          }
        }
      }),
      { seed, numRuns: 300 },
    );
  });

  it("keeps what is kept and forgets the rest", () => {
    const image = new StateImage({ hasher });
    image.apply(toChanges([{ n: 1, value: Uint8Array.of(1) }]));
    const touched: Operation = { kind: "set", n: 1, value: Uint8Array.of(2), from: 0 };
    const versions = new StateVersions(witnessOf(image, [touched]), image.root(), hasher);
    const start = new ReferenceTrie().with(pathOf(1), Uint8Array.of(1));
    const [second, third] = [2, 3].map((value) => start.with(pathOf(1), Uint8Array.of(value)));
    versions.write(start.root, pathOf(1), Uint8Array.of(2));
    versions.keep(second!.root);
    versions.write(second!.root, pathOf(1), Uint8Array.of(3));
    versions.forgetOthers();
    const opening = (trie: ReferenceTrie) => () =>
      toHex(versions.opening(trie.root, pathOf(1), "commitment"));
    expect(opening(second!)()).toBe(toHex(second!.opening(pathOf(1), "commitment")));
    expect(opening(start)()).toBe(toHex(start.opening(pathOf(1), "commitment")));
    expect(opening(third!)).toThrow("a version of state");
  });

  it("refuses what the witness does not show", () => {
    const image = new StateImage({ hasher });
    image.apply(toChanges(Array.from({ length: 50 }, (_, n) => ({ n, value: Uint8Array.of(n) }))));
    const touched: Operation = { kind: "set", n: 1, value: Uint8Array.of(2), from: 0 };
    const versions = new StateVersions(witnessOf(image, [touched]), image.root(), hasher);
    const missing = expect.objectContaining({ code: "WITNESS_MISSING" });
    const root = image.root();
    expect(() => versions.opening(root, pathOf(1), "storage")).toThrow(missing);
    const hidden = Array.from({ length: 50 }, (_, n) => n).filter((n) => n !== 1);
    for (const n of hidden) {
      expect(() => versions.opening(root, pathOf(n), "commitment")).toThrow(missing);
      expect(() => versions.write(root, pathOf(n), undefined)).toThrow(missing);
    }
  });
});

/** The chunk that was read opens as the reference opens it. */
function comparePiece(
  versions: StateVersions,
  reference: ReferenceTrie,
  path: Uint8Array,
  from: number,
): void {
  const whole = reference.value(path);
  const value = versions.value(reference.root, path);
  expect(value === undefined).toBe(whole === undefined);
  if (whole === undefined || value === undefined || whole.length === 0) return;
  const chunk = Math.floor(from * whole.length) >>> 5;
  const openings = new ValueOpenings(hasher, value.length);
  openings.learn(value);
  const pieces = known();
  pieces.noteValue(whole);
  const expected = pieces.chunks(valueRoot(hasher, value), whole.length, [chunk]);
  expect(toHex(openings.opening([chunk]))).toBe(toHex(expected));
}

describe("openings of values, bytes and lists", () => {
  it("put together what a witness shows of equal values", () => {
    const value = Uint8Array.from({ length: 300 }, (_, i) => i);
    const image = new StateImage({ hasher });
    image.apply(toChanges([1, 2].map((n) => ({ n, value }))));
    const read = (n: number, from: number): Operation => ({ kind: "open", n, value, from });
    const witness = witnessOf(image, [read(1, 0.1), read(2, 0.9)]);
    const versions = new StateVersions(witness, image.root(), hasher);
    const openings = new ValueOpenings(hasher, value.length);
    const pieces = known();
    pieces.noteValue(value);
    const [first, second] = [1, 2].map((n) => versions.value(image.root(), pathOf(n))!);
    const expected = (chunk: number) =>
      toHex(pieces.chunks(valueRoot(hasher, first!), value.length, [chunk]));
    openings.learn(first!);
    expect(toHex(openings.opening([0]))).toBe(expected(0));
    const missing = expect.objectContaining({ code: "WITNESS_MISSING" });
    expect(() => openings.opening([8])).toThrow(missing);
    openings.learn(second!);
    expect(toHex(openings.opening([8]))).toBe(expected(8));
    expect(() => openings.opening([5])).toThrow(missing);
    openings.learn(value);
    expect(toHex(openings.opening([5]))).toBe(expected(5));
  });

  it("open the leaves of byte strings of any length", () => {
    for (const length of [1, 127, 128, 129, 256, 257, 1_000, 4_096, 5_000]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i % 700 < 300 ? 0 : i));
      const count = Math.ceil(length / 128);
      const tree = RegionTree.of(leastDepth(count), bytes);
      const openings = new ByteOpenings(bytes);
      for (let i = 0; i < count; i++) {
        for (const indices of i + 1 < count ? [[i], [i, i + 1]] : [[i]]) {
          expect(toHex(openings.opening(indices))).toBe(toHex(tree.opening(indices, false)));
        }
      }
    }
  });

  it("give the paths of fixed and of growing lists", () => {
    const items = Array.from({ length: 37 }, (_, i) => Uint8Array.of(i, 1));
    const reference = known(items, items);
    const fixed = new ListPaths(items.map(transactionHash));
    const growing = new GrowingListPaths();
    items.forEach((item, i) => {
      const path = reference.entry(i).slice(4 + item.length + 32);
      expect(toHex(fixed.path(i))).toBe(toHex(path));
      expect(toHex(growing.path(i))).toBe(toHex(reference.receiptPath(i)));
      growing.append(i, keccak256(item));
    });
    // A run that begins again asks for what was.
    growing.append(5, keccak256(items[5]!));
    expect(toHex(growing.path(37))).toBe(toHex(reference.receiptPath(37)));
    expect(toHex(growing.path(6))).toBe(toHex(reference.receiptPath(6)));
    expect(() => growing.path(38)).toThrow("once it has grown so far");
  });
});
