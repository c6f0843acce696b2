// fixtures/vectors/step-proofs.json: proofs of every kind of step with what a judge must say of them, and one
// refused proof for each rejection code, and some from states that no run reaches. Both judges say it. UPDATE_GOLDEN=1 rewrites the file.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { judgeStep } from "../../../host/dispute/judge.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import { RejectionCode } from "../../../host/outcome.ts";
import { madeUpVectors } from "../../support/made-up-vectors.ts";
import { partsOf } from "../../support/proof-layout.ts";
import { IN_PREPARE, type ProofSample, proofSamples } from "../../support/proof-samples.ts";
import { zeroRoot } from "../../support/region-tree.ts";

const FILE = "fixtures/vectors/step-proofs.json";
const update = process.env.UPDATE_GOLDEN === "1";

interface Vector {
  readonly name: string;
  readonly pre: Hex;
  readonly proof: Hex;
  readonly post?: Hex;
  readonly rejected?: number;
}

interface VectorFile {
  readonly v: 1;
  readonly about: string;
  readonly proofs: readonly Vector[];
}

function flipped(proof: Uint8Array, at: number, bit = 1): Uint8Array {
  const copy = proof.slice();
  copy[at]! ^= bit;
  return copy;
}

/** Ends with the path of the first receipt: no sibling is given, here the deepest is. */
function withSibling(proof: Uint8Array): Uint8Array {
  return Uint8Array.from([...flipped(proof, proof.length - 3, 0x80), ...Array(32).fill(0x11)]);
}

/** Ends with the path of the first message: as above, with a bitmap of two bytes. */
function withOutboxSibling(proof: Uint8Array): Uint8Array {
  return Uint8Array.from([...flipped(proof, proof.length - 2, 0x80), ...Array(32).fill(0x11)]);
}

/** Words among the samples that the file has: the others differ from these in nothing but arithmetic. */
const WORDS = [
  ...["local.get", "i32.add", "i32.load", "i32.store", "global.set", "memory.grow"],
  ...["call", "end", "br_table", "memory.copy", "memory.fill", "charge_units", "drop"],
  ...["br", "br_if", "return", "if", "else", "select", "locals", "depth", "charge", "charge_check"],
  ...["local.set", "local.tee", "global.get", "i32.const", "i64.const", "memory.size"],
  ...["i32.div_u", "i32.shr_s", "i32.rotr", "i32.clz", "i64.mul", "i64.rotr", "i64.shr_s"],
  ...[
    "i32.wrap_i64",
    "i64.extend_i32_s",
    "i64.load32_u",
    "i32.load16_u",
    "i64.store",
    "i32.store8",
  ],
  ...["call_indirect", "call_indirect of another type, traps 3", "call_indirect of null, traps 3"],
  ...["call_indirect beyond the table, traps 3", "function", "i64.rem_s, traps 3"],
  ...["i32.div_s", "i32.rem_s", "i64.div_s", "i64.rem_s", "i64.div_u", "i64.div_s, traps 3"],
  ...["charge_check, traps 1", "depth, traps 2", "unreachable, traps 3"],
].map((name) => `word ${name}`);

function isShown({ name }: ProofSample): boolean {
  if (name.endsWith(IN_PREPARE)) return false;
  if (name.startsWith("word")) return WORDS.includes(name);
  return !/^phase 11 with 2(5[89]|6)/.test(name);
}

