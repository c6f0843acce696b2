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

/** The coefficients that every table had before decision 0038. */
function fixedCoefficients(): Int32Array {
  let state = 0;
  return Int32Array.from({ length: 28 }, () => {
    state = (state + 0x9e3779b9) | 0;
    const y = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    const z = Math.imul(y ^ (y >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  });
}

it("hashes so that no contract can choose keys that collide", () => {
  const walkOf = (table: KeyTable, halves: readonly number[]): number => {
    const key = new Uint16Array(16).fill(32_768);
    for (let n = 0; n < 2_000; n++) {
      halves.forEach((half, i) => {
        key[i]! += half;
      });
      expect(table.find(1, new Uint8Array(20), new Uint8Array(key.buffer))).toBe(0);
      table.add();
    }
    return table.longestWalk();
  };
  // Of the slow program "keys that collided": the sum of coefficient × half is 0 modulo 2^32.
  const collided = [0, 1, 2, 2, 3, 1, 3, 3, 1, 3, 2, 2, 0, 1, 1, 3];
  expect(walkOf(new KeyTable(fixedCoefficients()), collided)).toBe(2_001);
  expect(walkOf(new KeyTable(), collided)).toBeLessThan(200);
  // One up and one down, of coefficients that are all the same.
  const opposed = [1, -1, ...Array(14).fill(0)];
  expect(walkOf(new KeyTable(new Int32Array(28)), opposed)).toBe(2_001);
  expect(walkOf(new KeyTable(), opposed)).toBeLessThan(200);
});

it("spreads keys whose sums lie side by side", () => {
  const table = new KeyTable(new Int32Array(28));
  const key = new Uint16Array(16);
  for (key[3] = 1; key[3] <= 2_000; key[3] += 1) {
    expect(table.find(1, new Uint8Array(20), new Uint8Array(key.buffer))).toBe(0);
    table.add();
  }
  expect(table.longestWalk()).toBeLessThan(200);
});

it("draws its coefficients anew in every thread", async () => {
  vi.resetModules();
  const drawn = vi.spyOn(crypto, "getRandomValues");
  await import("../../../host/state/key-table.ts");
  expect(drawn.mock.calls.map(([words]) => words)).toEqual([expect.any(Int32Array)]);
  const [words] = drawn.mock.calls[0] as [Int32Array];
  expect([words.length, new Set(words).size]).toEqual([28, 28]);
});

it("finds a key of another table, whatever the coefficients of both", () => {
  const pairs = fc.oneof(
    fc.constant([null, null]),
    fc.tuple(fc.option(coefficients), fc.option(coefficients)),
  );
  const sets = fc.tuple(fc.uniqueArray(fc.nat(60)), fc.uniqueArray(fc.nat(60)));
  fc.assert(
    fc.property(pairs, sets, (randoms, members) => {
      const [table, other] = randoms.map((random) => new KeyTable(random ?? undefined)) as [
        KeyTable,
        KeyTable,
      ];
      const seek = (one: KeyTable, n: number) => {
        const key = testKey(n);
        return one.find(key.cls, key.address, key.key);
      };
      const add = (one: KeyTable, n: number) => {
        expect(seek(one, n)).toBe(0);
        return one.add();
      };
      const indexes = new Map(members[0].map((n) => [n, add(table, n)]));
      const indexesInOther = new Map(members[1].map((n) => [n, add(other, n)]));
      for (const [n, index] of indexesInOther) {
        // Looked for before, so that nothing of the key is left from then.
        seek(table, 1_000 + n);
        expect(table.findOf(other, index)).toBe(indexes.get(n) ?? 0);
        const sought = new Uint8Array(STATE_KEY_BYTES);
        table.copySought(sought, 0);
        expect(sought).toEqual(other.keyAt(index));
        if (!indexes.has(n)) indexes.set(n, table.add());
        expect(seek(table, n)).toBe(indexes.get(n));
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
