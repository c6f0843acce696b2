// Whole blocks in the machine module: from the order to the halt it comes to the result that the host sealed on
// V8, in as many steps as the reference machine of the judge takes, and through the same headers. Steps drawn by
// the seed are proven to both judges.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { encodeHeader, stateHash } from "../../host/dispute/judge-header.ts";
import { STEP_PROOF_BYTES_MAX } from "../../host/limits.ts";
import { BlockRun } from "../../host/machine/block-run.ts";
import { Machine } from "../../host/machine/machine.ts";
import { RunStatus } from "../../host/machine/run-registers.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import { KnownRunPieces } from "../support/known-run-pieces.ts";
import { type MachineBlock, MachineChain, oneIn, runInMachine } from "../support/machine-chain.ts";
import { proberWasm } from "../support/prober.ts";
import { proveSample } from "../support/proof-sampling.ts";
import { Random } from "../support/random.ts";
import { scriptCalls } from "../support/random-script.ts";

const BLOCKS = Number(process.env.PLASMA_BLOCKS ?? 2);
const SEED = 71_000;
const machine = new Machine();
const verifier = new StepVerifier();

let chain: MachineChain;
let probers: readonly Uint8Array[];
beforeAll(async () => {
  chain = await MachineChain.open();
  probers = await chain.probers(3);
});

function runBlock(block: MachineBlock): BlockRun {
  const pieces = new KnownRunPieces(block);
  const run = new BlockRun(pieces.record, pieces, machine);
  run.runToHalt();
  expect(run.status).toBe(RunStatus.halted);
  const record = run.record();
  const { result } = decodeBundle(block.bundle);
  expect(toHex(record.slice(0, 32))).toBe(toHex(result.stateRoot));
  expect(toHex(record.slice(9 * 128 + 64, 9 * 128 + 96))).toBe(toHex(result.receiptsRoot));
  expect(new DataView(record.buffer).getBigUint64(9 * 128 + 120)).toBe(result.gasUsed);
  return run;
}

describe("a block in the machine module", () => {
  it.each(Array.from({ length: BLOCKS }, (_, i) => SEED + i))(
    "of random scripts of seed %i comes to the host's result",
    async (seed) => {
      const random = new Random(seed);
      const block = await chain.block(scriptCalls(chain.chain, random, probers, 16));
      // The header at some steps of each kind, and at the end.
      const pieces = new KnownRunPieces(block);
      const run = new BlockRun(pieces.record, pieces, machine);
      let compared = 0;
      let longest = 0;
      const look = oneIn(701, 5);
      const { steps } = runInMachine(block, (reference) => {
        if (!look(reference)) return false;
        reference.hashRegions();
        run.runTo(BigInt(reference.steps));
        expect(toHex(run.header()), `step ${reference.steps}`).toBe(
          toHex(encodeHeader(reference.header)),
        );
        const pre = stateHash(reference.header);
        const proof = run.prove();
        const post = keccak256(run.header());
        const where = `proof of step ${reference.steps}`;
        expect(verifier.verify(pre, proof), where).toEqual({ valid: true, post });
        expect(judgeStep(pre, proof), where).toEqual({ post });
        longest = Math.max(longest, proof.length);
        compared++;
        return false;
      });
      expect(compared).toBeGreaterThan(30);
      expect(longest).toBeLessThan(STEP_PROOF_BYTES_MAX);
      expect(runBlock(block).steps).toBe(BigInt(steps));
      const sampled = proveSample(decodeBundle(block.bundle), seed);
      expect(sampled.steps).toBe(BigInt(steps));
    },
  );

  it("of deployments runs prepare, stores records, and calls the new contracts", async () => {
    const input = (wasm: Uint8Array, args: Uint8Array) => joinDeployInput(wasm, args);
    const deploy = (bytes: Uint8Array, gasLimit: number, value = 0n) =>
      chain.chain.sign("bob", { kind: "deploy", input: bytes, gasLimit, value });
    const wasm = proberWasm();
    const block = await chain.block([
      deploy(input(wasm, new Uint8Array(0)), 60_000_000, 5n),
      deploy(input(wasm.subarray(0, 99), new Uint8Array(0)), 60_000_000),
      deploy(input(wasm, new Uint8Array(0)), 400_000),
    ]);
    const run = runBlock(block);
    expect(run.steps).toBeGreaterThan(150_000n);
  });
});
