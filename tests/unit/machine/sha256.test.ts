// sha256 of the proof machine against node:crypto.
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { assemblyProbe, FREE_MEMORY, type Probe } from "../../support/assembly-probe.ts";
import { Random } from "../../support/random.ts";

const reference = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const random = new Random(0x5a256);
const randomBytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));

describe("sha256 of the machine", () => {
  let probe: Probe;
  beforeAll(async () => {
    probe = await assemblyProbe('export { sha256, sha256Pair } from "./assembly/machine/sha256";');
  });

  const outAt = FREE_MEMORY;
  const inputAt = FREE_MEMORY + 64;
  const readOut = (at: number): string =>
    Buffer.from(probe.memory.subarray(at, at + 32)).toString("hex");

  it("hashes messages of every length up to four blocks, and longer ones", () => {
    const lengths = [...Array(257).keys(), 1_000, 1_023, 1_024, 65_536];
    for (const length of lengths) {
      const message = randomBytes(length);
      probe.memory.set(message, inputAt);
      probe.call("sha256", inputAt, length, outAt);
      expect(readOut(outAt), `length ${length}`).toBe(reference(message));
    }
  });

  it("hashes pairs like messages of 64 bytes", () => {
    for (let i = 0; i < 200; i++) {
      const message = randomBytes(64);
      probe.memory.set(message, inputAt);
      probe.call("sha256Pair", inputAt, outAt);
      expect(readOut(outAt)).toBe(reference(message));
    }
  });

  it("may write its result over its input", () => {
    const message = randomBytes(100);
    probe.memory.set(message, inputAt);
    probe.call("sha256", inputAt, 100, inputAt + 7);
    expect(readOut(inputAt + 7)).toBe(reference(message));
    probe.memory.set(message, inputAt);
    probe.call("sha256Pair", inputAt, inputAt + 32);
    expect(readOut(inputAt + 32)).toBe(reference(message.subarray(0, 64)));
  });

  it("leaves the bytes around its result alone", () => {
    probe.memory.fill(0xee, inputAt, inputAt + 96);
    probe.call("sha256", inputAt, 0, inputAt + 32);
    const around = [
      ...probe.memory.subarray(inputAt, inputAt + 32),
      ...probe.memory.subarray(inputAt + 64, inputAt + 96),
    ];
    expect(around.every((byte) => byte === 0xee)).toBe(true);
  });
});
