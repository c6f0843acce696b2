// The step function is total: words with random fields on random frames, most of them states that no run
// reaches. The judge accepts the reference machine's proof, both judges say the same, a stuck state is the
// state before with another status, and a halted or stuck state stays.
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import {
  decodeHeader,
  encodeHeader,
  isWellFormed,
  Status,
  stateHash,
} from "../../../host/dispute/judge-header.ts";
import { opcodeTable } from "../../../host/machine/opcode-table.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import type { FrameTrees, JudgeMachine } from "../../support/judge-machine.ts";
import { Random } from "../../support/random.ts";
import { RegionTree } from "../../support/region-tree.ts";
import { bareMachine, proveAndJudge } from "../../support/word-machine.ts";

const HOST = 0x211;
const EDGES = [0, 1, 2, 15, 16, 17, 127, 128, 255, 2_047, 65_535];
const WIDE = [...EDGES, 65_536, 2 ** 19 - 1, 2 ** 19, 2 ** 31, 2 ** 32 - 1];

/** One word; host calls are left out: their states are in made-up-states.test.ts. */
function randomWord(random: Random): Uint8Array {
  const rows = opcodeTable.filter(({ opcode }) => opcode !== HOST);
  const view = new DataView(new ArrayBuffer(16));
  const opcode = random.oneIn(30) ? random.below(0x220) : random.pick(rows).opcode;
  view.setUint16(0, opcode === HOST ? 0xffff : opcode, true);
  view.setUint16(2, random.oneIn(3) ? random.pick(EDGES) : random.below(4), true);
  view.setUint32(4, random.oneIn(3) ? random.pick(WIDE) : random.below(40), true);
  const imm = random.oneIn(8)
    ? 2n ** 64n - 1n
    : BigInt(random.oneIn(3) ? random.pick(WIDE) : random.below(40));
  view.setBigUint64(8, imm, true);
  return new Uint8Array(view.buffer);
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => (random.oneIn(3) ? random.below(256) : 0));
}

function randomFrame(random: Random): JudgeMachine {
  const machine = bareMachine();
  const pc = random.oneIn(20) ? 2 ** 19 - 1 : random.below(8);
  const code = new RegionTree(16);
  const leaf = new Uint8Array(128);
  const word = randomWord(random);
  leaf.set(word, 16 * (pc & 7));
  code.set(pc >> 3, leaf);
  const table = randomBytes(random, 256);
  table.fill(0xff, 0, 8);
  const trees: FrameTrees = [
    code,
    RegionTree.of(19, randomBytes(random, 1_000)),
    new RegionTree(12),
    RegionTree.of(4, randomBytes(random, 512)),
    RegionTree.of(7, table),
  ];
  const fp = random.oneIn(6) ? random.pick([0, 65_530, 65_536]) : random.below(30);
  const registers = {
    ...{ status: Status.run, phase: random.oneIn(40) ? random.pick([1, 2]) : 0, pc, fp },
    resume: random.oneIn(6) ? random.pick([1, 5, 40]) : 0,
    sp: random.oneIn(6) ? random.pick([0, 1, 2, 65_535, 65_536]) : fp + random.below(30),
    pages: random.oneIn(4) ? random.pick([0, 1_024]) : 1,
    depth: random.oneIn(3) ? random.pick([0, 65_536]) : 500,
    gas: random.oneIn(3) ? BigInt(random.pick([-1, 0, 1, 2 ** 40])) : 1_000n,
  };
  if (registers.sp > 65_536) registers.sp = 65_536;
  const slots = Array.from({ length: 64 }, () =>
    random.oneIn(3)
      ? (BigInt(random.next()) << 32n) | BigInt(random.next())
      : BigInt(random.oneIn(3) ? random.next() : random.below(300)),
  );
  machine.beginFrame(trees, registers, slots);
  return machine;
}

describe("the step function", () => {
  it("is total on frames that no run reaches, and both judges agree", () => {
    const random = new Random(77);
    const verifier = new StepVerifier();
    const ends = new Map<number, number>();
    for (let i = 0; i < 1_500; i++) {
      const machine = randomFrame(random);
      const before = machine.header;
      const pre = stateHash(before);
      const proof = proveAndJudge(machine);
      const after = machine.header;
      expect(isWellFormed(after)).toBe(true);
      ends.set(after.status, (ends.get(after.status) ?? 0) + 1);
      if (after.status === Status.stuck) {
        const expected = { ...before, status: Status.stuck, phase: 0, resume: 0 };
        expect(toHex(encodeHeader(after))).toBe(toHex(encodeHeader(expected)));
      }
      expect(verifier.verify(pre, proof), `frame ${i}`).toEqual({
        valid: true,
        post: stateHash(after),
      });
    }
    console.log(`ends by status: ${JSON.stringify([...ends])}`);
    expect(ends.get(Status.run)).toBeGreaterThan(300);
    expect(ends.get(Status.stuck)).toBeGreaterThan(100);
    expect(ends.get(Status.phase)).toBeGreaterThan(100);
  });

  it("leaves halted and stuck states as they are", () => {
    const machine = bareMachine();
    for (const status of [Status.halted, Status.stuck]) {
      const header = { ...machine.header, status, phase: 0, gas: 5n };
      const proof = Uint8Array.from([...encodeHeader(header), 0]);
      expect(judgeStep(stateHash(header), proof)).toEqual({ post: stateHash(header) });
      expect(decodeHeader(encodeHeader(header))).toEqual(header);
    }
  });
});
