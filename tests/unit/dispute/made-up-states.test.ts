// Both judges say the same of every pair of pre hash and proof, whatever the state: real proofs of every kind of
// step, with header, host record, arguments, operands, words and pieces changed and the roots computed anew, so
// that the step is taken; then the same with leaves or pieces left out. No run reaches most of these states.
// PLASMA_MADE_UP=<states> runs more, PLASMA_SEED=<n> others.
import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { concat, numberBytes } from "../../../host/dispute/judge-bytes.ts";
import { Region, Status } from "../../../host/dispute/judge-header.ts";
import {
  Block,
  Data,
  Entry,
  type Field,
  Frame,
  Work,
  World,
} from "../../../host/dispute/judge-record.ts";
import { opcodeTable } from "../../../host/machine/opcode-table.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { edge, randomBytes } from "../../support/made-up-pieces.ts";
import { MadeUpState, type SealedProof } from "../../support/made-up-state.ts";
import { type ProofSample, proofSamples } from "../../support/proof-samples.ts";
import { Random } from "../../support/random.ts";

const STATES = Number(process.env.PLASMA_MADE_UP ?? 2_000);
const SEED = Number(process.env.PLASMA_SEED ?? 23);
const HOST = 0x211;
const HOST_CALLS = 19;
const PC_MAX = 2 ** 19 - 1;
const SLOT_MAX = 65_536;
const MEMORY_BYTES = 2 ** 26;

const fields: readonly Field[] = [World, Frame, Data, Work, Entry, Block].flatMap((leaf) =>
  Object.values<Field>(leaf),
);

const u32s = (random: Random, pages: number): number => {
  const end = pages * 65_536;
  const bounds = [0, end, MEMORY_BYTES, 2 ** 31, 2 ** 32];
  const near = random.pick([0, 1, 7, 20, 31, 32, 68, 127, 128, 129, 256, 65_536, 65_537]);
  const value = random.pick(bounds) + (random.oneIn(2) ? near : -near);
  return random.oneIn(12) ? random.next() : ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
};

function changeRegister(state: MadeUpState, random: Random) {
  const { header } = state;
  const slots = [0, 1, 2, 15, 16, 65_534, 65_535, SLOT_MAX, random.below(SLOT_MAX)];
  const change = random.pick([
    () => void (header.pc = random.pick([0, 7, PC_MAX, random.below(PC_MAX)])),
    () => void (header.sp = random.pick(slots)),
    () => void (header.fp = random.pick(slots)),
    () => void (header.pages = random.pick([0, 1, 2, 1_023, 1_024])),
    () => void (header.depth = random.pick([0, 1, 65_535, 65_536])),
    () => void (header.gas = BigInt.asIntN(64, BigInt(`0x${toHex(edge(random, 8)).slice(2)}`))),
    () => void (header.resume = random.pick([1, 2, 3, 4, 255, 256, 300, 511, 512, 600, 65_535])),
    () => void (header.resume = random.below(9)),
    () => void (header.parent = random.oneIn(2) ? new Uint8Array(32) : randomBytes(random, 32)),
    () => {
      header.status = random.pick([Status.phase, Status.phase, Status.run, Status.run, 2, 3]);
      header.phase =
        header.status === Status.phase
          ? 1 + random.below(16)
          : header.status === Status.run
            ? random.below(3)
            : 0;
    },
  ]);
  change();
}

function changeField(state: MadeUpState, random: Random) {
  const field = random.pick(fields);
  const [, , size] = field;
  state.setField(
    field,
    size > 16 || random.oneIn(4) ? randomBytes(random, size) : edge(random, size),
  );
}

/** A slot among the arguments, the operands and where a result goes. */
function changeSlot(state: MadeUpState, random: Random) {
  const { fp, sp, pages } = state.header;
  const slot = random.oneIn(2) ? fp + random.below(4) : sp - random.below(4);
  const high = random.oneIn(5) ? random.next() : 0;
  const low = random.oneIn(3) ? random.below(700) : u32s(random, pages);
  const bytes = concat(numberBytes(4, low).reverse(), numberBytes(4, high).reverse());
  state.write(Region.stack, 8 * Math.max(0, slot), bytes);
}

