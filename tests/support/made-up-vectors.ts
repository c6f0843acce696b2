// Vectors of steps from states that no run reaches (docs/machine.md section 1): real proofs of which one thing was
// changed and the roots computed anew. What a judge must say of them is the judges' to say; here is only what
// they are.
import { numberBytes } from "../../host/dispute/judge-bytes.ts";
import { Region } from "../../host/dispute/judge-header.ts";
import { Block, Entry } from "../../host/dispute/judge-record.ts";
import { MadeUpState, type SealedProof } from "./made-up-state.ts";
import type { ProofSample } from "./proof-samples.ts";
import { Random } from "./random.ts";

const SEED = 23;

type Change = (state: MadeUpState) => void;

const setSlot = (state: MadeUpState, slot: number, value: bigint): void =>
  state.write(Region.stack, 8 * slot, numberBytes(8, value).reverse());

/** Sets argument `i`. */
const argument =
  (i: number, value: number): Change =>
  (state) =>
    setSlot(state, state.header.fp + i, BigInt(value));

/** Sets field b of the word at pc. */
const setB =
  (b: number): Change =>
  (state) =>
    state.write(Region.code, 16 * state.header.pc + 4, numberBytes(4, b).reverse());

/** Sets the upper halves of the three operands. */
const upperHalves: Change = (state) => {
  for (let i = 1; i <= 3; i++) {
    state.write(Region.stack, 8 * (state.header.sp - i) + 4, Uint8Array.of(i, 0, 0, 9));
  }
};

/** The link of the frame, where `end` has it. */
const link =
  (value: bigint): Change =>
  (state) => {
    const word = state.read(Region.code, 16 * state.header.pc, 8);
    setSlot(state, state.header.fp + new DataView(word.buffer).getUint32(4, true), value);
  };

const all =
  (...changes: readonly Change[]): Change =>
  (state) => {
    for (const change of changes) change(state);
  };

const resume =
  (value: number): Change =>
  ({ header }) =>
    void (header.resume = value);

/** Name of the sample, what is changed, how. */
const ROWS: readonly (readonly [sample: string, what: string, change: Change])[] = [
  ["host call revert, going on", "pointer 0xFFFFFF00", argument(0, 0xffff_ff00)],
  ["host call revert, going on", "pointer behind all memory", argument(0, 2 ** 26 - 128)],
  ["host call revert, going on", "length 0xFFFFFFFF", argument(1, 0xffff_ffff)],
  [
    "host call storage_set, going on",
    "key behind all memory at the end",
    all(argument(0, 2 ** 26), resume(2)),
  ],
  ["host call emit, going on", "five topics at the end", all(argument(1, 5), resume(2))],
  ["host call account, second stage", "pointer 0xFFFFFFF0", argument(1, 0xffff_fff0)],
  ["host call input", "frame at the end of the stack", ({ header }) => void (header.fp = 65_535)],
  [
    "host call call, second stage",
    "gas below zero",
    ({ header }) => {
      header.gas = -65n;
    },
  ],
  ["word br", "b = 2^28", setB(2 ** 28)],
  ["word br_table", "b = 2^32 − 1", setB(2 ** 32 - 1)],
  ["word end", "b = 2^29", setB(2 ** 29)],
  ["word end", "link to a frame at 2^29", link(((2n ** 29n) << 32n) | 5n)],
  ["word end", "link to the word 2^28", link(2n ** 28n)],
  ["word locals", "resume over b", all(setB(1), resume(2))],
  ["word memory.copy", "upper halves", upperHalves],
  ["word memory.fill", "upper halves", upperHalves],
  ["phase 1", "index 2^20", (state) => state.setField(Block.index, numberBytes(4, 2 ** 20))],
  [
    "phase 2",
    "input length that wraps with the head",
    (state) => state.setField(Entry.inputLength, numberBytes(4, 2 ** 32 - 128)),
  ],
  [
    "phase 15",
    "gas used from 2^64 on",
    (state) => {
      state.header.gas = -1n;
      state.setField(Entry.gasLimit, numberBytes(8, 2n ** 64n - 1n));
    },
  ],
];

export interface MadeUpVector {
  readonly name: string;
  readonly sealed: SealedProof;
}

/** The rows, and two stage B steps whose proof lacks both the leaf of the state root and the path. */
export function madeUpVectors(samples: readonly ProofSample[]): MadeUpVector[] {
  const stateOf = (name: string): MadeUpState => {
    const sample = samples.find((candidate) => candidate.name === name);
    if (sample === undefined) throw new RangeError(`no sample ${name}`);
    return new MadeUpState(sample.proof, new Random(SEED));
  };
  const changed = ROWS.map(([sample, what, change]) => {
    const state = stateOf(sample);
    change(state);
    return { name: `${sample}: ${what}`, sealed: state.seal() };
  });
  const lacking = ["host call account, second stage", "host call storage_open, second stage"];
  const bare = lacking.map((name) => {
    const state = stateOf(name);
    const opened = new Map(
      [...state.seal().opened].map(([region, leaves]) => [
        region,
        new Map(leaves.map((leaf) => [leaf, true])),
      ]),
    );
    opened.get(Region.record)!.delete(0);
    return {
      name: `${name}: neither leaf 0 nor path`,
      sealed: state.proofOf(opened, new Uint8Array(0)),
    };
  });
  return [...changed, ...bare];
}
