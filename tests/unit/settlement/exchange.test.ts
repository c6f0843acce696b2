// Two environments that exchange messages through the ledger: real blocks of real environments, whose results are
// claimed, become final, are delivered, and are executed at the other end. And out again.
import { describe, expect, it } from "vitest";
import type { BlockResult } from "../../../host/chain/result.ts";
import {
  contractAddress,
  joinDeployInput,
  signTransaction,
} from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { openDispute } from "../../../host/dispute/dispute.ts";
import { EnvironmentCore } from "../../../host/environment/environment-core.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../../host/environment/native.ts";
import { Outcome, SkipCode } from "../../../host/outcome.ts";
import { encodeRules } from "../../../host/rules/encode-rules.ts";
import { ProgramCache } from "../../../host/sandbox/program-source.ts";
import { V8Runner } from "../../../host/sandbox/v8-runner.ts";
import { noticeBlocks, rulesAt } from "../../../host/settlement/environment-rules.ts";
import { escapeTime } from "../../../host/settlement/escape.ts";
import { memoryStore } from "../../../host/state/memory-store.ts";
import { proberWasm, Script } from "../../support/prober.ts";
import { person, signerOf, TestLedger, testRules, WINDOW } from "../../support/test-ledger.ts";

const RULES = testRules();
const ZERO = new Uint8Array(32);
const PRODUCER = person("sequencer");

/** An environment that is registered with the ledger and executes what is posted there. */
class Registered {
  readonly ledger: TestLedger;
  readonly core: EnvironmentCore;
  readonly id: Hex;
  #nonce = 0n;

  private constructor(ledger: TestLedger, core: EnvironmentCore, id: Hex) {
    this.ledger = ledger;
    this.core = core;
    this.id = id;
  }

  static async open(
    ledger: TestLedger,
    balances: Record<string, bigint>,
    rules = RULES,
  ): Promise<Registered> {
    const number = BigInt(ledger.state.environments.size);
    const id = ledger.register(balances, rules);
    const accounts = Object.entries(balances).map(([name, balance]) => ({
      address: person(name),
      balance,
    }));
    const settlement = { id: ledger.state.id, number };
    const core = await EnvironmentCore.open(
      memoryStore({ hasher: nativeStateHasher() }),
      { rules, accounts, settlement },
      {
        ...{ crypto: nativeHostCrypto, signatures: nativeSignatureChecker },
        ...{ runner: new V8Runner(), programs: new ProgramCache() },
      },
    );
    expect(toHex(core.id)).toBe(id);
    return new Registered(ledger, core, id);
  }

