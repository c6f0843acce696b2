// Value on its way through settlement by nodes alone: from a contract of one environment into another, out to
// settlement, in from settlement, and out of an environment that has stopped.
import { afterEach, describe, expect, it } from "vitest";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { typescriptJudge, verifyProof } from "../../../host/dispute/verify-proof.ts";
import { proveFinalAccount } from "../../../host/node/exit.ts";
import type { OwnChain } from "../../../host/node/own-chain.ts";
import { decodeAccount } from "../../../host/sandbox/account.ts";
import { decodeLedgerCommand } from "../../../host/settlement/ledger-command.ts";
import { reckon } from "../../scenarios/reckoning.ts";
import { town } from "../../scenarios/town.ts";
import { addressOf, BALANCE, WINDOW, World } from "../../scenarios/world.ts";

let world: World;
afterEach(() => world.close());

const nothing = new Uint8Array(0);
const settlement = toHex(new Uint8Array(32));

/** What a state proof shows of an account's balance. */
async function balanceIn({ execution }: OwnChain, address: Hex): Promise<bigint> {
  const proof = await execution.proveState({ kind: "account", address });
  const judges = { typescript: typescriptJudge, assemblyscript: typescriptJudge };
  const verified = verifyProof(proof, judges);
  if (verified.verdict !== "stands" || verified.kind !== "state proof") return -1n;
  const { value } = verified.shown;
  return value === null ? 0n : decodeAccount(value).balance;
}

describe("messages between environments", () => {
  it("arrive once and in order, each outbox in one delivery, and as money at settlement", async () => {
    world = new World(5);
    // The machine takes long for a deployment: it runs for the claim alone.
    const trusts = ["sequencer"] as const;
    const [one, two] = [await town(world, { trusts }), await town(world, { trusts })];
    const contract = one.users.deploy("alice");
    const carol = `0x${"c0".repeat(20)}` as Hex;
    await world.pass(30n);
    for (const value of [11n, 22n, 33n]) one.users.send("alice", contract, two.id, carol, value);
    one.users.send("alice", contract, settlement, addressOf("bob"), 44n);
    await world.pass(30n);
    expect(await balanceIn(two.chain, carol)).toBe(0n);
    // Not before the block that sent them is final.
    expect(world.environment(two.id).inbox).toHaveLength(0);
    await world.pass(2n * WINDOW);
    expect(await balanceIn(two.chain, carol)).toBe(66n);
    expect(world.ledger.state.accounts.get(addressOf("bob"))!.balance).toBe(BALANCE + 44n);
    const deliveries = world.log.filter(
      ({ command }) => decodeLedgerCommand(command).command.kind === "deliver",
    );
    expect(deliveries).toHaveLength(1);
    const { problems, messages } = await reckon(world, [one.users, two.users]);
    expect({ problems, messages }).toEqual({ problems: [], messages: 3 });
  });

  it("come in from settlement, and the final state proves what they brought", async () => {
    world = new World(6);
    const one = await town(world);
    const carol = `0x${"c1".repeat(20)}` as Hex;
    const deposit = { kind: "deposit", environment: one.id, input: nothing } as const;
    world.do("alice", { ...deposit, to: fromHex(carol, 20), value: 5n });
    world.do("alice", { ...deposit, to: fromHex(carol, 20), value: 6n });
    await world.pass(2n * WINDOW);
    expect(await balanceIn(one.chain, carol)).toBe(11n);
    const stranger = world.node("stranger");
    const proof = await proveFinalAccount(stranger.follower, one.id, carol);
    expect(proof).toEqual(
      await one.chain.execution.proveState({ kind: "account", address: carol }),
    );
  });
});
