// Every scenario: what goes wrong in it, and what must have come of it beside what the reckoning checks of all. A
// scenario says what it did in `world.faults` and what it missed in what it returns.
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import type { FalseRunKind } from "../../host/dispute/false-run.ts";
import { decodeStateProof } from "../../host/dispute/state-proof-file.ts";
import { Exit, proveFinalAccount } from "../../host/node/exit.ts";
import { Sequencer } from "../../host/node/sequencer.ts";
import { encodeRules } from "../../host/rules/encode-rules.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { noticeBlocks } from "../../host/settlement/environment-rules.ts";
import { escapeTime } from "../../host/settlement/escape.ts";
import { liar, liarInARow } from "./liar.ts";
import {
  balanceOf,
  type Canary,
  finalHeight,
  headHeight,
  isAllFinal,
  missing,
  type Scenario,
  type ScenarioEnd,
  toTheEnd,
} from "./scenario.ts";
import { busy, honest, lyingTown, type Town, town } from "./town.ts";
import { addressOf, BALANCE, DELAY, scenarioRules, WINDOW, type World } from "./world.ts";

/** Lies that blocks of transfers have room for. */
const lieKinds: readonly FalseRunKind[] = [
  "wrong-state-root",
  "extra-steps",
  "non-canonical-state",
  "premature-halt",
  "random-tail",
];

const nothing = new Uint8Array(0);

/** A sequencer lies about one block; another environment goes on meanwhile. */
async function lyingSequencer(world: World): Promise<ScenarioEnd> {
  const height = BigInt(2 + world.random.below(3));
  const kind = world.random.pick(lieKinds);
  world.faults.push(`the sequencer of one environment claims ${kind} at height ${height}`);
  const bad = await lyingTown(world, height, kind);
  const good = await town(world);
  await busy(world, [bad, good], 150n);
  // The other environment's first blocks are final after a window, whatever goes on next door.
  await world.pass(WINDOW + 30n);
  const others = finalHeight(world, good.id) > 0n;
  await toTheEnd(world);
  const expected = {
    "the other environment went on": others,
    "the lie cost its bond": balanceOf(world, "sequencer") < BALANCE,
    "the verifier earned": balanceOf(world, "verifier") > BALANCE,
    "everything became final": isAllFinal(world, bad) && isAllFinal(world, good),
  };
  return { towns: [bad, good], missed: missing(expected) };
}

