// Laws of the ledger over random commands of random people, sensible and not: no money is made or lost, locked totals
// and balances never fall below zero, a refusal changes nothing, and the log replays to the same root.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { genesisResult } from "../../../host/chain/genesis.ts";
import { outboxRoot } from "../../../host/chain/message.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { openDispute } from "../../../host/dispute/dispute.ts";
import type { OutboxMessage } from "../../../host/sandbox/outbox.ts";
import { applyToLedger, openLedger } from "../../../host/settlement/ledger.ts";
import { ledgerRoot } from "../../../host/settlement/ledger-root.ts";
import { totalOf } from "../../../host/settlement/ledger-state.ts";
import {
  BALANCE,
  type LedgerPlayer,
  PEOPLE,
  person,
  signerOf,
  TestLedger,
} from "../../support/test-ledger.ts";
import { liesFrom, truth } from "../../support/toy-dispute.ts";

const SEED = 20_264;
const RUNS = 25;

const acts = [
  ...["transfer", "deposit", "order", "claim", "claim", "move", "move", "move", "finalise"],
  ...["finalise", "deliver", "pause", "unpause", "wait", "wait", "escape", "reclaim"],
] as const;

const plan = fc.record({
  act: fc.constantFrom(...acts),
  who: fc.constantFrom(...PEOPLE),
  whom: fc.constantFrom(...PEOPLE),
  environment: fc.nat(1),
  value: fc.oneof(fc.bigInt(0n, 2_000n), fc.constant(2n * BALANCE)),
  variant: fc.nat(2),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

/** A ledger with two environments whose results send messages for more than there is. */
class RandomLedger {
  readonly ledger = new TestLedger();
  readonly ids: readonly Hex[];
  readonly accepted = new Map<string, number>();
  readonly #players: LedgerPlayer[] = [];
  readonly #sent = new Map<string, readonly OutboxMessage[]>();

  constructor() {
    this.ids = [this.ledger.register({ alice: 900n }), this.ledger.register({ bob: 5_000n })];
  }

  /** What a variant of a height says that was sent. */
  #messages(id: Hex, height: bigint, variant: number): readonly OutboxMessage[] {
    const other = fromHex(this.ids.find((known) => known !== id)!, 32);
    return [other, new Uint8Array(32), new Uint8Array(32).fill(3)].map((target, i) => ({
      ...{ target, sender: new Uint8Array(20).fill(8), input: new Uint8Array(i) },
      ...{ to: signerOf("bob").address, value: 100n * BigInt(variant + i) + height },
    }));
  }

  #claim(id: Hex, { who, variant }: Plan): void {
    const { ledger } = this;
    const { final, head, orders } = ledger.environment(id);
    if (head.height === final.height) return;
    const height = final.height + 1n;
    const results = [0, 1, 2].map((mark) => {
      const messages = this.#messages(id, height, mark);
      const root = outboxRoot(fromHex(id, 32), messages);
      this.#sent.set(toHex(root), messages);
      const stateRoot = new Uint8Array(32).fill(mark + 1);
      return { ...genesisResult(stateRoot), outboxRoot: root, gasUsed: height };
    });
    const known = this.#players.find(({ toy }) => toy.machine.subject.order === orders[0]!.order)
      ?.toy.machine;
    const machine = known ?? ledger.machine(id, height, final.result, results);
    const story = variant === 0 ? truth : liesFrom(6, variant);
    const player = ledger.player(machine, who, story);
    this.#players.push(player);
    if (ledger.try(who, player.claim(player.dispute ?? openDispute(machine.subject))) === undefined)
      this.#count("claim");
  }

  #count(kind: string): void {
    this.accepted.set(kind, (this.accepted.get(kind) ?? 0) + 1);
  }

  #give(name: string, command: Parameters<TestLedger["give"]>[1]): void {
    if (this.ledger.try(name, command) === undefined) this.#count(command.kind);
  }

  do(given: Plan): void {
    const { act, who, whom, value } = given;
    const { ledger } = this;
    const environment = this.ids[given.environment]!;
    const { final, outboxes } = ledger.environment(environment);
    const to = signerOf(whom).address;
    switch (act) {
      case "transfer":
        this.#give(who, { kind: act, to: person(whom), value });
        return;
      case "deposit":
        this.#give(who, { kind: act, environment, to, value, input: to });
        return;
      case "order":
        ledger.time += 2n;
        this.#give("sequencer", ledger.order(environment));
        return;
      case "claim":
        this.#claim(environment, given);
        return;
      case "move":
        for (const player of this.#players) {
          try {
            if (player.act()) this.#count("move");
          } catch {
            // Not possible now, such as in a pause; the ledger is as it was.
          }
        }
        return;
      case "finalise":
        this.#give(who, { kind: act, environment, height: final.height + 1n });
        return;
      case "deliver": {
        const messages = this.#sent.get(toHex(outboxes[0]?.root ?? new Uint8Array(32))) ?? [];
        this.#give(who, {
          kind: act,
          environment,
          height: outboxes[0]?.height ?? 1n,
          messages,
        });
        return;
      }
      case "pause":
        this.#give("guardian", { kind: act, environment, seconds: Number(value % 1_000n) });
        return;
      case "unpause":
        this.#give("guardian", { kind: act, environment });
        return;
      case "wait":
        ledger.time += 400n;
        return;
      case "escape":
        this.#give(who, { kind: act, environment, proof: to });
        return;
      case "reclaim":
        this.#give(who, { kind: act, environment, number: value % 4n });
        return;
    }
  }
}

describe("random commands", () => {
  it("make and lose no money, and replay from their log to the same root", () => {
    const all = new Map<string, number>();
    const law = fc.property(fc.array(plan, { minLength: 40, maxLength: 80 }), (plans) => {
      const random = new RandomLedger();
      const { ledger } = random;
      // The ledger under test checks the total after each of them.
      for (const given of plans) random.do(given);
      expect(totalOf(ledger.state)).toBe(BigInt(PEOPLE.length) * BALANCE);
      for (const { balance } of ledger.state.accounts.values()) expect(balance >= 0n).toBe(true);
      let again = openLedger(ledger.genesis);
      for (const { time, command } of ledger.log) {
        const applied = applyToLedger(again, time, command, ledger.ground);
        if ("refused" in applied) throw applied.refused;
        again = applied.state;
      }
      expect(toHex(ledgerRoot(again))).toBe(toHex(ledgerRoot(ledger.state)));
      for (const [kind, count] of random.accepted) all.set(kind, (all.get(kind) ?? 0) + count);
    });
    fc.assert(law, { seed: SEED, numRuns: RUNS, endOnFailure: true });
    for (const kind of [
      "transfer",
      "deposit",
      "order",
      "claim",
      "move",
      "finalise",
      "deliver",
      "pause",
    ]) {
      expect([kind, (all.get(kind) ?? 0) > 0]).toEqual([kind, true]);
    }
  });
});
