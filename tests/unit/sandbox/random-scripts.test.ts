// Random scripts of host calls, sub-calls and memory operations with arguments at the edges, on both
// runners: equal receipts, events, roots and bundles, which replay; and no coin is made or lost.
import { beforeAll, describe, expect, it } from "vitest";
import { intrinsicGas } from "../../../host/chain/check-entry.ts";
import { fromHex, toHex } from "../../../host/codec/hex.ts";
import { Outcome } from "../../../host/outcome.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { Frame, FrameEnd } from "../../../host/sandbox/frame.ts";
import type { Program } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { BothRunners } from "../../support/both-runners.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { Random } from "../../support/random.ts";
import { ScriptMaker, SYSTEM } from "../../support/random-script.ts";
import { addressOfName, PRODUCER } from "../../support/test-chain.ts";
import { Probers } from "./probers.ts";

const BLOCKS = 8;
const SCRIPTS = 24;
const SEED = 20_261;

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(3);
});

describe("the comparison", () => {
  it("fails for a runner that is off by one unit of gas", async () => {
    class OffByOne extends V8Runner {
      override run(frame: Frame, program: Program): FrameEnd {
        const end = super.run(frame, program);
        return { ...end, gasLeft: Math.max(0, end.gasLeft - 1) };
      }
    }
    const chain = await BothRunners.open(["alice"], presetRules("general"), new OffByOne());
    await expect(chain.deploy("alice", [proberWasm()])).rejects.toThrow("to deeply equal");
  });
});

describe("random scripts", () => {
  /** One for each outcome, so that every block has them all, whatever the random ones come to. */
  const certain = [
    [new Script().stop(), Outcome.success],
    [new Script().host("revert", 0x100, 4), Outcome.revert],
    [new Script().trap(), Outcome.trap],
  ] as const;

  it.each(Array.from({ length: BLOCKS }, (_, i) => SEED + i))(
    "of seed %i, among them one of each outcome, end alike on both runners, replay, and keep every coin",
    async (seed) => {
      const random = new Random(seed);
      const maker = new ScriptMaker(random, probers.addresses);
      const before = total();
      const sure = certain.map(([script]) => ({
        input: script.bytes(),
        gas: 600_000,
        value: 0n,
        price: 1n,
      }));
      const others = Array.from({ length: SCRIPTS }, () => ({
        input: maker.script(3).bytes(),
        gas: random.pick([0, 3_000, 20_000, 200_000, 600_000, 600_000]),
        value: random.pick([0n, 100n, 10n ** 10n]),
        price: random.pick([0n, 1n, 7n]),
      }));
      const { entries } = await probers.chain.block(
        [...sure, ...others].map(({ input, gas, ...fields }) => {
          const intrinsic = intrinsicGas(presetRules("general"), { kind: "call", input });
          const to = random.pick(probers.addresses);
          const gasLimit = intrinsic + gas;
          return probers.chain.sign("alice", { kind: "call", to, input, gasLimit, ...fields });
        }),
      );
      const outcomes = entries.slice(0, certain.length).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(certain.map(([, outcome]) => outcome));
      expect(total()).toBe(before);
    },
  );

  /** All coins of everyone who can have any. */
  function total(): bigint {
    const fresh = Array.from({ length: 8 }, (_, i) => new Uint8Array(20).fill(0x90 + i));
    const people = [addressOfName("alice"), addressOfName("bob"), PRODUCER].map((hex) =>
      fromHex(hex, 20),
    );
    return [...people, ...probers.addresses, ...fresh, SYSTEM]
      .map((address) => probers.chain.native.core.account(toHex(address)).balance)
      .reduce((sum, balance) => sum + balance, 0n);
  }
});
