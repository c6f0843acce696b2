// Random scripts of host calls and sub-calls in the machine: each block halts with the host's result, and the
// steps that are proven are accepted by the judge with the state that the machine has next.
import { beforeAll, describe, expect, it } from "vitest";
import { intrinsicGas } from "../../../host/chain/check-entry.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import { MachineChain, oneIn, runInMachine } from "../../support/machine-chain.ts";
import { Random } from "../../support/random.ts";
import { ScriptMaker } from "../../support/random-script.ts";

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
      const maker = new ScriptMaker(random, probers);
      const block = await chain.block(
        Array.from({ length: SCRIPTS }, () => {
          const input = maker.script(3).bytes();
          const intrinsic = intrinsicGas(presetRules("general"), { kind: "call", input });
          return chain.chain.sign("alice", {
            kind: "call",
            to: random.pick(probers),
            input,
            gasLimit: intrinsic + random.pick([0, 3_000, 20_000, 200_000, 300_000]),
            value: random.pick([0n, 100n, 10n ** 10n]),
            price: random.pick([0n, 1n, 7n]),
          });
        }),
      );
      const { steps, proven } = runInMachine(block, oneIn(997, 3));
      console.log(`seed ${seed}: ${steps} steps, ${proven} proven`);
      expect(proven).toBeGreaterThan(40);
    },
  );
});