  sign(name: string, fields: { to?: Uint8Array; value?: bigint; input: Uint8Array }): Uint8Array {
    const kind = fields.to === undefined ? "deploy" : "call";
    const rest = { value: 0n, gasLimit: 2 ** 25, price: 0n, ...fields, nonce: this.#nonce++ };
    return signTransaction({ kind, environmentId: this.core.id, ...rest }, signerOf(name));
  }

  /** Posts, executes, claims and finalises one block; what it sent. */
  async block(transactions: readonly Uint8Array[] = []) {
    const { ledger, core, id } = this;
    const { result: parent } = core.standing().head;
    const { body, time, inboxCount } = ledger.post(id, transactions);
    const { rules } = rulesAt(ledger.environment(id), ledger.environment(id).head.height);
    const block = await core.executeBlock({
      time,
      producer: PRODUCER,
      transactions: body,
      inboxCount,
      rules,
    });
    const { result, orderHash, height } = core.standing().head;
    expect(toHex(ledger.environment(id).head.orderHash)).toBe(toHex(orderHash));
    this.settle(height, parent, result);
    return block;
  }

  settle(height: bigint, parent: BlockResult, result: BlockResult): void {
    const { ledger, id } = this;
    const machine = ledger.machine(id, height, parent, [result]);
    const claimant = ledger.player(machine, "carol");
    ledger.give("carol", claimant.claim(openDispute(machine.subject)));
    ledger.time += WINDOW;
    expect(claimant.act()).toBe(true);
    ledger.give("carol", { kind: "finalise", environment: id, height });
  }

  deliver(sent: Awaited<ReturnType<EnvironmentCore["executeBlock"]>>): void {
    const messages = sent.messages.map(({ target, sender, to, value, input }) => ({
      target: fromHex(target, 32),
      sender: fromHex(sender, 20),
      to: fromHex(to, 20),
      ...{ value, input },
    }));
    this.ledger.give("bob", {
      kind: "deliver",
      environment: this.id,
      height: sent.height,
      messages,
    });
  }
}

/** What makes a prober send a message. */
function sends(
  target: Uint8Array,
  to: Uint8Array,
  value: bigint,
  input = new Uint8Array(0),
): Uint8Array {
  const request = new ByteWriter(68).raw(target).raw(to).u128(value).finish();
  return new Script().host("send_message", request, input, input.length).bytes();
}

describe("two environments under one ledger", () => {
  it("exchange messages with value, which leave the one and arrive in the other, and exit", async () => {
    const ledger = new TestLedger();
    const one = await Registered.open(ledger, { alice: 1_000n });
    const two = await Registered.open(ledger, { bob: 500n });
    const prober = contractAddress(one.core.id, signerOf("alice").address, 0n);
    const bob = signerOf("bob").address;
    await one.block([
      one.sign("alice", { input: joinDeployInput(proberWasm(), new Uint8Array(0)) }),
      one.sign("alice", { to: prober, value: 300n, input: new Uint8Array(0) }),
    ]);
    const sent = await one.block([
      one.sign("alice", { to: prober, input: sends(two.core.id, bob, 120n) }),
      one.sign("alice", { to: prober, input: sends(new Uint8Array(32), bob, 30n) }),
    ]);
    expect(sent.messages.map(({ value }) => value)).toEqual([120n, 30n]);
    const before = ledger.balance("bob");
    one.deliver(sent);
    expect(ledger.balance("bob") - before).toBe(30n);
    expect([one.id, two.id].map((id) => ledger.environment(id).locked)).toEqual([850n, 620n]);
    const received = await two.block();
    expect(received.entries.map(({ outcome }) => outcome)).toEqual([0]);
    expect(two.core.account(person("bob")).balance).toBe(620n);
    expect(one.core.account(toHex(prober)).balance).toBe(150n);
  });

  it("play by announced rules from their height on: deployments, prices, and messages that waited", async () => {
    const ledger = new TestLedger();
    const old = testRules(({ block }) => ({ block: { ...block, intervalSeconds: 515 } }));
    const { gas, messages } = old;
    const dearer = {
      ...old,
      gas: { ...gas, instructions: { ...gas.instructions, alu: 9 } },
      messages: { ...messages, gas: messages.gas + 1n },
      fees: { priceMin: 1n },
    };
    const one = await Registered.open(ledger, { alice: 10n ** 11n }, old);
    const height = 1n + noticeBlocks(old);
    ledger.give("alice", {
      ...{ kind: "rules", environment: one.id, height },
      rules: encodeRules(dearer),
    });
    const deploy = () =>
      one.sign("alice", { input: joinDeployInput(proberWasm(), new Uint8Array(0)) });
    await one.block([deploy()]);
    const before = await one.block([deploy()]);
    expect(before.entries.map(({ outcome }) => outcome)).toEqual([Outcome.success]);
    expect(one.core.rules).toEqual(old);
    const to = signerOf("bob").address;
    const gift = { value: 7n, input: new Uint8Array(0) };
    ledger.give("carol", { kind: "deposit", environment: one.id, to, ...gift });
    const after = await one.block([deploy()]);
    expect(after.height).toBe(height);
    expect(after.entries.map(({ outcome, code }) => [outcome, code])).toEqual([
      [Outcome.success, 0],
      [Outcome.skipped, SkipCode.price],
    ]);
    expect(one.core.account(person("bob")).balance).toBe(7n);
    expect(one.core.rules).toEqual(dearer);
  });

  it("let people out with their last final balance when nothing becomes final any more", async () => {
    const ledger = new TestLedger();
    const one = await Registered.open(ledger, { alice: 1_000n, bob: 70n });
    const two = await Registered.open(ledger, { bob: 500n });
    const carol = signerOf("carol").address;
    await one.block([one.sign("alice", { to: carol, value: 10n, input: new Uint8Array(0) })]);
    const { id } = one;
    const proofOf = (name: string) =>
      one.core.proveState({ kind: "account", address: person(name) });
    const leave = (name: string, proof = proofOf(name)) =>
      ledger.try(name, { kind: "escape", environment: id, proof });
    const deposit = { kind: "deposit", environment: id, to: carol, value: 5n } as const;
    const input = new Uint8Array(0);
    ledger.give("bob", { ...deposit, input });
    const reclaim = { kind: "reclaim", environment: id, number: 0n } as const;
    expect(ledger.try("carol", reclaim)).toBe("SETTLEMENT_NOT_CLOSED");
    // An order and a claim that never become final.
    const alice = proofOf("alice");
    const { result: parent } = one.core.standing().head;
    ledger.post(id);
    ledger.post(id);
    const held = ledger.balance("carol");
    const claimed = { ...parent, gasUsed: 5n };
    const machine = ledger.machine(id, 2n, parent, [claimed]);
    const resolved = ledger.player(machine, "carol");
    ledger.give("carol", resolved.claim(openDispute(machine.subject)));
    // Another, on that, which stays open; and the first is over, its bond paid back, and never made final.
    const next = ledger.machine(id, 3n, claimed, []);
    ledger.give("carol", ledger.player(next, "carol").claim(openDispute(next.subject)));
    ledger.time += WINDOW;
    expect(resolved.act()).toBe(true);
    ledger.time = escapeTime(ledger.environment(id)) - 1n;
    expect(leave("alice", alice)).toBe("SETTLEMENT_ESCAPE_EARLY");
    ledger.time += 1n;
    const wrong = [
      proofOf("bob"),
      proofOf("guardian"),
      two.core.proveState({ kind: "account", address: person("alice") }),
      one.core.proveState({ kind: "storage", address: person("alice"), key: toHex(ZERO) }),
      input,
      alice.map((byte, i) => (i === alice.length - 1 ? byte ^ 1 : byte)),
    ];
    for (const proof of wrong) expect(leave("alice", proof)).toBe("SETTLEMENT_ESCAPE_PROOF");
    const before = ledger.balance("alice");
    expect(leave("alice", alice)).toBeUndefined();
    expect(ledger.balance("alice") - before).toBe(990n);
    expect(ledger.balance("carol")).toBe(held);
    expect(leave("alice", alice)).toBe("SETTLEMENT_ESCAPED");
    expect(ledger.try("sequencer", ledger.order(id))).toBe("SETTLEMENT_CLOSED");
    expect(ledger.try("bob", { ...deposit, input })).toBe("SETTLEMENT_CLOSED");
    expect([leave("bob"), leave("carol")]).toEqual([undefined, undefined]);
    const bob = ledger.balance("bob");
    expect(ledger.try("carol", { ...reclaim, number: 1n })).toBe("SETTLEMENT_MESSAGE_UNKNOWN");
    expect(ledger.try("carol", reclaim)).toBeUndefined();
    expect(ledger.try("carol", reclaim)).toBe("SETTLEMENT_MESSAGE_UNKNOWN");
    expect(ledger.balance("bob") - bob).toBe(5n);
    expect(ledger.environment(id).locked).toBe(0n);
  });
});
