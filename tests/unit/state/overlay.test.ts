// The overlay against copies of a map: values, journal, touches and the pieces that were read.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { noState, Overlay } from "../../../host/state/overlay.ts";
import { StateChanges } from "../../../host/state/state-changes.ts";
import { pureStateHasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { applyNaive, keyName, type NaiveState, seed, testKey, toChanges } from "./reference.ts";

const address = new Uint8Array(20).fill(1);
const key = (n: number) => new Uint8Array(32).fill(n);
const bytes = (...values: number[]) => new Uint8Array(values);

function imageWith(n: number, value: Uint8Array): StateImage {
  const image = new StateImage({ hasher: pureStateHasher });
  const changes = new StateChanges();
  changes.add(1, address, key(n), value);
  image.apply(changes);
  return image;
}

describe("an overlay", () => {
  it("reads through to the source, then what was written, then nothing after a delete", () => {
    const overlay = new Overlay(imageWith(1, bytes(1, 2, 3)));
    expect(overlay.get(1, address, key(1))).toEqual(bytes(1, 2, 3));
    overlay.set(1, address, key(1), bytes(9));
    expect(overlay.get(1, address, key(1))).toEqual(bytes(9));
    overlay.delete(1, address, key(1));
    expect(overlay.open(1, address, key(1))).toBeUndefined();
    expect(overlay.open(1, address, key(2))).toBeUndefined();
    overlay.set(1, address, key(2), bytes());
    expect(overlay.open(1, address, key(2))?.length).toBe(0);
  });

  it("keeps an opened value as it was when opened, though the key is overwritten", () => {
    const overlay = new Overlay(imageWith(1, bytes(1, 2, 3)));
    const committed = overlay.open(1, address, key(1));
    overlay.set(1, address, key(1), bytes(7, 7));
    const written = overlay.open(1, address, key(1));
    overlay.delete(1, address, key(1));
    expect(committed?.read(1, 2)).toEqual(bytes(2, 3));
    expect(written?.read(0, 2)).toEqual(bytes(7, 7));
  });

  it("has one place for a key, however it is asked for, and a place is a touch", () => {
    const overlay = new Overlay(imageWith(1, bytes(1, 2, 3)));
    const [one, other] = [key(1), address.slice()];
    const place = overlay.placeOf(1, address, one);
    expect(overlay.touches().count).toBe(1);
    expect(overlay.touches().opened(0)).toBe(false);
    expect(overlay.placeOf(1, address, one)).toBe(place);
    expect(overlay.placeOf(1, other, key(1))).toBe(place);
    expect(overlay.getAt(place)).toEqual(bytes(1, 2, 3));
    expect([overlay.touches().opened(0), overlay.touches().read(0, 0)]).toEqual([true, true]);
    overlay.setAt(place, bytes(9));
    expect(overlay.get(1, address, one)).toEqual(bytes(9));
    overlay.deleteAt(place);
    expect(overlay.get(1, address, one)).toBeUndefined();
    expect(overlay.touches().deleted(0)).toBe(true);
    expect(overlay.touches().count).toBe(1);
  });

  it("remembers more places by identity than it has room for without mixing them up", () => {
    const overlay = new Overlay(noState);
    const keys = Array.from({ length: 40 }, (_, i) => key(i));
    const places = keys.map((one) => overlay.placeOf(1, address, one));
    expect(new Set(places).size).toBe(40);
    for (const i of [39, 0, 38, 1, 7, 8, 31, 32, 39]) {
      expect(overlay.placeOf(1, address, keys[i]!)).toBe(places[i]);
    }
  });

  it("forgets places with the block, though their keys are asked for again", () => {
    const overlay = new Overlay(noState);
    const [first, second] = [key(1), key(2)];
    overlay.placeOf(1, address, first);
    overlay.setAt(overlay.placeOf(1, address, second), bytes(2));
    overlay.reset(imageWith(2, bytes(5)));
    expect(overlay.getAt(overlay.placeOf(1, address, second))).toEqual(bytes(5));
    expect(overlay.touches().count).toBe(1);
  });

  it("drops a note when its value is written, deleted or rolled back", () => {
    const overlay = new Overlay(imageWith(1, bytes(1)));
    const place = overlay.placeOf(1, address, key(1));
    overlay.setNote(place, "first");
    const checkpoint = overlay.checkpoint();
    overlay.set(1, address, key(1), bytes(2));
    expect(overlay.noteAt(place)).toBeUndefined();
    overlay.setNote(place, "second");
    overlay.rollback(checkpoint);
    expect(overlay.noteAt(place)).toBeUndefined();
    overlay.setNote(place, "first again");
    overlay.delete(1, address, key(1));
    expect(overlay.noteAt(place)).toBeUndefined();
  });

  it("takes nothing back to before checkpoints that were given up", () => {
    const overlay = new Overlay(noState);
    const before = overlay.checkpoint();
    overlay.set(1, address, key(1), bytes(1));
    const given = overlay.checkpoint();
    overlay.forgetCheckpoints();
    overlay.set(1, address, key(1), bytes(2));
    expect(() => overlay.rollback(given + 1)).toThrow("earlier checkpoint");
    overlay.rollback(before);
    expect(overlay.get(1, address, key(1))).toEqual(bytes(1));
  });

  it("keeps touches and reads of what was rolled back", () => {
    const overlay = new Overlay(imageWith(1, new Uint8Array(100)));
    const checkpoint = overlay.checkpoint();
    overlay.open(1, address, key(1))?.read(40, 10);
    overlay.set(1, address, key(2), bytes(1));
    overlay.delete(1, address, key(3));
    overlay.rollback(checkpoint);
    expect(overlay.changes().count).toBe(0);
    const touches = overlay.touches();
    expect(touches.count).toBe(3);
    expect([0, 1, 2].map((t) => touches.opened(t))).toEqual([true, false, false]);
    expect([0, 1, 2, 3].map((c) => touches.read(0, c))).toEqual([false, true, false, false]);
  });

  it("records the pieces of pre-state values only, at both sides of the 32nd chunk", () => {
    const overlay = new Overlay(imageWith(1, new Uint8Array(65_536)));
    const opened = overlay.open(1, address, key(1))!;
    opened.read(31 * 32, 32);
    opened.read(32 * 32 + 5, 1);
    opened.read(2046 * 32 + 31, 2);
    opened.read(64, 0);
    const touches = overlay.touches();
    const chunks = Array.from({ length: 2048 }, (_, c) => c).filter((c) => touches.read(0, c));
    expect(chunks).toEqual([31, 32, 2046, 2047]);
    opened.read(0, 65_536);
    expect(Array.from({ length: 2048 }, (_, c) => touches.read(0, c)).every(Boolean)).toBe(true);

    overlay.set(1, address, key(2), new Uint8Array(64));
    overlay.get(1, address, key(2));
    expect(overlay.touches().opened(1)).toBe(false);
    expect(overlay.touches().read(1, 0)).toBe(false);
  });

  it("marks a value that was opened but not read, and an absence", () => {
    const overlay = new Overlay(imageWith(1, bytes(1)));
    expect(overlay.open(1, address, key(1))?.length).toBe(1);
    overlay.open(1, address, key(5));
    const touches = overlay.touches();
    expect(touches.opened(0) && touches.opened(1)).toBe(true);
    expect(touches.read(0, 0)).toBe(false);
  });

  it("lists net changes only: a value written back to what it was is none", () => {
    const overlay = new Overlay(imageWith(1, bytes(1, 2)));
    overlay.open(1, address, key(1));
    overlay.set(1, address, key(1), bytes(5));
    overlay.set(1, address, key(1), bytes(1, 2));
    overlay.open(1, address, key(2));
    overlay.set(1, address, key(2), bytes(1));
    overlay.delete(1, address, key(2));
    overlay.set(1, address, key(3), bytes(3));
    const changes = overlay.changes();
    expect(changes.count).toBe(1);
    expect(changes.values[0]).toEqual(bytes(3));
  });

  it("serves the next block after reset as if new", () => {
    const overlay = new Overlay(imageWith(1, new Uint8Array(2000)));
    overlay.get(1, address, key(1));
    overlay.set(1, address, key(2), bytes(1));
    overlay.reset(noState);
    expect(overlay.touches().count).toBe(0);
    expect(overlay.changes().count).toBe(0);
    expect(overlay.checkpoint()).toBe(0);
    expect(overlay.open(1, address, key(2))).toBeUndefined();
    expect(overlay.open(1, address, key(1))).toBeUndefined();
    expect(overlay.touches().read(1, 0)).toBe(false);
  });

  it("behaves as copies of a map under nested checkpoints", () => {
    type Op = { kind: "set" | "delete" | "open" | "mark" | "back"; n: number };
    const op: fc.Arbitrary<Op> = fc.record({
      kind: fc.constantFrom("set", "set", "delete", "open", "mark", "back"),
      n: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
        const start = [0, 1, 2, 3].map((n) => ({ n, value: bytes(n, n) }));
        const image = new StateImage({ hasher: pureStateHasher });
        image.apply(toChanges(start));
        const overlay = new Overlay(image);
        let model: NaiveState = new Map();
        applyNaive(model, start);
        const stack: { checkpoint: number; model: NaiveState }[] = [];
        ops.forEach(({ kind, n }, step) => {
          const k = testKey(n);
          if (kind === "set") {
            overlay.set(k.cls, k.address, k.key, bytes(step & 255, n));
            model.set(keyName(k), bytes(step & 255, n));
          } else if (kind === "delete") {
            overlay.delete(k.cls, k.address, k.key);
            model.delete(keyName(k));
          } else if (kind === "open") {
            expect(overlay.get(k.cls, k.address, k.key)?.slice()).toEqual(model.get(keyName(k)));
          } else if (kind === "mark") {
            stack.push({ checkpoint: overlay.checkpoint(), model: new Map(model) });
          } else {
            const back = stack.pop();
            if (back === undefined) return;
            overlay.rollback(back.checkpoint);
            model = back.model;
          }
        });
        const store = memoryStore();
        store.apply(toChanges(start));
        const after = new StateImage({ hasher: pureStateHasher });
        after.apply(toChanges(start));
        const fresh = new StateImage({ hasher: pureStateHasher });
        const content = new StateChanges();
        for (const [name, value] of model) content.addPacked(Buffer.from(name, "hex"), 0, value);
        expect(after.apply(overlay.changes())).toEqual(fresh.apply(content));
      }),
      { seed, numRuns: 200 },
    );
  });
});
