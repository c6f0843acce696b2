// The blocks of a small world of random contracts on one engine, out of pure parts: deployments, then calls with
// plenty of gas and under limits below what they used.
import { intrinsicGas } from "../../host/chain/check-entry.ts";
import { FallbackRunner } from "../../host/machine/fallback-runner.ts";
import {
  type BundledBlock,
  ContractChain,
  chainRules,
  deployedAddresses,
  purePlatform,
} from "../support/contract-chain.ts";
import { LoggedV8 } from "../support/frame-log.ts";
import { Random } from "../support/random.ts";
import { randomContract, randomInput } from "../support/random-contract.ts";

const CONTRACTS = 3;
const PLENTY = 300_000;
const LIMITS = 3;

export interface WorldBlock {
  readonly block: BundledBlock;
  /** Every frame with its ending, memory and globals. */
  readonly frames: string;
  /** Transactions on which the engine failed. */
  readonly faults: number;
}

/** One block of deployments, then one for each contract. */
export async function* worldBlocks(seed: number): AsyncGenerator<WorldBlock> {
  const v8 = new LoggedV8();
  const machineRunner = new FallbackRunner();
  const chain = await ContractChain.open(purePlatform, { runner: v8, machineRunner });
  const random = new Random(seed ^ 0x5eed);
  const execute = async (transactions: readonly Uint8Array[]): Promise<WorldBlock> => {
    v8.log = [];
    const block = await chain.block(transactions);
    const frames = v8.log
      .map(({ self, ending, gasLeft, output, memory, globals }) =>
        [self, ending, gasLeft, output, memory, ...globals].join(" "),
      )
      .join("; ");
    return { block, frames, faults: block.hostFaults.length };
  };
  const wasms = Array.from({ length: CONTRACTS }, (_, i) => randomContract(seed + i).wasm);
  const deployed = await execute(wasms.map((wasm) => chain.signDeploy(wasm)));
  yield deployed;
  const addresses = deployedAddresses(deployed.block).filter((one) => one !== undefined);
  for (const to of addresses) {
    const input = randomInput(random, addresses);
    const intrinsic = intrinsicGas(chainRules, { kind: "call", input });
    const measured = await execute([chain.signCall(to, input, intrinsic + PLENTY)]);
    yield measured;
    const used = Number(measured.block.entries[0]!.gasUsed);
    const limits = Array.from(
      { length: LIMITS },
      () => intrinsic + random.below(Math.max(1, used - intrinsic)),
    );
    yield await execute([...limits, used - 1, used].map((gas) => chain.signCall(to, input, gas)));
  }
}
