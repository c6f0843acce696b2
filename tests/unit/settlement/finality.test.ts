// From claims to finality: one survivor becomes final, a lie falls with what was built on it, nobody wins where all
// are out, bonds go where the game says; delivery, the firewall, and the way out when everything has stopped.
import { describe, expect, it } from "vitest";
import { genesisResult } from "../../../host/chain/genesis.ts";
import { outboxRoot } from "../../../host/chain/message.ts";
import type { BlockResult } from "../../../host/chain/result.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { openDispute } from "../../../host/dispute/dispute.ts";
import type { OutboxMessage } from "../../../host/sandbox/outbox.ts";
import { nextLogHash, openLedger } from "../../../host/settlement/ledger.ts";
import {
  encodeLogRecord,
  encodeLogStart,
  replayLedgerLog,
} from "../../../host/settlement/ledger-log.ts";
import { ledgerRoot } from "../../../host/settlement/ledger-root.ts";
import {
  type LedgerPlayer,
  person,
  signerOf,
  TestLedger,
  testRules,
  WINDOW,
} from "../../support/test-ledger.ts";
import { liesFrom } from "../../support/toy-dispute.ts";

const BOND = 1_000n;
const ZERO = new Uint8Array(32);

/** A result that stands for a block; `messages` are what it sent. */
function resultOf(id: Hex, mark: number, messages: readonly OutboxMessage[] = []): BlockResult {
  const stateRoot = new Uint8Array(32).fill(mark);
  return {
    ...genesisResult(stateRoot),
    outboxRoot: outboxRoot(fromHex(id, 32), messages),
    gasUsed: BigInt(mark),
  };
}

/** Claims a result, alone, and makes it final a window later. */
function settle(ledger: TestLedger, id: Hex, result: BlockResult): void {
  const { final } = ledger.environment(id);
  const height = final.height + 1n;
  const machine = ledger.machine(id, height, final.result, [result]);
  const carol = ledger.player(machine, "carol");
  ledger.give("carol", carol.claim(openDispute(machine.subject)));
  ledger.time += WINDOW;
  expect(carol.act()).toBe(true);
  ledger.give("carol", { kind: "finalise", environment: id, height });
}

/** Plays until nobody has a command left, a window later. */
function play(ledger: TestLedger, players: readonly LedgerPlayer[]): void {
  for (let rounds = 0; rounds < 60; rounds++) {
    if (!players.some((player) => player.act())) ledger.time += 100n;
  }
}

const claimOf = (player: LedgerPlayer) => player.claim(openDispute(player.toy.machine.subject));

function ledgerWith(balance = 1_000_000n) {
  const ledger = new TestLedger();
  return { ledger, id: ledger.register({ alice: balance }) };
}