function changeWord(state: MadeUpState, random: Random) {
  const at = 16 * state.header.pc;
  const word = new DataView(state.read(Region.code, at, 16).buffer);
  const isHost = word.getUint16(0, true) === HOST;
  if (random.oneIn(8)) {
    const opcode = isHost ? HOST : random.pick(opcodeTable).opcode;
    word.setUint16(0, opcode, true);
    word.setUint16(2, random.below(HOST_CALLS + 2), true);
  }
  const wide = [
    0,
    1,
    2,
    8_191,
    8_192,
    65_535,
    65_536,
    2 ** 17,
    PC_MAX,
    2 ** 28,
    2 ** 29,
    2 ** 32 - 1,
  ];
  const low = random.oneIn(3) ? 2 ** 28 * random.below(16) + random.below(99) : random.pick(wide);
  if (random.oneIn(3)) word.setUint16(2, random.oneIn(2) ? random.below(2) : low, true);
  if (random.oneIn(2)) word.setUint32(4, low, true);
  if (random.oneIn(2))
    word.setBigUint64(8, BigInt(random.oneIn(2) ? random.pick(wide) : low), true);
  state.write(Region.code, at, new Uint8Array(word.buffer));
}

function changeBytes(state: MadeUpState, random: Random) {
  const region = random.pick([Region.memory, Region.globals, Region.table, Region.stack]);
  state.write(region, 8 * random.below(300), randomBytes(random, 16));
}

const changes = [changeRegister, changeRegister, changeField, changeField, changeSlot, changeSlot];

function madeUp({ proof }: ProofSample, random: Random): MadeUpState {
  const state = new MadeUpState(proof, random);
  const isWord = state.header.status === Status.run;
  const all = isWord ? [...changes, changeSlot, changeWord, changeBytes] : changes;
  for (let count = random.below(4); count >= 0; count--) random.pick(all)(state, random);
  return state;
}

/** The proof, without a leaf, with one more, or with other pieces. */
function spoiled(state: MadeUpState, sealed: SealedProof, random: Random): SealedProof {
  const opened = new Map(
    [...sealed.opened].map(([region, leaves]) => [
      region,
      new Map(leaves.map((leaf) => [leaf, 0])),
    ]),
  );
  let { pieces } = sealed;
  const regions = [...opened.keys()];
  const kind = random.below(4);
  if (kind === 0 && pieces.length > 0) {
    pieces = pieces.slice(0, random.oneIn(2) ? 0 : random.below(pieces.length));
  } else if (kind === 1) {
    pieces = concat(pieces, new Uint8Array(random.pick([1, 32])));
  } else if (kind === 2 && regions.length > 0) {
    const leaves = opened.get(random.pick(regions))!;
    leaves.set(random.below(16), 0);
  } else if (kind === 3 && pieces.length > 0) {
    pieces = pieces.slice();
    pieces[random.below(pieces.length)]! ^= 1 << random.below(8);
  }
  // Mostly a leaf is left out as well, so that what comes first decides.
  if (kind !== 2 && regions.length > 0 && !random.oneIn(3)) {
    const leaves = opened.get(random.pick(regions))!;
    leaves.delete(random.pick([...leaves.keys()]));
  }
  return state.proofOf(opened, pieces);
}

let samples: readonly ProofSample[];
const verifier = new StepVerifier();
beforeAll(async () => {
  samples = await proofSamples();
}, 120_000);

function agree(name: string, { pre, proof }: SealedProof): string {
  const judged = judgeStep(pre, proof);
  const ours = "post" in judged ? toHex(judged.post) : `${judged.rejected}`;
  const verdict = verifier.verify(pre, proof);
  const theirs = verdict.valid ? toHex(verdict.post) : `${verdict.rejection}`;
  expect(theirs, `${name}: pre ${toHex(pre)}, proof ${toHex(proof)}`).toBe(ours);
  return ours;
}

describe("made-up states", () => {
  it(`are judged alike, ${STATES} from seed ${SEED}`, { timeout: 3_600_000 }, () => {
    const codes = new Map<string, number>();
    const note = (said: string): void => {
      const code = said.startsWith("0x") ? "post" : said;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    };
    for (let i = 0; i < STATES; i++) {
      const random = new Random(SEED * 1_000_003 + i);
      const sample = samples[i % samples.length]!;
      const name = `seed ${SEED}, state ${i}, ${sample.name}`;
      const state = madeUp(sample, random);
      const sealed = state.seal();
      note(agree(name, sealed));
      for (let more = 0; more < 2; more++) note(agree(name, spoiled(state, sealed, random)));
    }
    console.log(`verdicts: ${JSON.stringify([...codes])}`);
    for (const code of ["post", "1", "2", "9", "10"])
      expect(codes.get(code), code).toBeGreaterThan(30);
  });
});
