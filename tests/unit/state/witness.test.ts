// Witnesses: what is made suffices for replay and for every operation alone; anything else is refused
// with a WITNESS_ code, by property, by mutation and by hand-made bytes.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EngineError } from "../../../host/errors.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { StateChanges } from "../../../host/state/state-changes.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import type { StateSource } from "../../../host/state/state-store.ts";
import { WitnessState } from "../../../host/state/witness-state.ts";
import {
  changesArbitrary,
  hex,
  keyName,
  seed,
  sha256,
  type TestChange,
  testKey,
  toChanges,
  valueArbitrary,
} from "./reference.ts";

type Operation =
  | { readonly kind: "open"; readonly n: number }
  | { readonly kind: "read"; readonly n: number; readonly from: number; readonly to: number }
  | { readonly kind: "set"; readonly n: number; readonly value: Uint8Array }
  | { readonly kind: "delete"; readonly n: number }
  | { readonly kind: "mark" }
  | { readonly kind: "back" };

function operations(keys: number): fc.Arbitrary<Operation[]> {
  const n = fc.nat(keys - 1);
  const fraction = fc.double({ min: 0, max: 1, noNaN: true });
  const operation: fc.Arbitrary<Operation> = fc.oneof(
    fc.record({ kind: fc.constant("open" as const), n }),
    fc.record({ kind: fc.constant("read" as const), n, from: fraction, to: fraction }),
    fc.record({ kind: fc.constant("set" as const), n, value: valueArbitrary }),
    fc.record({ kind: fc.constant("delete" as const), n }),
    fc.record({ kind: fc.constant("delete" as const), n }),
    fc.record({ kind: fc.constant("mark" as const) }),
    fc.record({ kind: fc.constant("back" as const) }),
  );
  return fc.array(operation, { maxLength: 40 });
}

/** Runs operations over a source; what was seen is returned so that two runs can be compared. */
function execute(source: StateSource, list: readonly Operation[]) {
  const overlay = new Overlay(source);
  const seen: string[] = [];
  const marks: number[] = [];
  for (const op of list) {
    if (op.kind === "mark") marks.push(overlay.checkpoint());
    else if (op.kind === "back") overlay.rollback(marks.pop() ?? overlay.checkpoint());
    else {
      const { cls, address, key } = testKey(op.n);
      if (op.kind === "set") overlay.set(cls, address, key, op.value);
      else if (op.kind === "delete") overlay.delete(cls, address, key);
      else {
        const opened = overlay.open(cls, address, key);
        seen.push(String(opened?.length));
        if (op.kind === "read" && opened !== undefined) {
          const [a, b] = [op.from, op.to].map((f) => Math.floor(f * opened.length));
          seen.push(hex(opened.read(Math.min(a!, b!), Math.abs(a! - b!))));
        }
      }
    }
  }
  return { overlay, seen };
}

function imageOf(list: readonly TestChange[]): StateImage {
  const image = new StateImage({ hasher: pureStateHasher });
  image.apply(toChanges(list));
  return image;
}

const cases = fc
  .constantFrom(2, 5, 12, 60)
  .chain((keys) => fc.tuple(changesArbitrary(keys, keys), operations(keys)));