describe("a claim", () => {
  it("names an order that waits, and a parent result that is final or stands", () => {
    const { ledger, id } = ledgerWith();
    ledger.post(id);
    ledger.post(id);
    const { final } = ledger.environment(id);
    const [right, wrong] = [resultOf(id, 1), resultOf(id, 2)];
    const carol = ledger.player(ledger.machine(id, 1n, final.result, [right]), "carol");
    const claim = claimOf(carol);
    const at = (height: bigint) => ledger.try("carol", { ...claim, height } as typeof claim);
    expect([0n, 3n].map(at)).toEqual(["SETTLEMENT_HEIGHT", "SETTLEMENT_HEIGHT"]);
    const second = (parent: BlockResult) =>
      ledger.player(ledger.machine(id, 2n, parent, [resultOf(id, 3)]), "carol");
    expect(ledger.try("carol", claimOf(second(right)))).toBe("SETTLEMENT_PARENT_RESULT");
    expect(ledger.try("bob", claim)).toBe("SETTLEMENT_NOT_ALLOWED");
    ledger.give("carol", claim);
    expect(ledger.try("carol", claimOf(second(wrong)))).toBe("SETTLEMENT_PARENT_RESULT");
    expect(ledger.try("carol", claimOf(second(right)))).toBeUndefined();
    expect(ledger.balance("carol")).toBe(ledger.balance("guardian") - 2n * BOND);
  });

  it("is paid by the account that enters it", () => {
    const { ledger, id } = ledgerWith();
    ledger.post(id);
    const { final } = ledger.environment(id);
    const carol = ledger.player(ledger.machine(id, 1n, final.result, []), "carol");
    const spare = (left: bigint) => {
      const value = ledger.balance("carol") - left;
      ledger.give("carol", { kind: "transfer", to: person("bob"), value });
    };
    spare(BOND - 1n);
    expect(ledger.try("carol", claimOf(carol))).toBe("SETTLEMENT_BALANCE");
    ledger.give("bob", { kind: "transfer", to: person("carol"), value: 1n });
    expect(ledger.try("carol", claimOf(carol))).toBeUndefined();
    expect(ledger.balance("carol")).toBe(0n);
  });

  it("becomes final after its window, in order, and its bond comes back", () => {
    const { ledger, id } = ledgerWith();
    ledger.post(id);
    ledger.post(id);
    const { final } = ledger.environment(id);
    const [first, second] = [resultOf(id, 1), resultOf(id, 2)];
    const one = ledger.player(ledger.machine(id, 1n, final.result, [first]), "carol");
    const two = ledger.player(ledger.machine(id, 2n, first, [second]), "carol");
    const finalise = (height: bigint) =>
      ledger.try("bob", { kind: "finalise", environment: id, height });
    expect(finalise(1n)).toBe("SETTLEMENT_NOT_FINAL");
    ledger.give("carol", claimOf(one));
    ledger.give("carol", claimOf(two));
    ledger.time += WINDOW - 1n;
    expect(one.act()).toBe(false);
    ledger.time += 1n;
    expect(finalise(1n)).toBe("SETTLEMENT_NOT_FINAL");
    const tournament = two.dispute!.id;
    const resolve = two.wrap({ kind: "resolve", account: person("carol"), tournament });
    // Its bond stays for as long as what it builds on may fall.
    expect(ledger.try("carol", resolve)).toBe("SETTLEMENT_NOT_FINAL");
    expect([one.act(), two.act()]).toEqual([true, false]);
    expect(finalise(2n)).toBe("SETTLEMENT_NOT_FINAL");
    expect(finalise(1n)).toBeUndefined();
    expect(finalise(1n)).toBe("SETTLEMENT_HEIGHT");
    expect(finalise(2n)).toBe("SETTLEMENT_NOT_FINAL");
    ledger.give("carol", resolve);
    expect(ledger.balance("carol")).toBe(ledger.balance("guardian"));
    expect(finalise(2n)).toBeUndefined();
    expect(ledger.environment(id).final).toMatchObject({ height: 2n, result: second });
  });
});