/** A liar builds lie on lie, height after height; all of it falls, and the bonds with it. */
async function liesInARow(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  const node = world.node("liar");
  const chain = await world.chain(node, one.id);
  node.add("liar", [liarInARow(chain, "liar")]);
  await busy(world, [one], 100n);
  const pending = world.environment(one.id).orders;
  const rivals = pending.filter(({ disputes }) => disputes.size > 1).length;
  world.faults.push(`lies about all blocks, ${rivals} of them on other lies`);
  await toTheEnd(world);
  await toTheEnd(world);
  const expected = {
    "lies were built on lies": rivals > 0,
    "what was locked in them is kept": world.ledger.state.kept >= 1_000n * BigInt(rivals),
    "the liar lost money": balanceOf(world, "liar") < BALANCE,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/**
 * While nobody claims, a liar makes up parents up to a true result and lies upon that: nothing that is wrong builds on
 * a claim that anybody honest has looked at.
 */
async function liesUponStones(world: World): Promise<ScenarioEnd> {
  const claimant = (chain: Town["chain"]) => honest(chain, "sequencer", WINDOW + WINDOW / 2n);
  const one = await town(world, { claimant });
  const node = world.node("liar");
  const chain = await world.chain(node, one.id);
  const stone = BigInt(3 + world.random.below(2));
  node.add("liar", [liarInARow(chain, "liar", (height) => height === stone)]);
  await busy(world, [one], 120n);
  world.faults.push(`a lie about height ${stone + 1n} upon a true result that stands upon lies`);
  const lied = world.environment(one.id).orders[Number(stone)];
  const rivals = [...(lied?.disputes.values() ?? [])].map(({ claims }) => claims.size);
  await toTheEnd(world);
  await toTheEnd(world);
  const expected = {
    "the lie was contradicted before anybody claimed its parent": rivals.some((size) => size > 1),
    "the liar lost money": balanceOf(world, "liar") < BALANCE,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** The only verifier comes back seconds before the window over a lie closes. */
async function lateVerifier(world: World): Promise<ScenarioEnd> {
  const one = await lyingTown(world);
  one.verifier.isOnline = false;
  one.users.transfers(3);
  await world.pass(20n);
  const dispute = [...world.environment(one.id).orders[0]!.disputes.values()][0]!;
  const { closesAt } = dispute.tournaments.get(dispute.id)!;
  const left = BigInt(1 + world.random.below(3));
  world.faults.push(`the verifier is away until ${left} s before the window closes`);
  await world.pass(closesAt! - left - world.time);
  one.verifier.isOnline = true;
  await world.settle();
  await toTheEnd(world);
  const expected = {
    "the lie cost its bond": balanceOf(world, "sequencer") < BALANCE,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** A sequencer leaves messages out, then falls silent; somebody else posts for it. */
async function censorship(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  await busy(world, [one], 40n);
  const to = fromHex(addressOf("bob"), 20);
  const deposit = { kind: "deposit", environment: one.id, to, value: 77n, input: nothing } as const;
  const rival = world.node("rival");
  const chain = await world.chain(rival, one.id);
  const account = addressOf("rival");
  rival.add("rival", [
    new Sequencer({ chain, account, producer: account }),
    honest(chain, "rival", 0n),
  ]);
  world.faults.push("the sequencer falls silent when a deposit comes");
  one.sequencer.isOnline = false;
  world.do("alice", deposit);
  const before = headHeight(world, one.id);
  await world.pass(DELAY + 21n);
  const isForced = headHeight(world, one.id) === before + 1n;
  const early = world.refused.get("SETTLEMENT_NOT_ALLOWED") ?? 0;
  await toTheEnd(world);
  const bob = await chain.execution.executed(before + 1n);
  const expected = {
    "the message was taken within its bound": isForced,
    "nobody posted before it was allowed": early === 0,
    "its block was executed": bob !== undefined,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** A sequencer that goes on with blocks but will not take a message is refused once it is due. */
async function leftOut(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  world.faults.push("the sequencer posts orders without the messages that are due");
  const to = fromHex(addressOf("bob"), 20);
  one.sequencer.isOnline = false;
  world.do("alice", { kind: "deposit", environment: one.id, to, value: 5n, input: nothing });
  world.time += DELAY;
  const { head, rules } = world.environment(one.id);
  const refused = world.try("sequencer", {
    ...{
      kind: "order",
      environment: one.id,
      height: head.height + 1n,
      parentOrder: head.orderHash,
    },
    ...{ time: world.time, producer: to, rulesHash: rules[0]!.hash, inboxCount: 0, body: [] },
  });
  one.sequencer.isOnline = true;
  await busy(world, [one], 60n);
  await toTheEnd(world);
  const expected = {
    "the order without the message was refused": refused?.code === "SETTLEMENT_INBOX",
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** Bodies full of what is no transaction: skipped, and what is valid beside it is executed. */
async function invalidFlood(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  const { users } = one;
  const { random } = world;
  let sent = 0;
  await world.pass(120n, () => {
    for (let i = 0; i < 12; i++, sent++) {
      const valid = users.transfer("liar", addressOf("bob"), 1n, BigInt(random.below(1_000)));
      if (random.oneIn(3)) valid[random.below(valid.length)]! ^= 1 + random.below(255);
      const bytes = random.oneIn(3) ? valid.slice(0, random.below(valid.length)) : valid;
      // Said to be nobody's: what is not valid is not acknowledged.
      users.flood(bytes);
    }
    users.transfers(1);
  });
  world.faults.push(`${sent} entries that are no valid transactions`);
  await toTheEnd(world);
  return { towns: [one], missed: missing({ "everything became final": isAllFinal(world, one) }) };
}

/** Two environments send each other as much as they can, and out to settlement. */
async function messageStorm(world: World): Promise<ScenarioEnd> {
  // Fewer at a time than wait.
  const rules = scenarioRules(({ messages }) => ({
    messages: { ...messages, inboxPerBlockMax: 6 },
  }));
  const [one, two] = [await town(world, { rules }), await town(world, { rules })];
  const contracts = [one.users.deploy("alice"), two.users.deploy("alice")];
  await world.pass(40n);
  const zero = toHex(new Uint8Array(32));
  let sent = 0;
  for (const [i, { users }] of [one, two].entries()) {
    const other = [two, one][i]!.id;
    for (let k = 0; k < 25; k++, sent++) {
      const target = world.random.oneIn(5) ? zero : other;
      users.send("alice", contracts[i]!, target, addressOf("bob"), BigInt(1 + k));
    }
  }
  world.faults.push(`${sent} messages in a few blocks`);
  await world.pass(60n);
  await toTheEnd(world);
  await toTheEnd(world);
  const taken = [one, two].map(({ id }) => world.environment(id).final.inboxNext);
  const expected = {
    "messages arrived on both sides": taken.every((count) => count > 10n),
    "somebody was paid out at settlement": balanceOf(world, "bob") > BALANCE,
    "no message waits": [one, two].every(({ id }) => world.environment(id).inbox.length === 0),
    "everything became final": isAllFinal(world, one) && isAllFinal(world, two),
  };
  return { towns: [one, two], missed: missing(expected) };
}

/** Orders at the edges of what their times may be. */
async function clockAtTheEdge(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  const skew = BigInt(world.environment(one.id).rules[0]!.rules.block.timeSkewSecondsMax);
  world.faults.push(`the sequencer's clock is off by up to ${skew + 1n} s in both directions`);
  const offsets = [skew, skew + 1n, -skew, -skew - 1n, 0n];
  for (const offset of offsets) {
    one.sequencer.clockOffset = offset;
    one.users.transfers(2);
    await world.pass(skew * 2n + 20n);
  }
  await toTheEnd(world);
  const expected = {
    "what was outside was refused": (world.refused.get("SETTLEMENT_ORDER_TIME") ?? 0) > 0,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** Two who may post race for every height. */
async function rivalProducers(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  const rival = world.node("rival");
  const chain = await world.chain(rival, one.id);
  const account = addressOf("sequencer");
  const producer = addressOf("rival");
  // The same key on two computers: both may post, and only one order of each height can be.
  const second = new Sequencer({ chain, account, producer, source: one.users });
  rival.add("sequencer", [second, honest(chain, "rival", 0n)]);
  world.faults.push("two computers post as the sequencer");
  const race = world.nodes;
  await world.pass(150n, () => {
    one.users.transfers(1 + world.random.below(3));
    if (world.random.oneIn(2)) race.reverse();
  });
  await toTheEnd(world);
  const producers = new Set(world.orders(one.id).map((order) => toHex(order.producer)));
  const expected = {
    "both made blocks": producers.size === 2,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** The sequencer and everybody who claims are gone for good: people leave with state proofs. */
async function leaving(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  await busy(world, [one], 60n);
  await toTheEnd(world);
  one.users.transfers(2);
  await world.pass(20n);
  world.faults.push("everybody of the environment is gone");
  one.sequencer.isOnline = false;
  one.verifier.isOnline = false;
  const deposit = { kind: "deposit", environment: one.id, value: 9n, input: nothing } as const;
  world.do("bob", { ...deposit, to: fromHex(addressOf("alice"), 20) });
  const before = { alice: balanceOf(world, "alice"), bob: balanceOf(world, "bob") };
  const { locked } = world.environment(one.id);
  for (const person of ["alice", "bob"] as const) {
    const node = world.node(person);
    const account = addressOf(person);
    const { follower } = node;
    const proof = () => proveFinalAccount(follower, one.id, account);
    node.add(person, [new Exit({ follower, environment: one.id, account, proof })]);
  }
  const early = finalHeight(world, one.id);
  await world.passQuickly(escapeTime(world.environment(one.id)) - world.time - 1n);
  const isEarly = world.environment(one.id).isClosed;
  await world.pass(30n);
  const { isClosed, locked: left } = world.environment(one.id);
  const [alice, bob] = [balanceOf(world, "alice"), balanceOf(world, "bob")];
  const expected = {
    "it was open until then": !isEarly && early > 0n,
    "the first escape closed it": isClosed,
    "both have what was theirs": alice > before.alice && bob > before.bob,
    "what they have is what has left": alice + bob - before.alice - before.bob === locked - left,
    "nothing is left behind but fees": left < 1_000n,
  };
  return { towns: [one], missed: missing(expected) };
}

/** New rules bind from an announced height on: for deployments from there on, and never before. */
async function ruleChange(world: World): Promise<ScenarioEnd> {
  const interval = 40;
  const rules = scenarioRules(({ block }) => ({ block: { ...block, intervalSeconds: interval } }));
  const one = await town(world, { rules });
  const { users } = one;
  const before = users.deploy("alice");
  await world.pass(50n);
  const at = headHeight(world, one.id) + 1n + noticeBlocks(rules);
  // The contracts of scenarios begin with four pages.
  const next: Rules = { ...rules, module: { ...rules.module, pages: 3 } };
  const early = world.try("operator", {
    ...{ kind: "rules", environment: one.id, height: at - 1n },
    rules: encodeRules(next),
  });
  const announced = { kind: "rules", environment: one.id, height: at } as const;
  world.do("operator", { ...announced, rules: encodeRules(next) });
  world.faults.push(`from height ${at} on new contracts may have less memory`);
  const busyUntil = async (height: bigint) => {
    while (headHeight(world, one.id) < height) {
      users.transfers(1);
      await world.pass(20n);
    }
  };
  await busyUntil(at);
  const after = users.deploy("alice");
  users.send("alice", before, toHex(new Uint8Array(32)), addressOf("bob"), 3n);
  await world.pass(60n);
  await busyUntil(at + 3n);
  await toTheEnd(world);
  const hasCode = async (address: Hex) => {
    const proof = await one.chain.execution.proveState({ kind: "code", address });
    return decodeStateProof(proof).end.terminal === "value";
  };
  const hashes = world.orders(one.id).map((order) => toHex(order.rulesHash));
  const changed = hashes.findIndex((hash) => hash !== hashes[0]);
  const expected = {
    "too soon was refused": early?.code === "SETTLEMENT_HEIGHT",
    "the orders name the new rules from there on": changed === Number(at) - 1,
    "what was deployed before still runs":
      (await hasCode(before)) && balanceOf(world, "bob") > BALANCE,
    "what the new rules refuse was not deployed": !(await hasCode(after)),
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** Many lies about many blocks at once, by several people. */
async function manyLiars(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  const kinds = [world.random.pick(lieKinds), world.random.pick(lieKinds)];
  for (const [i, person] of (["liar", "rival"] as const).entries()) {
    const node = world.node(person);
    const chain = await world.chain(node, one.id);
    const kind = kinds[i]!;
    node.add(person, [liar({ chain, person, kind, lies: (at) => (at + BigInt(i)) % 2n === 0n })]);
  }
  world.faults.push(`two others claim ${kinds.join(" and ")} about every other block`);
  await busy(world, [one], 100n);
  await toTheEnd(world);
  await toTheEnd(world);
  const expected = {
    "both lost money": balanceOf(world, "liar") < BALANCE && balanceOf(world, "rival") < BALANCE,
    "everything became final": isAllFinal(world, one),
  };
  return { towns: [one], missed: missing(expected) };
}

/** Nobody contradicts a lie: it becomes final, and both the reckoning and the verifier must say so. */
async function onlyVerifierAway(world: World): Promise<ScenarioEnd> {
  const one = await lyingTown(world);
  world.faults.push("the only verifier stays away");
  one.verifier.isOnline = false;
  one.users.transfers(3);
  await world.pass(20n);
  await world.pass(2n * WINDOW);
  one.verifier.isOnline = true;
  await world.settle();
  const noticed = one.verifier.alarm?.code === "NODE_OTHER_RESULT";
  return { towns: [one], missed: missing({ "the verifier noticed": noticed }) };
}

/** The truth is claimed and nobody defends it: it must be reckoned as rejected. */
async function truthAbandoned(world: World): Promise<ScenarioEnd> {
  const one = await town(world);
  one.verifier.isOnline = false;
  one.users.transfers(3);
  await world.pass(20n);
  world.faults.push("whoever claimed the truth is gone when it is contradicted");
  one.sequencer.isOnline = false;
  const node = world.node("liar");
  const chain = await world.chain(node, one.id);
  node.add("liar", [liar({ chain, person: "liar", lies: () => true })]);
  await world.pass(4n * WINDOW);
  one.verifier.isOnline = true;
  await world.settle();
  const noticed = one.verifier.alarm?.code === "NODE_OTHER_RESULT";
  return { towns: [one], missed: missing({ "the verifier noticed": noticed }) };
}

export const scenarios: readonly Scenario[] = [
  { name: "lying-sequencer", run: lyingSequencer },
  { name: "many-liars", run: manyLiars },
  { name: "lies-in-a-row", run: liesInARow },
  { name: "lies-upon-stones", run: liesUponStones },
  { name: "late-verifier", run: lateVerifier },
  { name: "censorship", run: censorship },
  { name: "left-out-message", run: leftOut },
  { name: "invalid-flood", run: invalidFlood },
  { name: "message-storm", run: messageStorm },
  { name: "clock-at-the-edge", run: clockAtTheEdge },
  { name: "rival-producers", run: rivalProducers },
  { name: "rule-change", run: ruleChange },
  { name: "escape", run: leaving },
];

/** Must be found wrong in just this way: without them nobody knows whether the reckoning can find anything. */
export const canaries: readonly Canary[] = [
  { name: "canary-only-verifier-away", run: onlyVerifierAway, wrongFinal: 1, rightRejected: 0 },
  { name: "canary-truth-abandoned", run: truthAbandoned, wrongFinal: 1, rightRejected: 1 },
];
