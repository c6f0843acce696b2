// Commitments of a frame: roots of fresh regions are those that prepare wrote into the code record, the
// incremental trees equal a full rebuild at any time, and one hash per step equals stepping by hand.
import { describe, expect, it } from "vitest";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { FrameTrees } from "../../../host/machine/frame-trees.ts";
import { Machine, MachineEnd, type MachineFrame } from "../../../host/machine/machine.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { entriesOf, lawRules } from "../../support/laws-of-metering.ts";
import { Random } from "../../support/random.ts";
import { randomModule } from "../../support/random-module.ts";
import { regionRootOf } from "../../support/region-roots.ts";

const surroundings = {
  hostRecordRoot: new Uint8Array(32).fill(7),
  parentHash: new Uint8Array(32).fill(9),
};

const machine = new Machine();

function begin(seed: number, gas: bigint): { frame: MachineFrame; trees: FrameTrees } {
  const prepared = prepareModule(randomModule(seed).wasm, lawRules, { entryRequired: false });
  const random = new Random(seed);
  const entry = random.pick(entriesOf(prepared, random));
  const view = new DataView(prepared.words.buffer, prepared.words.byteOffset);
  const frame = machine.begin(machine.program(prepared), {
    gas,
    depth: 65_536,
    args: entry.args,
    entryPc:
      entry.funcidx === undefined
        ? prepared.layout.entryPc
        : view.getUint32(entry.funcidx * 16 + 4, true),
  });
  return { frame, trees: new FrameTrees(machine, frame, surroundings) };
}

/** The header's root of region `index`. */
const rootAt = (header: Uint8Array, index: number) => header.slice(32 * index, 32 * index + 32);

function expectRebuilt(frame: MachineFrame, header: Uint8Array, where: string): void {
  const { places, program } = frame;
  const stack = machine.bytes(places.stack, 65_536 * 8);
  const roots = [
    regionRootOf(program.words, 16),
    regionRootOf(frame.memory(), 19),
    regionRootOf(stack, 12),
    regionRootOf(new Uint8Array(frame.globals().buffer), 4),
    regionRootOf(program.initial.table, 7),
  ];
  roots.forEach((root, index) => {
    expect(rootAt(header, index), `region ${index}, ${where}`).toEqual(root);
  });
  const registers = new DataView(header.buffer, header.byteOffset + 224, 32);
  expect(registers.getUint32(0)).toBe(frame.pc);
  expect(registers.getUint32(4)).toBe(frame.sp);
  expect(registers.getUint32(8)).toBe(frame.fp);
  expect(registers.getUint32(12)).toBe(frame.pages);
  expect(registers.getUint32(16)).toBe(frame.depth);
  expect(registers.getBigInt64(20)).toBe(frame.gas);
  expect([...header.subarray(252, 254)]).toEqual([1, 0]);
}

/** Host words do nothing here but return 1. */
function passHostWord(frame: MachineFrame): boolean {
  if (frame.end !== MachineEnd.host) return false;
  frame.finishHostWord(1n);
  return true;
}

describe("the commitments of a frame", () => {
  it("start with the roots of the code record", () => {
    for (let seed = 1; seed < 40; seed++) {
      const { frame, trees } = begin(seed, 1n);
      const { codeRecord } = frame.program.prepared;
      const header = trees.header();
      expect(rootAt(header, 1)).toEqual(codeRecord.memoryRoot);
      expect(rootAt(header, 3)).toEqual(codeRecord.globalsRoot);
      expect(rootAt(header, 4)).toEqual(codeRecord.tableRoot);
      expect(rootAt(header, 0)).toEqual(codeRecord.codeRoot);
      expect(header.slice(160, 192)).toEqual(surroundings.hostRecordRoot);
      expect(header.slice(192, 224)).toEqual(surroundings.parentHash);
      trees.release();
      machine.end(frame);
    }
  });

  it("equal a full rebuild after any number of steps", () => {
    for (let seed = 100; seed < 130; seed++) {
      const random = new Random(seed);
      const { frame, trees } = begin(seed, 20_000n);
      for (let round = 0; round < 5; round++) {
        const where = `seed ${seed}, round ${round}`;
        if (random.oneIn(2)) machine.runFast(frame, BigInt(1 + random.below(400)));
        else machine.runExact(frame, BigInt(random.below(60)));
        passHostWord(frame);
        const header = trees.header();
        expectRebuilt(frame, header, where);
        expect(trees.stateHash()).toEqual(keccak256(header));
        if (frame.end !== MachineEnd.limit) break;
      }
      trees.release();
      machine.end(frame);
    }
  });

  it("are the same when made after every step", () => {
    let compared = 0;
    for (let seed = 200; seed < 240; seed++) {
      const one = begin(seed, 6_000n);
      const other = begin(seed, 6_000n);
      for (;;) {
        const hashes = one.trees.commitSteps(150);
        for (let at = 0; at < hashes.length; at += 32) {
          machine.runExact(other.frame, 1n);
          compared++;
          if (compared % 7 !== 0) continue;
          expect(other.trees.stateHash(), `seed ${seed}`).toEqual(hashes.slice(at, at + 32));
        }
        expect(one.frame.steps - other.frame.steps).toBeLessThanOrEqual(1n);
        if (one.frame.end === MachineEnd.limit) continue;
        if (one.frame.end === MachineEnd.host) machine.runExact(other.frame, 1n);
        passHostWord(other.frame);
        if (!passHostWord(one.frame)) break;
      }
      for (const { frame, trees } of [one, other]) {
        trees.release();
        machine.end(frame);
      }
    }
    expect(compared).toBeGreaterThan(2_000);
  });
});
