// Sizes of step proofs and how long both judges take for one: a proof of each class at its greatest size, and
// every proof of a block of token transfers, of which the largest is timed. Both judges must accept each
// and agree on the state after it.
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { equalBytes, type Hex, toHex } from "../../host/codec/hex.ts";
import { keccak256 } from "../../host/codec/keccak.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { StepVerifier } from "../../host/machine/verify-step.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { type ClassProof, classProofs } from "./proof-classes.ts";
import { type Quartiles, quartiles } from "./samples.ts";
import { benchStore, TransferEnvironment } from "./transfer-environment.ts";
import { TransferLoad } from "./transfer-load.ts";

export interface ProofParams {
  readonly seed: string;
  readonly tokenWasm: Uint8Array;
  readonly tokenAbiJson: string;
  readonly accounts: number;
  readonly transfers: number;
  /** Of so many steps of the block one is proven. */
  readonly stride: number;
  readonly rounds: number;
  /** Verifications of a proof in one sample, by the machine's judge and by the independent one. */
  readonly verifications: number;
  readonly judgements: number;
}

export interface ProofClassResult {
  readonly name: string;
  readonly bytes: number;
  readonly verifyMicros: Quartiles;
  readonly independentMicros: Quartiles;
}

export interface ProofResult {
  readonly classes: readonly ProofClassResult[];
  /** Steps of the block, and how many of them were proven. */
  readonly steps: number;
  readonly proven: number;
  readonly resultHash: Hex;
}

const LARGEST = "largest seen";
const MICROS = 1_000;

/** Both judges' state after the step. */
function postOf(verifier: StepVerifier, { name, pre, proof }: ClassProof): Uint8Array {
  const verdict = verifier.verify(pre, proof);
  const judgement = judgeStep(pre, proof);
  assert(verdict.valid, `the proof of ${name} is accepted`);
  assert("post" in judgement, `the independent judge accepts the proof of ${name}`);
  assert(equalBytes(verdict.post, judgement.post), `both judges agree on ${name}`);
  return verdict.post;
}

/** Microseconds of one call, of `count` in a row. */
function microsOf(count: number, call: () => unknown): number {
  const start = performance.now();
  for (let i = 0; i < count; i++) call();
  return ((performance.now() - start) * MICROS) / count;
}

/** Proves the steps of one block of transfers; the largest proof. */
async function proveBlock(
  params: ProofParams,
  onProof: (sample: ClassProof) => void,
): Promise<{ readonly steps: number; readonly proven: number }> {
  const { transfers: blockSize, tokenAbiJson } = params;
  const load = new TransferLoad({
    ...params,
    blockSize,
    tokenAbi: parseAbi(JSON.parse(tokenAbiJson)),
  });
  const environment = await TransferEnvironment.open(load, await benchStore(undefined));
  load.environmentId = environment.id.slice();
  for (const body of load.fundingBodies()) await environment.execute(body);
  environment.signatures.checking = true;
  const { bundle } = await environment.execute(load.transferBody(), true);
  await environment.close();
  const run = new BundleRun(decodeBundle(bundle!), nativeStateHasher());
  const steps = Number(run.end().steps);
  let proven = 0;
  for (let step = 0; step < steps; step += params.stride) {
    const { pre, proof } = run.prove(BigInt(step));
    onProof({ name: LARGEST, pre, proof });
    proven += 1;
  }
  run.close();
  return { steps, proven };
}

/** Measures every class. */
export async function measureProof(
  params: ProofParams,
  progress: BenchProgress,
): Promise<ProofResult> {
  const verifier = new StepVerifier();
  const seen = new ByteWriter();
  const samples = classProofs();
  let largest: ClassProof | undefined;
  const { steps, proven } = await proveBlock(params, (sample) => {
    seen.raw(postOf(verifier, sample));
    if (sample.proof.length > (largest?.proof.length ?? 0)) largest = sample;
  });
  assert(largest !== undefined, "a block has steps");
  samples.push(largest);
  const classes = samples.map((sample, done): ProofClassResult => {
    const { name, pre, proof } = sample;
    seen.raw(postOf(verifier, sample));
    const verifyMicros: number[] = [];
    const independentMicros: number[] = [];
    for (let round = -1; round < params.rounds; round++) {
      const ours = microsOf(params.verifications, () => verifier.verify(pre, proof));
      const theirs = microsOf(params.judgements, () => judgeStep(pre, proof));
      // The first round is to warm up.
      if (round < 0) continue;
      verifyMicros.push(ours);
      independentMicros.push(theirs);
    }
    progress(done + 1);
    return {
      name,
      bytes: proof.length,
      verifyMicros: quartiles(verifyMicros),
      independentMicros: quartiles(independentMicros),
    };
  });
  return { classes, steps, proven, resultHash: toHex(keccak256(seen.finish())) };
}