describe("a lie", () => {
  it("falls with what was built on it, its bonds are kept or paid, and the truth becomes final", () => {
    const { ledger, id } = ledgerWith();
    ledger.post(id);
    ledger.post(id);
    const { final } = ledger.environment(id);
    const [right, wrong] = [resultOf(id, 1), resultOf(id, 9)];
    const machine = ledger.machine(id, 1n, final.result, [right, wrong]);
    const liar = ledger.player(machine, "bob", liesFrom(6, 1));
    const honest = ledger.player(machine, "carol");
    ledger.give("bob", claimOf(liar));
    // On the lie, and on the truth: both for the same order.
    const built = ledger.player(ledger.machine(id, 2n, wrong, [resultOf(id, 3)]), "bob");
    ledger.give("bob", claimOf(built));
    ledger.give("carol", claimOf(honest));
    const next = ledger.player(ledger.machine(id, 2n, right, [resultOf(id, 2)]), "carol");
    ledger.give("carol", claimOf(next));
    play(ledger, [honest, liar, next]);
    expect(ledger.environment(id).orders[1]!.disputes.size).toBe(2);
    const kept = ledger.state.kept;
    ledger.give("alice", { kind: "finalise", environment: id, height: 1n });
    expect(toHex(ledger.environment(id).final.result.stateRoot)).toBe(toHex(right.stateRoot));
    expect(ledger.environment(id).orders[0]!.disputes.size).toBe(1);
    expect(ledger.state.kept - kept).toBe(BOND);
    expect(next.act()).toBe(true);
    ledger.give("alice", { kind: "finalise", environment: id, height: 2n });
    expect(ledger.balance("carol")).toBeGreaterThan(ledger.balance("guardian"));
    expect(ledger.balance("bob")).toBeLessThan(ledger.balance("guardian") - BOND);
    expect(replayed(ledger)).toBe(toHex(ledgerRoot(ledger.state)));
  });

  it("and another lie that both fall silent leave no result, and the order is disputed anew", () => {
    const { ledger, id } = ledgerWith();
    ledger.post(id);
    const { final } = ledger.environment(id);
    const results = [resultOf(id, 1), resultOf(id, 8), resultOf(id, 9)];
    const machine = ledger.machine(id, 1n, final.result, results);
    const liars = [1, 2].map((i) => ledger.player(machine, "bob", liesFrom(6, i)));
    const honest = ledger.player(machine, "carol");
    const claim = claimOf(honest);
    for (const liar of liars) ledger.give("bob", claimOf(liar));
    ledger.time += WINDOW;
    for (let acts = 0; acts < 2; acts++) expect(honest.act()).toBe(true);
    expect(honest.dispute!.verdict).toMatchObject({ survivor: undefined });
    const finalise = { kind: "finalise", environment: id, height: 1n } as const;
    expect(ledger.try("bob", finalise)).toBe("SETTLEMENT_NOT_FINAL");
    expect(ledger.state.kept).toBe(2_100n);
    const resolve = honest.wrap({
      kind: "resolve",
      account: person("carol"),
      tournament: honest.dispute!.id,
    });
    expect(ledger.try("carol", resolve)).toBe("DISPUTE_OVER");
    ledger.give("carol", claim);
    ledger.time += WINDOW;
    expect(honest.act()).toBe(true);
    expect(ledger.try("bob", finalise)).toBeUndefined();
  });
});

describe("a dispute whose parent's claims have fallen", () => {
  it("goes on: nobody is kept from moving while his clock runs", () => {
    const { ledger, id } = ledgerWith();
    for (let height = 1; height <= 3; height++) ledger.post(id);
    const { final } = ledger.environment(id);
    const [first, second, third] = [1, 2, 3].map((mark) => resultOf(id, mark)) as [
      BlockResult,
      BlockResult,
      BlockResult,
    ];
    const lie = resultOf(id, 9);
    const players = (height: bigint, parent: BlockResult, results: readonly BlockResult[]) => {
      const machine = ledger.machine(id, height, parent, results);
      const liar = ledger.player(machine, "bob", liesFrom(6, 1));
      return { honest: ledger.player(machine, "carol"), liar };
    };
    const playNow = (all: readonly LedgerPlayer[]) => {
      while (all.some((player) => player.act()));
    };
    const finalise = (height: bigint) =>
      ledger.give("carol", { kind: "finalise", environment: id, height });
    const one = players(1n, final.result, [first, lie]);
    ledger.give("bob", claimOf(one.liar));
    // What height 2 truly comes to, but upon a lie: it stands for as long as nobody cares.
    const orphan = ledger.player(ledger.machine(id, 2n, lie, [second]), "bob");
    ledger.give("bob", claimOf(orphan));
    ledger.give("carol", claimOf(one.honest));
    playNow([one.honest, one.liar]);
    ledger.time += WINDOW - 50n;
    const three = players(3n, second, [third, lie]);
    ledger.give("bob", claimOf(three.liar));
    ledger.give("carol", claimOf(three.honest));
    ledger.time += 50n;
    playNow([one.honest]);
    finalise(1n);
    // Now nobody claims what height 3 is disputed upon.
    expect(ledger.environment(id).orders.map(({ disputes }) => disputes.size)).toEqual([0, 1]);
    const other = players(3n, lie, []);
    expect(ledger.try("carol", claimOf(other.honest))).toBe("SETTLEMENT_PARENT_RESULT");
    expect(three.honest.act() || three.liar.act()).toBe(true);
    playNow([three.honest, three.liar]);
    const two = players(2n, first, [second]);
    ledger.give("carol", claimOf(two.honest));
    ledger.time += WINDOW;
    playNow([two.honest]);
    finalise(2n);
    playNow([three.honest]);
    finalise(3n);
    expect(toHex(ledger.environment(id).final.result.stateRoot)).toBe(toHex(third.stateRoot));
    expect(replayed(ledger)).toBe(toHex(ledgerRoot(ledger.state)));
  });
});

