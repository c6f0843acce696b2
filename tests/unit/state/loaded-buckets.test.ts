// The columns of buckets in memory against a plain map, whose order of insertion is theirs.

import fc from "fast-check";
import { expect, it } from "vitest";
import { LoadedBuckets } from "../../../host/state/loaded-buckets.ts";
import { hex, seed, sha256 } from "./reference.ts";

it("keeps path, depth, last change and order of what was added and not removed", () => {
  const step = fc.constantFrom(
    "add",
    "add",
    "remove",
    "change",
    "take and remove",
    "take and keep",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat(500)), { maxLength: 900 }), (steps) => {
      const loaded = new LoadedBuckets();
      const model = new Map<number, { path: Uint8Array; depth: number; changed: number }>();
      const taken: number[] = [];
      let last = 0;
      for (const [what, n] of steps) {
        const bucket = 1 + (n % (last + 1));
        const [first] = model;
        if (what === "add") {
          const added = (n % 2 === 0 ? taken.pop() : undefined) ?? (last += 1 + (n % 3));
          const entry = { path: sha256(Uint8Array.of(n, added)), depth: n & 255, changed: n - 1 };
          loaded.add(added, entry.path, entry.depth, entry.changed);
          model.set(added, entry);
        } else if (what === "change" || what === "remove") {
          const entry = model.get(bucket);
          expect(loaded.has(bucket)).toBe(entry !== undefined);
          if (entry === undefined) continue;
          if (what === "change") loaded.setChanged(bucket, (entry.changed = n));
          else loaded.remove(bucket);
          if (what === "remove") model.delete(bucket);
        } else {
          expect(loaded.takeFirst()).toBe(first?.[0] ?? 0);
          if (first === undefined) continue;
          model.delete(first[0]);
          if (what === "take and remove") {
            loaded.remove(first[0]);
            taken.push(first[0]);
          } else {
            loaded.putBack(first[0]);
            model.set(...first);
          }
        }
      }
      for (const [bucket, { path, depth, changed }] of model) {
        expect(hex(loaded.pathOf(bucket))).toBe(hex(path));
        expect([loaded.depthOf(bucket), loaded.changedAt(bucket)]).toEqual([depth, changed]);
      }
      expect([...model.keys()].every((bucket) => loaded.has(bucket))).toBe(true);
      expect(loaded.has(last + 1_000)).toBe(false);
    }),
    { seed, numRuns: 40 },
  );
});
