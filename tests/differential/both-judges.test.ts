// The two judges, which share no code, on the proofs of whole blocks: every step that the reference machine
// proves, host calls, sub-calls and phases included, has one post state in both, and a changed proof is
// refused by both with the same code, or leads both to the same state.
import { beforeAll, describe, expect, it } from "vitest";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { stateHash } from "../../host/dispute/judge-header.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import type { JudgeMachine } from "../support/judge-machine.ts";
import { MachineChain, oneIn, runInMachine } from "../support/machine-chain.ts";
import { SMALL } from "../support/proof-samples.ts";
import { Random } from "../support/random.ts";
import { scriptCalls } from "../support/random-script.ts";

const BLOCKS = Number(process.env.PLASMA_BLOCKS ?? 3);
const SCRIPTS = 16;
const SEED = 61_000;
const HEADER_BYTES = 256;

const verifier = new StepVerifier();
let chain: MachineChain;
let probers: readonly Uint8Array[];
beforeAll(async () => {
  chain = await MachineChain.open();
  probers = await chain.probers(3);
});

/** Rejection codes, 0 for a post state. */
function both(pre: Uint8Array, proof: Uint8Array) {
  const ours = verifier.verify(pre, proof);
  const theirs = judgeStep(pre, proof);
  return {
    assembly: ours.valid ? { post: ours.post } : { rejected: ours.rejection },
    typescript: "post" in theirs ? { post: theirs.post } : { rejected: theirs.rejected },
  };
}

/** Changes one place of a proof: a bit, a byte cut out, a byte put in. */
function changed(proof: Uint8Array, random: Random): Uint8Array {
  const at = random.below(proof.length);
  const kind = random.below(8);
  if (kind === 0) return Uint8Array.from([...proof.subarray(0, at), ...proof.subarray(at + 1)]);
  if (kind === 1) return Uint8Array.from([...proof.subarray(0, at), 0, ...proof.subarray(at)]);
  if (kind === 2) return proof.slice(0, at);
  const copy = proof.slice();
  copy[at]! ^= 1 << random.below(8);
  return copy;
}

/** Judges a proof by both, then two changes of it; refusals of the changed ones are collected. */
function checkOf(seed: number, random: Random, refusals: Set<number>) {
  return (machine: JudgeMachine, proof: Uint8Array): void => {
    const pre = keccak256(proof.subarray(0, HEADER_BYTES));
    const where = `seed ${seed}, step ${machine.steps}`;
    expect(verifier.verify(pre, proof), where).toEqual({
      valid: true,
      post: stateHash(machine.header),
    });
    for (let i = 0; i < 2; i++) {
      const other = changed(proof, random);
      const headed = other.length >= HEADER_BYTES && random.oneIn(2);
      const { assembly, typescript } = both(
        headed ? keccak256(other.subarray(0, HEADER_BYTES)) : pre,
        other,
      );
      if (headed && "post" in typescript) continue;
      expect(assembly, where).toEqual(typescript);
      if ("rejected" in typescript) refusals.add(typescript.rejected);
    }
  };
}

describe("the judges", () => {
  it.each(Array.from({ length: BLOCKS }, (_, i) => SEED + i))(
    "agree on each step of random scripts of seed %i, and on changed proofs",
    async (seed) => {
      const random = new Random(seed);
      const block = await chain.block(scriptCalls(chain.chain, random, probers, SCRIPTS));
      const refusals = new Set<number>();
      const check = checkOf(seed, random, refusals);
      const { proven } = runInMachine(block, oneIn(997, 1), check);
      expect(proven).toBeGreaterThan(100);
      expect(refusals.size).toBeGreaterThan(6);
    },
  );

  it("agree on deployments with prepare as a call, and on changed proofs (seed 62000)", async () => {
    const deploy = (wasm: Uint8Array, value: bigint) =>
      chain.chain.sign("bob", {
        ...{ kind: "deploy", value, gasLimit: 8_000_000 },
        input: joinDeployInput(wasm, Uint8Array.of(1, 2, 3)),
      });
    const block = await chain.block([deploy(SMALL, 5n), deploy(SMALL.subarray(0, 30), 0n)]);
    const refusals = new Set<number>();
    const check = checkOf(62_000, new Random(62_000), refusals);
    const { proven } = runInMachine(block, oneIn(97, 1), check);
    expect(proven).toBeGreaterThan(100);
    expect(refusals.size).toBeGreaterThan(6);
  });
});