describe("a witness", () => {
  it("gives execution the same values and the same root as the full state, and nothing is unused", () => {
    fc.assert(
      fc.property(cases, ([start, list]) => {
        const image = imageOf(start);
        const full = execute(image, list);
        const bytes = image.witness(full.overlay.touches());
        const partial = WitnessState.decode(bytes, image.root(), pureStateHasher);
        const replayed = execute(partial, list);
        expect(replayed.seen).toEqual(full.seen);
        const root = partial.rootAfter(replayed.overlay);
        partial.checkAllUsed(replayed.overlay);
        expect(hex(root)).toBe(hex(image.apply(full.overlay.changes())));
      }),
      { seed, numRuns: 600 },
    );
  });

  it("does so for thousands of keys of every form", () => {
    const value = (n: number) => new Uint8Array((n * 7) % 150).fill(n);
    const image = imageOf(Array.from({ length: 5000 }, (_, n) => ({ n, value: value(n) })));
    const list = Array.from({ length: 4000 }, (_, i): Operation => {
      const n = (i * 37) % 6000;
      const kind = (["open", "read", "set", "delete"] as const)[i % 4]!;
      if (kind === "set") return { kind, n, value: value(n + 1) };
      return kind === "read" ? { kind, n, from: (i % 3) / 3, to: 1 } : { kind, n };
    });
    const full = execute(image, list);
    const bytes = image.witness(full.overlay.touches());
    const partial = WitnessState.decode(bytes, image.root(), pureStateHasher);
    const replayed = execute(partial, list);
    expect(replayed.seen).toEqual(full.seen);
    const root = partial.rootAfter(replayed.overlay);
    partial.checkAllUsed(replayed.overlay);
    expect(hex(root)).toBe(hex(image.apply(full.overlay.changes())));
  });

  it("suffices for every state operation one by one, taken-back ones included", () => {
    fc.assert(
      fc.property(cases, ([start, list]) => {
        const image = imageOf(start);
        const { overlay } = execute(image, list);
        const bytes = image.witness(overlay.touches());
        const partial = WitnessState.decode(bytes, image.root(), pureStateHasher);
        const now = new Map<number, Uint8Array | undefined>(
          start.map((change) => [change.n, change.value]),
        );
        const marks: Map<number, Uint8Array | undefined>[] = [];
        const step = (n: number, value: Uint8Array | undefined) => {
          now.set(n, value);
          const change = toChanges([{ n, value }]);
          expect(hex(partial.apply(change))).toBe(hex(image.apply(change)));
        };
        for (const op of list) {
          if (op.kind === "set") step(op.n, op.value);
          else if (op.kind === "delete") step(op.n, undefined);
          else if (op.kind === "mark") marks.push(new Map(now));
          else if (op.kind === "back") {
            const before = marks.pop() ?? new Map(now);
            for (const [n, value] of [...now]) if (before.get(n) !== value) step(n, before.get(n));
          }
        }
      }),
      { seed, numRuns: 400 },
    );
  });

  it("is the same whatever the order of touches", () => {
    fc.assert(
      fc.property(
        changesArbitrary(40, 40),
        fc.array(fc.nat(45), { maxLength: 20 }),
        (start, ns) => {
          const image = imageOf(start);
          const reads = ns.map((n) => ({ kind: "read" as const, n, from: 0, to: 1 }));
          const forward = execute(image, reads).overlay.touches();
          const backward = execute(image, [...reads].reverse()).overlay.touches();
          expect(hex(image.witness(forward))).toBe(hex(image.witness(backward)));
        },
      ),
      { seed, numRuns: 100 },
    );
  });

  /** The one other leaf that the walk of a path ends at, or undefined where it ends at none. */
  function leafMet(paths: readonly string[], path: string): string | undefined {
    let others = paths.filter((other) => other !== path);
    for (let bit = 0; others.length > 1; bit++) {
      others = others.filter((other) => other[bit] === path[bit]);
    }
    return others[0];
  }

  it("shows the path of the leaf that a deletion moves to where its key is inserted again", () => {
    const pathOf = (n: number) => Buffer.from(sha256(Buffer.from(keyName(testKey(n)), "hex")));
    const bits = (path: Uint8Array) =>
      Array.from(path, (byte) => byte.toString(2).padStart(8, "0")).join("");
    let met = 0;
    fc.assert(
      fc.property(cases, ([start, list]) => {
        const image = imageOf(start);
        const bytes = image.witness(execute(image, list).overlay.touches());
        const last = new Map(start.map(({ n, value }) => [n, value]));
        const held = [...last].filter(([, value]) => value !== undefined).map(([n]) => n);
        const paths = held.map(pathOf);
        for (const op of list) {
          if (op.kind !== "delete" || !held.includes(op.n)) continue;
          const other = leafMet(paths.map(bits), bits(pathOf(op.n)));
          if (other === undefined) continue;
          met++;
          const path = paths.find((candidate) => bits(candidate) === other)!;
          expect(Buffer.from(bytes).includes(path)).toBe(true);
        }
      }),
      { seed, numRuns: 600 },
    );
    expect(met).toBeGreaterThan(50);
  });

  it("keeps a leaf closed beside a key that was only written, and opens it beside a deleted one", () => {
    const image = imageOf([
      { n: 1, value: new Uint8Array(3) },
      { n: 2, value: new Uint8Array(3) },
    ]);
    const leaves = (list: Operation[]) => {
      const bytes = image.witness(execute(image, list).overlay.touches());
      const partial = WitnessState.decode(bytes, image.root(), pureStateHasher);
      const again = execute(partial, list).overlay;
      partial.rootAfter(again);
      partial.checkAllUsed(again);
      const paths = [1, 2].map((n) => sha256(Buffer.from(keyName(testKey(n)), "hex")));
      return paths.map((path) => hex(bytes).includes(hex(path)));
    };
    const deletion: Operation = { kind: "delete", n: 1 };
    expect(leaves([{ kind: "set", n: 1, value: new Uint8Array(1) }])).toEqual([true, false]);
    expect(leaves([deletion])).toEqual([true, true]);
    expect(leaves([{ kind: "mark" }, deletion, { kind: "back" }])).toEqual([true, true]);
  });

  it("is the same for a value read whole at once and for one read chunk by chunk", () => {
    for (const length of [1, 31, 32, 33, 64, 65, 96, 97, 1_000, 4_096, 5_000]) {
      const image = new StateImage({ hasher: pureStateHasher });
      const value = Uint8Array.from({ length }, (_, i) => i * 7 + 1);
      const changes = new StateChanges();
      changes.add(1, new Uint8Array(20), new Uint8Array(32), value);
      const root = image.apply(changes);
      const [whole, pieces] = [new Overlay(image), new Overlay(image)];
      whole.get(1, new Uint8Array(20), new Uint8Array(32));
      const opened = pieces.open(1, new Uint8Array(20), new Uint8Array(32));
      for (let at = 0; at < length; at++) opened!.read(at, 1);
      const witness = image.witness(whole.touches());
      expect([length, image.witness(pieces.touches())]).toEqual([length, witness]);
      const state = WitnessState.decode(witness, root, pureStateHasher);
      expect(state.get(1, new Uint8Array(20), new Uint8Array(32))).toEqual(value);
      expect(state.witness(whole.touches())).toEqual(witness);
      // One chunk less is another witness, whose root is the same.
      if (length <= 32) continue;
      const part = new Overlay(image);
      part
        .open(1, new Uint8Array(20), new Uint8Array(32))!
        .read(0, 32 * Math.ceil(length / 32) - 32);
      const partial = WitnessState.decode(image.witness(part.touches()), root, pureStateHasher);
      expect(() => partial.get(1, new Uint8Array(20), new Uint8Array(32))).toThrow(
        expect.objectContaining({ code: "WITNESS_MISSING" }),
      );
    }
  });

  it("of no touches is the root alone, or one empty node", () => {
    const image = imageOf([
      { n: 1, value: new Uint8Array(3) },
      { n: 2, value: new Uint8Array(3) },
    ]);
    const none = new Overlay(image).touches();
    expect(hex(image.witness(none))).toBe(`0000000140${"00000020"}${hex(image.root())}00000000`);
    const empty = new StateImage({ hasher: pureStateHasher });
    expect(hex(empty.witness(none))).toBe("00000001000000000000000000");
  });

  it("carries only the pieces that were read", () => {
    const image = imageOf([{ n: 1, value: new Uint8Array(65_536).fill(7) }]);
    const size = (from: number, to: number) =>
      image.witness(execute(image, [{ kind: "read", n: 1, from, to }]).overlay.touches()).length;
    expect(size(0, 0)).toBeLessThan(100);
    expect(size(0.5, 0.5001)).toBeLessThan(32 * 12 + 100);
    expect(size(0, 1)).toBeGreaterThan(65_536);
  });
});

function codeOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

describe("a replay over a witness", () => {
  const start = Array.from({ length: 50 }, (_, n) => ({ n, value: new Uint8Array(n * 3).fill(n) }));
  const image = imageOf(start);
  const list: Operation[] = [
    { kind: "open", n: 3 },
    { kind: "read", n: 40, from: 0.3, to: 0.6 },
    { kind: "read", n: 20, from: 0, to: 1 },
    { kind: "mark" },
    { kind: "set", n: 7, value: new Uint8Array(4) },
    { kind: "back" },
    { kind: "delete", n: 8 },
    { kind: "delete", n: 9 },
    { kind: "set", n: 61, value: new Uint8Array(4) },
    { kind: "open", n: 62 },
  ];
  const root = image.root();
  const good = image.witness(execute(image, list).overlay.touches());
  const after = new StateImage({ hasher: pureStateHasher });
  after.apply(toChanges(start));
  after.apply(execute(image, list).overlay.changes());
  const rootAfter = hex(after.root());
  const replay = (bytes: Uint8Array, steps: readonly Operation[] = list) => {
    const state = WitnessState.decode(bytes, root, pureStateHasher);
    const { overlay } = execute(state, steps);
    const got = hex(state.rootAfter(overlay));
    state.checkAllUsed(overlay);
    return got;
  };
  const expectRefused = (bytes: Uint8Array, what: string) => {
    expect(
      codeOf(() => replay(bytes)),
      what,
    ).toMatch(/^WITNESS_/);
  };

  it("accepts the witness made for it", () => {
    expect(replay(good)).toBe(rootAfter);
  });

  it("refuses flipped bits", () => {
    // Every bit of the lengths and the shape; of the rest one bit of every byte, each in turn.
    for (let bit = 0; bit < good.length * 8; bit += bit < 800 ? 1 : 9) {
      const bytes = good.slice();
      bytes[bit >> 3]! ^= 0x80 >> (bit & 7);
      expectRefused(bytes, `bit ${bit}`);
    }
  });

  it("refuses every cut and every extension", () => {
    for (let length = 0; length < good.length; length++) {
      expectRefused(good.slice(0, length), `cut to ${length}`);
    }
    for (const extra of [1, 4, 32, 65]) {
      const bytes = new Uint8Array(good.length + extra);
      bytes.set(good);
      expectRefused(bytes, `extended by ${extra}`);
    }
  });

  it("refuses swapped, doubled, dropped and overwritten runs of bytes", () => {
    const at = fc.nat(good.length - 1);
    const length = fc.constantFrom(1, 2, 4, 32, 65);
    fc.assert(
      fc.property(
        fc.constantFrom("swap", "double", "drop", "copy"),
        at,
        at,
        length,
        (kind, a, b, n) => {
          let bytes = good.slice();
          const run = good.subarray(a, a + n);
          if (kind === "swap") {
            bytes.set(good.subarray(b, Math.min(b + n, good.length - a + b)), a);
            bytes.set(run.subarray(0, Math.max(0, good.length - b)), b);
            bytes = bytes.slice(0, good.length);
          } else if (kind === "double")
            bytes = Uint8Array.from([...good.subarray(0, a), ...run, ...good.subarray(a)]);
          else if (kind === "drop")
            bytes = Uint8Array.from([...good.subarray(0, a), ...good.subarray(a + n)]);
          else bytes.set(run.subarray(0, good.length - b), b);
          if (hex(bytes) !== hex(good)) expectRefused(bytes, `${kind} ${a} ${b} ${n}`);
        },
      ),
      { seed, numRuns: 3000 },
    );
  });

  it("says WITNESS_MISSING for anything it does not open", () => {
    const extra: Operation[] = [
      { kind: "open", n: 30 },
      { kind: "open", n: 8 },
      { kind: "read", n: 40, from: 0, to: 0.1 },
      { kind: "read", n: 3, from: 0, to: 1 },
      { kind: "set", n: 31, value: new Uint8Array(1) },
      { kind: "delete", n: 32 },
    ];
    for (const op of extra) {
      // First in line, because a deletion before it would hide the pre-state value of key 8.
      expect(codeOf(() => replay(good, [op, ...list]))).toBe("WITNESS_MISSING");
    }
    const opened = WitnessState.decode(good, root, pureStateHasher);
    const { cls, address, key } = testKey(40);
    expect(codeOf(() => opened.get(cls, address, key))).toBe("WITNESS_MISSING");
    expect(codeOf(() => opened.apply(toChanges([{ n: 33, value: undefined }])))).toBe(
      "WITNESS_MISSING",
    );
  });

  it("says WITNESS_MISSING where not even the first bit of the only leaf's path is known", () => {
    const image = new StateImage({ hasher: pureStateHasher });
    image.apply(toChanges([{ n: 1, value: new Uint8Array(1) }]));
    const witness = image.witness(new Overlay(image).touches());
    for (const n of [1, 2, 3, 4]) {
      const decoded = () => WitnessState.decode(witness, image.root(), pureStateHasher);
      const { cls, address, key } = testKey(n);
      expect(codeOf(() => decoded().get(cls, address, key))).toBe("WITNESS_MISSING");
      for (const value of [undefined, new Uint8Array(2)]) {
        expect(codeOf(() => decoded().apply(toChanges([{ n, value }])))).toBe("WITNESS_MISSING");
      }
    }
  });

  it("says WITNESS_UNUSED for every operation that the witness opens and execution leaves out", () => {
    for (const n of [3, 40, 20, 7, 8, 9, 61]) {
      const fewer = list.filter((op) => !("n" in op) || op.n !== n);
      expect(
        codeOf(() => replay(good, fewer)),
        `without key ${n}`,
      ).toBe("WITNESS_UNUSED");
    }
    const lengthOnly = list.map((op) => (op.kind === "read" ? { ...op, to: op.from } : op));
    expect(codeOf(() => replay(good, lengthOnly))).toBe("WITNESS_UNUSED");
  });

  it("says WITNESS_ROOT_MISMATCH for a good witness of another state", () => {
    expect(codeOf(() => WitnessState.decode(good, new Uint8Array(32), pureStateHasher))).toBe(
      "WITNESS_ROOT_MISMATCH",
    );
  });

  it("does not check a witness after its state has changed", () => {
    const state = WitnessState.decode(good, root, pureStateHasher);
    const { overlay } = execute(state, list);
    state.apply(new StateChanges());
    expect(codeOf(() => state.checkAllUsed(overlay))).toBe("STATE_ORDER");
  });
});

