// The honest side by itself: real blocks of a real environment, claims by real machines, disputes through the ledger.

import { afterEach, describe, expect, it } from "vitest";
import { isSameResult } from "../../../host/chain/result.ts";
import type { Hex } from "../../../host/codec/hex.ts";
import { decodeCommand } from "../../../host/dispute/command.ts";
import type { FalseRunKind } from "../../../host/dispute/false-run.ts";
import type { OwnChain } from "../../../host/node/own-chain.ts";
import { Sequencer } from "../../../host/node/sequencer.ts";
import { Verifier } from "../../../host/node/verifier.ts";
import { decodeLedgerCommand } from "../../../host/settlement/ledger-command.ts";
import { liar } from "../../scenarios/liar.ts";
import { Users } from "../../scenarios/users.ts";
import {
  addressOf,
  BALANCE,
  type Person,
  scenarioRules,
  WINDOW,
  World,
  type WorldNode,
} from "../../scenarios/world.ts";

const bondMax = 10n ** 15n;
const sequencer = addressOf("sequencer");

interface Scene {
  readonly world: World;
  readonly id: Hex;
  readonly users: Users;
  readonly node: WorldNode;
  readonly chain: OwnChain;
}

let open: World | undefined;
afterEach(() => open?.close());

/** An environment whose sequencer lies about the heights of `lies`, and claims nothing where `lies` is absent. */
async function scene(lies?: (height: bigint) => boolean, kind?: FalseRunKind): Promise<Scene> {
  const world = new World(1);
  open = world;
  const id = world.register(scenarioRules(), { alice: 10n ** 9n, bob: 10n ** 9n });
  const users = new Users(world, id);
  const node = world.node("sequencer");
  const chain = await world.chain(node, id);
  const roles = [new Sequencer({ chain, account: sequencer, producer: sequencer, source: users })];
  const claims =
    lies === undefined
      ? []
      : [liar({ chain, person: "sequencer", lies, ...(kind === undefined ? {} : { kind }) })];
  node.add("sequencer", [...roles, ...claims]);
  return { world, id, users, node, chain };
}

async function verifier({ world, id }: Scene, claimsAfter?: bigint) {
  const node = world.node("verifier");
  const chain = await world.chain(node, id);
  const account = addressOf("verifier");
  const claims = claimsAfter === undefined ? {} : { claimsAfter };
  node.add("verifier", [new Verifier({ chain, account, bondMax, ...claims })]);
  return { node, chain };
}

async function blocks({ world, id, users }: Scene, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { height } = world.environment(id).head;
    users.transfers(3);
    await world.pass(30n);
    expect(world.environment(id).head.height).toBe(height + 1n);
  }
}

/** Kinds of commands that somebody gave in disputes. */
function moves({ log }: World, person: Person): string[] {
  return log.flatMap(({ command: bytes }) => {
    const { command } = decodeLedgerCommand(bytes);
    if (command.kind !== "dispute") return [];
    const inner = decodeCommand(command.command);
    return inner.account === addressOf(person) ? [inner.kind] : [];
  });
}

const balance = ({ ledger }: World, person: Person): bigint =>
  ledger.state.accounts.get(addressOf(person))!.balance;

async function expectFinal({ world, id }: Scene, chain: OwnChain, height: bigint): Promise<void> {
  const { final } = world.environment(id);
  expect(final.height).toBe(height);
  expect(isSameResult(final.result, await chain.result(height))).toBe(true);
}

describe("a verifier", () => {
  it("beats a wrong claim with the right one down to one step, and earns for it", async () => {
    const at = await scene((height) => height === 2n);
    const { node, chain } = await verifier(at);
    await blocks(at, 3);
    await at.world.pass(4n * WINDOW);
    await expectFinal(at, chain, 3n);
    expect(node.alarm).toBe(undefined);
    expect(moves(at.world, "verifier")).toEqual(
      expect.arrayContaining(["claim", "advance", "step"]),
    );
    expect(balance(at.world, "verifier")).toBeGreaterThan(BALANCE);
    expect(balance(at.world, "sequencer")).toBeLessThan(BALANCE);
  });

  it("gives no command of a dispute while all claims are right, but to end them", async () => {
    const at = await scene(() => false);
    const { chain } = await verifier(at);
    await blocks(at, 2);
    await at.world.pass(2n * WINDOW);
    await expectFinal(at, chain, 2n);
    expect(moves(at.world, "verifier").filter((kind) => kind !== "resolve")).toEqual([]);
  });

  it("defends the right claim of somebody who is gone", async () => {
    const at = await scene(() => false);
    const { chain } = await verifier(at);
    await blocks(at, 1);
    at.node.isOnline = false;
    const other = at.world.node("liar");
    const lying = await at.world.chain(other, at.id);
    other.add("liar", [liar({ chain: lying, person: "liar", lies: () => true })]);
    // A claim is known by its root: only one that says something else is entered.
    await at.world.pass(3n * WINDOW);
    await expectFinal(at, chain, 1n);
    expect(moves(at.world, "liar")).toContain("claim");
    // Level A was claimed before: it moves for that claim.
    expect(moves(at.world, "verifier")[0]).toBe("advance");
  });

  it("enters the true claim beside one of the same result with another inside", async () => {
    const at = await scene(() => true, "non-canonical-state");
    const { chain } = await verifier(at);
    await blocks(at, 1);
    await at.world.pass(3n * WINDOW);
    await expectFinal(at, chain, 1n);
    expect(moves(at.world, "verifier")).toContain("claim");
    expect(balance(at.world, "sequencer")).toBeLessThan(BALANCE);
  });

  it("goes on in the middle of a dispute with nothing but the log", async () => {
    const at = await scene(() => true);
    const first = await verifier(at);
    at.world.censors = (person) =>
      person === addressOf("verifier") && moves(at.world, "verifier").length >= 2;
    await blocks(at, 1);
    first.node.isOnline = false;
    at.world.censors = () => false;
    expect(moves(at.world, "verifier")).toEqual(["claim", "advance"]);
    const { chain } = await verifier(at);
    await at.world.pass(3n * WINDOW);
    await expectFinal(at, chain, 1n);
  });

  it("claims what nobody has claimed, after a while", async () => {
    const at = await scene();
    const { chain } = await verifier(at, 100n);
    await blocks(at, 1);
    expect(moves(at.world, "verifier")).toEqual([]);
    await at.world.pass(2n * WINDOW);
    await expectFinal(at, chain, 1n);
  });

  it("stops with NODE_OTHER_RESULT where a lie became final while it was away", async () => {
    const at = await scene((height) => height === 1n);
    const { node } = await verifier(at);
    node.isOnline = false;
    await blocks(at, 1);
    await at.world.pass(2n * WINDOW);
    expect(at.world.environment(at.id).final.height).toBe(1n);
    node.isOnline = true;
    await at.world.settle();
    expect(node.alarm?.code).toBe("NODE_OTHER_RESULT");
    expect(node.alarm?.where.height).toBe(1n);
  });

  it("waits while the guardian has paused, and wins afterwards", async () => {
    const at = await scene(() => true);
    const { chain } = await verifier(at);
    await blocks(at, 1);
    const pause = { kind: "pause", environment: at.id, seconds: Number(WINDOW) } as const;
    at.world.do("operator", pause);
    const before = moves(at.world, "verifier").length;
    await at.world.pass(WINDOW - 1n);
    expect(moves(at.world, "verifier")).toHaveLength(before);
    await at.world.pass(3n * WINDOW);
    await expectFinal(at, chain, 1n);
  });
});
