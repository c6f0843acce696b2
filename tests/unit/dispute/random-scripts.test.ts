// Random scripts of host calls and sub-calls in the machine: each block halts with the host's result, and the
// steps that are proven are accepted by the judge with the state that the machine has next.
import { beforeAll, describe, expect, it } from "vitest";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { Random } from "../../support/random.ts";
import { scriptCalls } from "../../support/random-script.ts";

const BLOCKS = Number(process.env.PLASMA_BLOCKS ?? 3);
const SCRIPTS = 16;
const SEED = 20_274;

let chain: MachineChain;
let probers: readonly Uint8Array[];
beforeAll(async () => {
  chain = await MachineChain.open();
  probers = await chain.probers(3);
});

describe("random scripts", () => {
  it.each(Array.from({ length: BLOCKS }, (_, i) => SEED + i))(
    "of seed %i come to the host's result, step by step",
    async (seed) => {
      const random = new Random(seed);
      const block = await chain.block(scriptCalls(chain.chain, random, probers, SCRIPTS));
      const { steps, proven } = runInMachine(block, oneIn(997, 3));
      console.log(`seed ${seed}: ${steps} steps, ${proven} proven`);
      expect(proven).toBeGreaterThan(40);
    },
  );
});
