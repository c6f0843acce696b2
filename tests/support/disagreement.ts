// What a differential run throws when two executors differ: where, and both values in one line each. Free of the
// test runner, so that the same comparison runs in tests, in long runs and on other engines.
import { inspect, isDeepStrictEqual } from "node:util";

const TEXT_MAX = 2_000;

export class Disagreement extends Error {
  override name = "Disagreement";
}

const show = (value: unknown): string =>
  inspect(value, { depth: 6, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 40 }).slice(
    0,
    TEXT_MAX,
  );

/** @throws Disagreement unless both values are equal, deeply and strictly */
export function agree(where: string, got: unknown, expected: unknown): void {
  if (isDeepStrictEqual(got, expected)) return;
  throw new Disagreement(`${where}:\n  got      ${show(got)}\n  expected ${show(expected)}`);
}

/** @throws Disagreement unless `condition` holds */
export function holds(condition: boolean, law: string): void {
  if (!condition) throw new Disagreement(law);
}

/** A short digest of memory: two 32-bit products over all its words. */
export function digestOf(bytes: Uint8Array): string {
  const whole = bytes.length >> 2;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, whole);
  let a = 0x811c_9dc5;
  let b = 0x9747_b28c;
  for (let i = 0; i < whole; i++) {
    a = Math.imul(a ^ words[i]!, 0x0100_0193);
    b = Math.imul((b << 13) | (b >>> 19), 5) + words[i]!;
  }
  for (let i = 4 * whole; i < bytes.length; i++) a = Math.imul(a ^ bytes[i]!, 0x0100_0193);
  const hex = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  return `${bytes.length}:${hex(a)}${hex(b)}`;
}