describe("hand-made witness bytes", () => {
  const u32 = (value: number) => [
    value >>> 24,
    (value >>> 16) & 255,
    (value >>> 8) & 255,
    value & 255,
  ];
  const bytes = (shape: number[], hashes: number[][], leaves: number[][]) =>
    Uint8Array.from([
      ...u32(shape.length),
      ...shape,
      ...u32(hashes.flat().length),
      ...hashes.flat(),
      ...u32(leaves.length),
      ...leaves.flat(),
    ]);
  const fill = (value: number, length = 32) => new Array<number>(length).fill(value);
  const decode = (input: Uint8Array) =>
    codeOf(() => WitnessState.decode(input, new Uint8Array(32), pureStateHasher));
  const plain = (path: number) => [...fill(path), 0, ...fill(9)];
  const value = (length: number, shape: number[], content: number[]) => [
    ...fill(0),
    1,
    ...u32(length),
    ...u32(shape.length),
    ...shape,
    ...u32(content.length),
    ...content,
  ];

  it.each([
    ["no bytes", new Uint8Array(0), "WITNESS_LENGTH"],
    ["a forged shape length", Uint8Array.from(u32(0xffffffff)), "WITNESS_LENGTH"],
    [
      "a forged leaf count",
      Uint8Array.from([...u32(0), ...u32(0), ...u32(0xffffffff)]),
      "WITNESS_LENGTH",
    ],
    ["no shape at all", bytes([], [], []), "WITNESS_SHAPE"],
    ["ones after the shape", bytes([0b00000001], [], []), "WITNESS_SHAPE"],
    ["a byte after the shape", bytes([0, 0], [], []), "WITNESS_SHAPE"],
    ["a branch without children", bytes([0b11000000], [], []), "WITNESS_SHAPE"],
    ["a shape that ends inside a branch", bytes([0b11111111], [], []), "WITNESS_SHAPE"],
    ["a branch over one leaf", bytes([0b11_10_00_00], [], [plain(0)]), "WITNESS_SHAPE"],
    ["a branch over one unopened leaf", bytes([0b11_00_01_00], [fill(0x80)], []), "WITNESS_SHAPE"],
    ["a zero hash", bytes([0b01_00_00_00], [fill(0)], []), "WITNESS_SHAPE"],
    ["a missing hash", bytes([0b01_00_00_00], [], []), "WITNESS_SHAPE"],
    ["half a hash", bytes([0b01_00_00_00], [fill(1, 16)], []), "WITNESS_SHAPE"],
    ["a hash too many", bytes([0b01_00_00_00], [fill(1), fill(1)], []), "WITNESS_SHAPE"],
    ["a missing leaf", bytes([0b10_00_00_00], [], []), "WITNESS_SHAPE"],
    ["a leaf too many", bytes([0b10_00_00_00], [], [plain(0), plain(0)]), "WITNESS_SHAPE"],
    ["a leaf on the wrong side", bytes([0b11_10_10_00], [], [plain(0), plain(0)]), "WITNESS_LEAF"],
    ["a leaf of form 2", bytes([0b10_00_00_00], [], [[...fill(0), 2, ...fill(9)]]), "WITNESS_LEAF"],
    ["a value too long", bytes([0b10_00_00_00], [], [value(65_537, [0], fill(1))]), "WITNESS_LEAF"],
    ["pieces of no value", bytes([0b10_00_00_00], [], [value(0, [0], fill(1))]), "WITNESS_SHAPE"],
    ["too few pieces", bytes([0b10_00_00_00], [], [value(33, [0x80], fill(1))]), "WITNESS_PIECES"],
    [
      "too many pieces",
      bytes([0b10_00_00_00], [], [value(32, [0x80], fill(1, 64))]),
      "WITNESS_PIECES",
    ],
    [
      "bytes after the value",
      bytes([0b10_00_00_00], [], [value(31, [0x80], fill(1))]),
      "WITNESS_PIECES",
    ],
    ["an endless chain of branches", bytes(fill(0b11_00_11_00, 300), [], []), "WITNESS_SHAPE"],
    ["a deep chain of left branches", bytes(fill(0xff, 100), [], []), "WITNESS_SHAPE"],
  ])("with %s is refused", (_name, input, code) => {
    expect(decode(input)).toBe(code);
  });

  it("opens a piece of an odd tree and refuses the one beside it", () => {
    const image = new StateImage({ hasher: pureStateHasher });
    const content = Uint8Array.from({ length: 161 }, (_, i) => i);
    image.apply(toChanges([{ n: 1, value: content }]));
    const { cls, address, key } = testKey(1);
    const overlay = new Overlay(image);
    overlay.open(cls, address, key)!.read(30, 4);
    overlay.open(cls, address, key)!.read(160, 1);
    const witness = image.witness(overlay.touches());
    const state = WitnessState.decode(witness, image.root(), pureStateHasher);
    const opened = new Overlay(state).open(cls, address, key)!;
    expect(opened.length).toBe(161);
    expect(opened.read(0, 64)).toEqual(content.subarray(0, 64));
    expect(opened.read(160, 1)).toEqual(content.subarray(160));
    expect(codeOf(() => opened.read(63, 2))).toBe("WITNESS_MISSING");
    expect(codeOf(() => opened.read(159, 2))).toBe("WITNESS_MISSING");
    expect(codeOf(() => opened.read(0, 161))).toBe("WITNESS_MISSING");
    expect(keyName(testKey(1))).toHaveLength(106);
  });
});
