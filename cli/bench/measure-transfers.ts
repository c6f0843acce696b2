// Measures token transfers per second in three modes that take turns, some blocks each, so that noise of
// the machine hits all of them: without signature checks, with them, and with them on the default store
// with the block flushed before it is acknowledged. The next block is asked for before one is committed. All
// three come to the same state root, as does a replay of the last block.
import { parseAbi } from "../../host/abi/parse-abi.ts";
import { replayBundle } from "../../host/chain/replay-bundle.ts";
import type { Hex } from "../../host/codec/hex.ts";
import { toHex } from "../../host/codec/hex.ts";
import { nativeSignatureChecker, nativeStateHasher } from "../../host/environment/native.ts";
import { assert } from "../../host/errors.ts";
import type { BenchProgress } from "./bench-methods.ts";
import { benchGround, benchStore, TransferEnvironment } from "./transfer-environment.ts";
import { TransferLoad } from "./transfer-load.ts";

export interface TransfersParams {
  readonly seed: string;
  readonly tokenWasm: Uint8Array;
  readonly tokenAbiJson: string;
  readonly accounts: number;
  readonly blockSize: number;
  /** Samples of each mode. */
  readonly samples: number;
  readonly blocksPerSample: number;
  /** A new folder for the durable mode. */
  readonly storePath: string;
}

export const transferModes = ["unsigned", "signed", "durable"] as const;
export type TransferMode = (typeof transferModes)[number];

export interface TransfersResult {
  /** Transfers per second of each sample. */
  readonly rates: Readonly<Record<TransferMode, readonly number[]>>;
  readonly stateRoot: Hex;
  readonly blockHash: Hex;
  readonly keysPerTransfer: number;
  readonly gasPerTransfer: number;
}

/** Measures all modes. */
export async function measureTransfers(
  params: TransfersParams,
  progress: BenchProgress,
): Promise<TransfersResult> {
  const load = new TransferLoad({ ...params, tokenAbi: parseAbi(JSON.parse(params.tokenAbiJson)) });
  const touched = { keys: 0 };
  const environments = await openEnvironments(load, params.storePath, touched);
  try {
    await fund(load, Object.values(environments), progress);
    const rates = await measureRates(params, load, environments, progress);
    return { rates, ...(await compareLast(load, environments, touched, params.blockSize)) };
  } finally {
    for (const environment of Object.values(environments)) await environment.close();
  }
}

type Environments = Readonly<Record<TransferMode, TransferEnvironment>>;

async function openEnvironments(
  load: TransferLoad,
  storePath: string,
  touched: { keys: number },
): Promise<Environments> {
  const counted = await benchStore(undefined);
  const witness = counted.witness.bind(counted);
  counted.witness = (touches) => {
    touched.keys = touches.count;
    return witness(touches);
  };
  const unsigned = await TransferEnvironment.open(load, counted);
  load.environmentId = unsigned.id.slice();
  return {
    unsigned,
    signed: await TransferEnvironment.open(load, await benchStore(undefined)),
    durable: await TransferEnvironment.open(load, await benchStore(storePath)),
  };
}

async function fund(
  load: TransferLoad,
  environments: readonly TransferEnvironment[],
  progress: BenchProgress,
): Promise<void> {
  let done = 0;
  for (const body of load.fundingBodies()) {
    for (const environment of environments) await environment.execute(body);
    progress((done += body.length));
  }
}

async function measureRates(
  params: TransfersParams,
  load: TransferLoad,
  environments: Environments,
  progress: BenchProgress,
): Promise<Record<TransferMode, number[]>> {
  const { samples, blocksPerSample, blockSize, accounts } = params;
  environments.signed.signatures.checking = true;
  environments.durable.signatures.checking = true;
  const rates: Record<TransferMode, number[]> = { unsigned: [], signed: [], durable: [] };
  const turns = load.turns(samples + 1, blocksPerSample);
  // The first sample only warms up what funding did not run: signature checks, other senders.
  for (const [sample, bodies] of turns.entries()) {
    for (const mode of transferModes) {
      const start = performance.now();
      await environments[mode].executeAll(bodies);
      const seconds = (performance.now() - start) / 1_000;
      if (sample > 0) rates[mode].push((blocksPerSample * blockSize) / seconds);
    }
    progress(accounts + (sample + 1) * blocksPerSample * blockSize);
  }
  return rates;
}

/** One more block: equal roots everywhere, and in the replay of its bundle. */
async function compareLast(
  load: TransferLoad,
  environments: Environments,
  touched: { keys: number },
  blockSize: number,
): Promise<Omit<TransfersResult, "rates">> {
  const body = load.transferBody();
  const last = await environments.unsigned.execute(body, true);
  for (const mode of ["signed", "durable"] as const) {
    await environments[mode].execute(body);
    assert(environments[mode].stateRoot === last.stateRoot, `${mode} comes to the same state root`);
  }
  const report = replayBundle(last.bundle!, {
    ...benchGround,
    hasher: nativeStateHasher(),
    signatures: nativeSignatureChecker,
  });
  assert(report.verdict === "valid", `the replay finds ${report.finding?.message ?? "the block"}`);
  assert(
    toHex(report.shown!.stateRoot) === last.stateRoot,
    "the replay comes to the same state root",
  );
  return {
    stateRoot: last.stateRoot,
    blockHash: last.blockHash,
    keysPerTransfer: touched.keys / blockSize,
    gasPerTransfer: Number(last.gasUsed) / blockSize,
  };
}