/** The root of the ledger that the log tells. */
function replayed(ledger: TestLedger): Hex {
  let { id: hash } = openLedger(ledger.genesis);
  const parts = [encodeLogStart(ledger.genesis)];
  for (const { time, command } of ledger.log) {
    parts.push(encodeLogRecord(hash, time, command));
    hash = nextLogHash(hash, time, command);
  }
  const { state } = replayLedgerLog(Buffer.concat(parts), ledger.ground);
  return toHex(ledgerRoot(state));
}

describe("delivery", () => {
  const sender = new Uint8Array(20).fill(4);
  const message = (target: Uint8Array, value: bigint, bytes = 0): OutboxMessage => ({
    ...{ target, sender, to: signerOf("bob").address, value, input: new Uint8Array(bytes) },
  });

  function delivered(messages: (other: Uint8Array) => readonly OutboxMessage[], locked = 100n) {
    const { ledger, id } = ledgerWith(locked);
    const other = ledger.register(
      {},
      testRules(({ messages: m }) => ({ messages: { ...m, messageBytesMax: 64 } })),
    );
    const sent = messages(fromHex(other, 32));
    ledger.post(id);
    settle(ledger, id, resultOf(id, 1, sent));
    const deliver = (list = sent, height = 1n) =>
      ledger.try("carol", { kind: "deliver", environment: id, height, messages: list });
    const of = (name: Hex) => ledger.environment(name);
    return {
      ledger,
      sent,
      deliver,
      before: ledger.balance("bob"),
      one: () => of(id),
      two: () => of(other),
    };
  }

  it("is of the whole list, in its order, of the first block that waits, once", () => {
    const { deliver, sent, one, two } = delivered((to) => [message(to, 1n), message(to, 2n)]);
    expect(deliver(sent.slice(0, 1))).toBe("SETTLEMENT_OUTBOX");
    expect(deliver([...sent].reverse())).toBe("SETTLEMENT_OUTBOX");
    expect(deliver(sent, 2n)).toBe("SETTLEMENT_OUTBOX");
    expect(deliver()).toBeUndefined();
    expect(two().inbox.map(({ value }) => value)).toEqual([1n, 2n]);
    expect([one().locked, two().locked]).toEqual([97n, 3n]);
    expect(deliver()).toBe("SETTLEMENT_OUTBOX");
  });

  it("lets no more out than is locked, whatever became final, and the rest of the list passes", () => {
    const { ledger, deliver, before, one } = delivered(() => [
      message(ZERO, 60n),
      message(ZERO, 41n),
      message(ZERO, 40n),
    ]);
    expect(deliver()).toBeUndefined();
    expect(ledger.balance("bob") - before).toBe(100n);
    expect(one()).toMatchObject({ locked: 0n, withheld: 1n });
  });

  it("of thousands of messages is one command, and leaves the state before it as it was", () => {
    const { ledger, deliver, two } = delivered((to) => Array(4_096).fill(message(to, 0n)));
    const before = two();
    expect(deliver()).toBeUndefined();
    expect([before.inbox.length, two().inbox.length]).toEqual([0, 4_096]);
    const first = two();
    const deposit = { kind: "deposit", environment: first.id, to: sender, value: 1n } as const;
    ledger.give("bob", { ...deposit, input: new Uint8Array(0) });
    expect([first.inbox.length, two().inbox.length]).toEqual([4_096, 4_097]);
  });

  it("gives value back whose target is unknown, or takes no input of that length", () => {
    const { deliver, one, two } = delivered((to) => [
      message(new Uint8Array(32).fill(1), 5n),
      message(to, 6n, 65),
      message(to, 7n, 64),
      message(to, 0n, 65),
    ]);
    expect(deliver()).toBeUndefined();
    expect(two().inbox.map(({ value }) => value)).toEqual([7n]);
    expect(one().inbox.map(({ value, to }) => [value, toHex(to)])).toEqual([
      [5n, toHex(sender)],
      [6n, toHex(sender)],
    ]);
    expect(one().locked).toBe(93n);
  });
});
