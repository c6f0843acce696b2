// The hash table over packed state keys against a plain map, whatever its coefficients.

import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { KeyTable } from "../../../host/state/key-table.ts";
import { STATE_KEY_BYTES } from "../../../host/state/state-key.ts";
import { keyName, seed, testKey } from "./reference.ts";

const coefficients = fc
  .array(fc.integer(), { minLength: 28, maxLength: 28 })
  .map((words) => Int32Array.from(words));

it("finds what was added, forgets what was removed and uses indexes again", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 600 }), coefficients, (toggles, random) => {
      const table = new KeyTable(random);
      const model = new Map<string, number>();
      for (const n of toggles) {
        const key = testKey(n);
        const index = table.find(key.cls, key.address, key.key);
        expect(index).toBe(model.get(keyName(key)) ?? 0);
        if (index === 0) {
          model.set(keyName(key), table.add());
        } else {
          table.remove(index);
          model.delete(keyName(key));
        }
      }
      expect(table.size).toBe(model.size);
      expect(new Set(model.values()).size).toBe(model.size);
      for (let n = 0; n <= 300; n++) {
        const key = testKey(n);
        expect(table.find(key.cls, key.address, key.key)).toBe(model.get(keyName(key)) ?? 0);
      }
    }),
    { seed, numRuns: 60 },
  );
});

it("tells whether a key stands at an index, whatever the index", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (toggles) => {
      const table = new KeyTable();
      for (const n of toggles) {
        const key = testKey(n);
        const index = table.find(key.cls, key.address, key.key);
        if (index === 0) table.add();
        else table.remove(index);
        if (n % 7 === 0) table.reserve();
      }
      for (let n = 0; n <= 30; n++) {
        const packed = Uint8Array.from(Buffer.from(`ff${keyName(testKey(n))}`, "hex"));
        const index = table.findPacked(packed, 1);
        for (let other = 1; other < 2 * table.end + 70; other++) {
          expect(table.isAt(other, packed, 1)).toBe(other === index);
        }
      }
    }),
    { seed, numRuns: 20 },
  );
});

it("gives an index its key later, or never", () => {
  const table = new KeyTable();
  const indexes = Array.from({ length: 300 }, () => table.reserve());
  expect(new Set(indexes).size).toBe(300);
  const seek = (n: number): number => {
    const { cls, address, key } = testKey(n);
    return table.find(cls, address, key);
  };
  for (let n = 0; n < 300; n += 2) {
    expect(seek(n)).toBe(0);
    table.name(indexes[n]!);
  }
  for (let n = 0; n < 300; n++) {
    expect(seek(n)).toBe(n % 2 === 0 ? indexes[n] : 0);
    expect(table.isNamed(indexes[n]!)).toBe(n % 2 === 0);
  }
  for (const index of indexes) table.remove(index);
  expect(table.size).toBe(0);
  for (let n = 0; n < 300; n++) expect(seek(n)).toBe(0);
  expect(table.isNamed(table.reserve())).toBe(false);
});

it("draws its coefficients where no contract can know them", async () => {
  vi.resetModules();
  const drawn = vi.spyOn(crypto, "getRandomValues");
  const { KeyTable: anew } = await import("../../../host/state/key-table.ts");
  expect(drawn.mock.calls.map(([words]) => words)).toEqual([expect.any(Int32Array)]);
  const [words] = drawn.mock.calls[0] as [Int32Array];
  expect([words.length, new Set(words).size]).toEqual([28, 28]);
  new anew();
  expect(drawn).toHaveBeenCalledOnce();
});

it("finds a key of another table, whatever the coefficients of both", () => {
  const pairs = fc.tuple(fc.option(coefficients), fc.option(coefficients));
  const sets = fc.tuple(fc.uniqueArray(fc.nat(60)), fc.uniqueArray(fc.nat(60)));
  fc.assert(
    fc.property(pairs, sets, (randoms, members) => {
      const [table, other] = randoms.map((random) => new KeyTable(random ?? undefined)) as [
        KeyTable,
        KeyTable,
      ];
      const indexIn = (one: KeyTable, n: number) => {
        const key = testKey(n);
        return one.find(key.cls, key.address, key.key);
      };
      for (const n of members[0]) if (indexIn(table, n) === 0) table.add();
      for (const n of members[1]) if (indexIn(other, n) === 0) other.add();
      for (const n of members[1]) {
        const expected = indexIn(table, n);
        expect(table.findOf(other, indexIn(other, n))).toBe(expected);
        const sought = new Uint8Array(STATE_KEY_BYTES);
        table.copySought(sought, 0);
        expect(sought).toEqual(other.keyAt(indexIn(other, n)));
        if (expected !== 0) continue;
        const added = table.add();
        expect(indexIn(table, n)).toBe(added);
      }
    }),
    { seed, numRuns: 60 },
  );
});

it("gives the same indexes whatever the coefficients", () => {
  const indexes = [1, 77, -5].map((one) => {
    const table = new KeyTable(Int32Array.from({ length: 28 }, (_, i) => Math.imul(one, i + 9)));
    return Array.from({ length: 500 }, (_, n) => {
      const key = testKey(n);
      table.find(key.cls, key.address, key.key);
      return table.add();
    });
  });
  expect(indexes[1]).toEqual(indexes[0]);
  expect(indexes[2]).toEqual(indexes[0]);
});

it("tells class, address and key apart in every byte", () => {
  const table = new KeyTable();
  const address = new Uint8Array(20);
  const key = new Uint8Array(32);
  table.find(1, address, key);
  const index = table.add();
  expect(table.find(0, address, key)).toBe(0);
  expect(table.find(2, address, key)).toBe(0);
  for (let i = 0; i < 52; i++) {
    const part = i < 20 ? address : key;
    part[i < 20 ? i : i - 20] = 1;
    expect(table.find(1, address, key)).toBe(0);
    part[i < 20 ? i : i - 20] = 0;
  }
  expect(table.find(1, address, key)).toBe(index);
});

it("is empty after clear and fills again from index 1", () => {
  const table = new KeyTable();
  for (let n = 0; n < 200; n++) {
    const key = testKey(n);
    table.find(key.cls, key.address, key.key);
    table.add();
  }
  table.clear();
  const key = testKey(3);
  expect(table.find(key.cls, key.address, key.key)).toBe(0);
  expect(table.add()).toBe(1);
  expect(table.size).toBe(1);
});

it("gives keys back byte by byte", () => {
  const table = new KeyTable();
  const packed = Uint8Array.from({ length: 60 }, (_, i) => 255 - i);
  packed[3] = 2;
  expect(table.findPacked(packed, 3)).toBe(0);
  const index = table.add();
  expect(table.findPacked(packed, 3)).toBe(index);
  const out = new Uint8Array(60);
  table.copyKey(index, out, 5);
  expect(out.subarray(5, 58)).toEqual(packed.subarray(3, 56));
  expect(out.subarray(58)).toEqual(new Uint8Array(2));
});
