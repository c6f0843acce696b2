// The definition of state roots as plainly as it can be written, with node's own SHA-256, and the
// random states that property tests run on. Shares no code with host/state but the names of keys.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { StateChanges } from "../../../host/state/state-changes.ts";
import type { StateClass } from "../../../host/state/state-key.ts";

export const seed = 20_251;

export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** Commitment of a value, by the definition. */
export function naiveCommitment(value: Uint8Array): Uint8Array {
  let level: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += 32) {
    const chunk = new Uint8Array(32);
    chunk.set(value.subarray(at, at + 32));
    level.push(chunk);
  }
  if (level.length === 0) level.push(new Uint8Array(32));
  while (!Number.isInteger(Math.log2(level.length))) level.push(new Uint8Array(32));
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) above.push(sha256(level[i]!, level[i + 1]!));
    level = above;
  }
  const length = new Uint8Array(32);
  new DataView(length.buffer).setUint32(28, value.length);
  return sha256(level[0]!, length);
}

export interface NaiveLeaf {
  readonly path: Uint8Array;
  readonly commitment: Uint8Array;
}

/** Root of a subtree whose leaves share the first `depth` bits. */
export function naiveRoot(leaves: readonly NaiveLeaf[], depth = 0): Uint8Array {
  if (leaves.length === 0) return new Uint8Array(32);
  if (leaves.length === 1) {
    const hash = sha256(leaves[0]!.path, leaves[0]!.commitment);
    hash[0]! |= 0x80;
    return hash;
  }
  const bit = (leaf: NaiveLeaf) => (leaf.path[depth >> 3]! >> (7 - (depth & 7))) & 1;
  const left = naiveRoot(
    leaves.filter((leaf) => bit(leaf) === 0),
    depth + 1,
  );
  const right = naiveRoot(
    leaves.filter((leaf) => bit(leaf) === 1),
    depth + 1,
  );
  const hash = sha256(left, right);
  hash[0]! &= 0x7f;
  return hash;
}

/** A state as test code holds it: values by the hexadecimal packed key. */
export type NaiveState = Map<string, Uint8Array>;

export function naiveStateRoot(state: NaiveState): Uint8Array {
  return naiveRoot(
    [...state].map(([key, value]) => ({
      path: sha256(Buffer.from(key, "hex")),
      commitment: naiveCommitment(value),
    })),
  );
}

export interface TestKey {
  readonly cls: StateClass;
  readonly address: Uint8Array;
  readonly key: Uint8Array;
}

export function testKey(n: number): TestKey {
  const cls = (n % 3) as StateClass;
  const address = new Uint8Array(20).fill(n % 5);
  const key = new Uint8Array(32);
  if (cls !== 0) new DataView(key.buffer).setUint32(28, n);
  else new DataView(address.buffer).setUint32(0, n);
  return { cls, address, key };
}

export function keyName({ cls, address, key }: TestKey): string {
  return Buffer.concat([Buffer.from([cls]), address, key]).toString("hex");
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Changes as a list, applied to a naive state and as StateChanges. */
export interface TestChange {
  readonly n: number;
  readonly value: Uint8Array | undefined;
}

/** With hints of leaves that are right by chance only, so that whoever believes one is found out. */
export function toChanges(list: readonly TestChange[]): StateChanges {
  const last = new Map(list.map((change) => [change.n, change.value]));
  const changes = new StateChanges();
  for (const [n, value] of last) {
    const { cls, address, key } = testKey(n);
    changes.add(cls, address, key, value);
    changes.leaves[changes.count - 1] = (7 * n) % 160;
  }
  return changes;
}

export function applyNaive(state: NaiveState, list: readonly TestChange[]): void {
  for (const { n, value } of list) {
    const name = keyName(testKey(n));
    if (value === undefined) state.delete(name);
    else state.set(name, value);
  }
}

/** Values over every boundary of the chunk tree and of the value heap. */
export const valueArbitrary = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc
    .constantFrom(0, 1, 31, 32, 33, 63, 64, 65, 96, 97, 128, 129, 256, 257, 1024, 1025)
    .chain((n) => fc.uint8Array({ minLength: n, maxLength: n })),
);

export function changesArbitrary(keys: number, length: number) {
  return fc.array(
    fc.record({
      n: fc.nat(keys - 1),
      value: fc.option(valueArbitrary, { nil: undefined, freq: 2 }),
    }),
    { maxLength: length },
  );
}