/** Proofs that are refused, by code: one with each, and some that only the order of checks decides. */
function refusedProofs(samples: readonly ProofSample[]): [number, ProofSample, Uint8Array][] {
  const C = RejectionCode;
  const named = (name: string): ProofSample => samples.find((sample) => sample.name === name)!;
  const word = named("word local.get");
  const parts = partsOf(word.proof);
  const place = (name: string) => parts.find((part) => part.name === name)!;
  const end = (sample: ProofSample) => flipped(sample.proof, sample.proof.length - 1);
  const zeroSibling = word.proof.slice();
  const sibling = place("sibling");
  zeroSibling.set(zeroRoot(sibling.level!), sibling.start);
  const secondRegion = parts.find(({ region }) => region === 2)!;
  const lastOfSecond = parts.filter(({ region }) => region === 2).at(-1)!;
  const without = Uint8Array.from([
    ...flipped(word.proof, 256, 4).subarray(0, secondRegion.start),
    ...word.proof.subarray(lastOfSecond.end),
  ]);
  const deployer = named("phase 3, skips 9");
  const append = named("host call send_message, second stage, going on");
  const back = named("phase 11 with 0 of a sub-call");
  const first = named("phase 16, skip");
  const target = named("phase 7");
  const targetPath = partsOf(target.proof).at(-1)!.start;
  const index = parts.filter(({ name }) => name === "index" || name === "count");
  const wordBitmap = parts.filter(({ name }) => name === "bitmap")[1]!;
  return [
    [C.TRUNCATED, word, word.proof.subarray(0, word.proof.length - 1)],
    [C.TRAILING, word, Uint8Array.from([...word.proof, 0])],
    [C.HEADER, word, flipped(word.proof, 224, 0x80)],
    [C.PRE_STATE, word, flipped(word.proof, 0)],
    [C.REGIONS, word, flipped(word.proof, 256, 0x80)],
    [C.LEAF_INDEX, word, flipped(word.proof, place("count").start, word.proof[257])],
    [C.SIBLING, word, zeroSibling],
    [C.REGION_ROOT, word, flipped(word.proof, place("leaf").start)],
    [C.LEAF_MISSING, word, without],
    [C.LEAF_UNUSED, word, word.widened],
    [C.STATE_PATH, target, end(target)],
    [C.DATA_ROOT, named("host call value_read"), end(named("host call value_read"))],
    [C.ENTRY, named("phase 2"), end(named("phase 2"))],
    [C.RECEIPTS, first, withSibling(first.proof)],
    [C.SUSPENDED, back, flipped(back.proof, partsOf(back.proof).at(-1)!.start)],
    [C.DEPLOYERS, deployer, end(deployer)],
    [C.OUTBOX, append, withOutboxSibling(append.proof)],
    // Longer than a proof may be, and not well-formed.
    [C.TRAILING, word, Uint8Array.from([...flipped(word.proof, 224, 0x80), ...Array(9216)])],
    // Cut within the header, of which the cut is found first.
    [C.TRUNCATED, word, flipped(word.proof, 224, 0x80).subarray(0, 255)],
    // More leaves than an opening may have; an index beyond the region, and cut behind it.
    [C.LEAF_INDEX, word, flipped(word.proof, index[0]!.start, 0x10)],
    [C.LEAF_INDEX, word, flipped(word.proof, index[1]!.start, 0x80).subarray(0, index[1]!.end)],
    // An unused bit of a bitmap, and no sibling behind it.
    [C.SIBLING, word, flipped(word.proof, wordBitmap.end - 1).subarray(0, wordBitmap.end)],
    // How a state path ends is looked at first, its siblings before its root.
    [C.STATE_PATH, target, flipped(target.proof, targetPath, 2).subarray(0, targetPath + 1)],
    [
      C.TRUNCATED,
      target,
      flipped(target.proof, targetPath + 1).subarray(0, target.proof.length - 1),
    ],
    // A leaf that is not touched comes before what is left.
    [C.LEAF_UNUSED, word, Uint8Array.from([...word.widened, 0])],
    // The whole entry is read before its path is folded.
    [C.TRUNCATED, named("phase 1"), end(named("phase 1")).subarray(0, -1)],
  ];
}

async function vectors(): Promise<VectorFile> {
  const samples = await proofSamples();
  const names = Object.entries(RejectionCode);
  const accepted = samples.filter(isShown).map(({ name, pre, proof, post }) => ({
    ...{ name, pre: toHex(pre), proof: toHex(proof), post: toHex(post) },
  }));
  const refused = refusedProofs(samples).map(([code, { name, pre }, proof]) => ({
    name: `${names.find(([, value]) => value === code)?.[0]}: ${name}, changed`,
    ...{ pre: toHex(pre), proof: toHex(proof), rejected: code },
  }));
  const made = madeUpVectors(samples).map(({ name, sealed: { pre, proof } }) => {
    const judged = judgeStep(pre, proof);
    const said = "post" in judged ? { post: toHex(judged.post) } : judged;
    return { name: `made up: ${name}`, pre: toHex(pre), proof: toHex(proof), ...said };
  });
  const about =
    "docs/machine.md section 7: verify(pre, proof) gives post, or is refused with the code";
  return { v: 1, about, proofs: [...accepted, ...made, ...refused] };
}

describe("the vectors of step proofs", () => {
  it.runIf(update)("are written anew", async () => {
    writeFileSync(FILE, `${JSON.stringify(await vectors(), undefined, 1)}\n`);
  });

  const verifier = new StepVerifier();
  const read = (): VectorFile["proofs"] =>
    (JSON.parse(readFileSync(FILE, "utf8")) as VectorFile).proofs;

  it("are what both judges say", () => {
    for (const { name, pre, proof, post, rejected } of read()) {
      const [preHash, bytes] = [fromHex(pre, 32), fromHex(proof)];
      const judged = judgeStep(preHash, bytes);
      const said = "post" in judged ? { post: toHex(judged.post) } : judged;
      expect(said, name).toEqual(post === undefined ? { rejected } : { post });
      const verdict = verifier.verify(preHash, bytes);
      const other = verdict.valid ? { post: toHex(verdict.post) } : { rejected: verdict.rejection };
      expect(other, name).toEqual(said);
    }
  });

  it("have each rejection code and every phase that there is", () => {
    const proofs = read();
    const codes = proofs.flatMap(({ name, rejected }) =>
      rejected === undefined || name.startsWith("made up") ? [] : [rejected],
    );
    expect([...new Set(codes)]).toEqual(Object.values(RejectionCode));
    const phases = new Set(proofs.map(({ name }) => /^phase (\d+)/.exec(name)?.[1]));
    phases.delete(undefined);
    const expected = Array.from({ length: 16 }, (_, i) => String(i + 1));
    expect([...phases].sort()).toEqual(expected.sort());
    expect(proofs.length).toBeGreaterThan(80);
  });
});
