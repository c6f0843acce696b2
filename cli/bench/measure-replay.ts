// Measures replay of bundles of signed transfers, as a verifier does it: decoding, consistency, witness,
// execution, roots. The blocks of a chain are replayed in a row, with signature checks and with a checker that
// accepts anything, in turn.
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { decodeBundle } from "../../host/chain/bundle.ts";
import { replayBundle } from "../../host/chain/replay-bundle.ts";
import type { ReplayGround } from "../../host/chain/replay-execution.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { BundlesAhead } from "../../host/environment/bundles-ahead.ts";
import { nativeSignatureChecker, nativeStateHasher } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import type { BenchProgress } from "./bench-methods.ts";
import {
  benchGround,
  benchStore,
  SwitchedBodies,
  TransferEnvironment,
} from "./transfer-environment.ts";
import { TransferLoad } from "./transfer-load.ts";

export interface ReplayParams {
  readonly seed: string;
  readonly tokenWasm: Uint8Array;
  readonly tokenAbiJson: string;
  readonly accounts: number;
  readonly blockSize: number;
  /** Blocks that are replayed in a row. */
  readonly bundles: number;
  readonly samples: number;
}

export interface ReplayResult {
  /** Transactions per second of each row. */
  readonly signed: readonly number[];
  readonly unsigned: readonly number[];
  readonly witnessBytesPerTransaction: number;
  readonly bundleBytesPerTransaction: number;
  readonly stateRoot: Hex;
  readonly blockHash: Hex;
}

/** Replays are repeated untimed until this many rows have run, so that V8 has optimised them. */
const WARM_ROWS = 1;

/** Makes the bundles and measures their replay. */
export async function measureReplay(
  params: ReplayParams,
  progress: BenchProgress,
): Promise<ReplayResult> {
  const bundles = await makeBundles(params, progress);
  const switched = new SwitchedBodies();
  const ahead = new BundlesAhead(switched.read);
  const ground = {
    ...benchGround,
    hasher: nativeStateHasher(),
    signatures: nativeSignatureChecker,
  };
  const replayRow = () =>
    bundles
      .map((bundle, i) =>
        replayValid(bundle, { ...ground, readBody: ahead.reader(bundle, bundles[i + 1]) }),
      )
      .at(-1)!;
  const rates = { signed: [] as number[], unsigned: [] as number[] };
  let last: Pick<ReplayResult, "stateRoot" | "blockHash"> | undefined;
  const transactions = bundles.length * params.blockSize;
  for (let sample = -WARM_ROWS; sample < params.samples; sample++) {
    for (const mode of ["signed", "unsigned"] as const) {
      switched.checking = mode === "signed";
      const start = performance.now();
      last = replayRow();
      const seconds = (performance.now() - start) / 1_000;
      if (sample >= 0) rates[mode].push(transactions / seconds);
    }
    progress(params.accounts + transactions * (sample + WARM_ROWS + 2));
  }
  const witness = bundles.reduce((sum, bytes) => sum + decodeBundle(bytes).witness.length, 0);
  const total = bundles.reduce((sum, bytes) => sum + bytes.length, 0);
  return {
    ...rates,
    witnessBytesPerTransaction: witness / transactions,
    bundleBytesPerTransaction: total / transactions,
    ...last!,
  };
}

function replayValid(bundle: Uint8Array, ground: ReplayGround): { stateRoot: Hex; blockHash: Hex } {
  const { verdict, finding, shown } = replayBundle(bundle, ground);
  assert(verdict === "valid", `a replay finds ${finding?.message ?? "the block"}`);
  return { stateRoot: toHex(shown!.stateRoot), blockHash: toHex(shown!.block) };
}

async function makeBundles(params: ReplayParams, progress: BenchProgress): Promise<Uint8Array[]> {
  const load = new TransferLoad({ ...params, tokenAbi: parseAbi(JSON.parse(params.tokenAbiJson)) });
  const environment = await TransferEnvironment.open(load, await benchStore(undefined));
  load.environmentId = environment.id.slice();
  let done = 0;
  for (const body of load.fundingBodies()) {
    await environment.execute(body);
    progress((done += body.length));
  }
  const bundles: Uint8Array[] = [];
  for (let i = 0; i < params.bundles; i++) {
    const { bundle } = await environment.execute(load.transferBody(), true);
    bundles.push(bundle!);
    progress((done += params.blockSize));
  }
  await environment.close();
  return bundles;
}
