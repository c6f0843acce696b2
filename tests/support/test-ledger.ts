// A ledger under test: people with keys, commands that sign themselves, a clock that the test moves, and after each
// command what must hold at every moment: money is neither made nor lost, and a refusal leaves no trace. Disputes are
// those of toy machines, whose runs end in whatever results a test says.
import { expect } from "vitest";
import { deriveKey, type TransactionSigner } from "../../host/chain/key.ts";
import type { BlockResult } from "../../host/chain/result.ts";
import { encodeMessageEntry } from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { encodeCommand } from "../../host/dispute/command.ts";
import type { DisputeState } from "../../host/dispute/dispute-state.ts";
import {
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import type { EngineError, ErrorCode } from "../../host/errors.ts";
import { RejectionCode } from "../../host/outcome.ts";
import { encodeRules } from "../../host/rules/encode-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { disputeTime } from "../../host/settlement/claims.ts";
import { nextRules, rulesAt } from "../../host/settlement/environment-rules.ts";
import { inboxEntries, waitingMessages } from "../../host/settlement/inbox.ts";
import {
  applyToLedger,
  type LedgerGenesis,
  type LedgerGround,
  openLedger,
} from "../../host/settlement/ledger.ts";
import {
  type LedgerCommand,
  type OrderCommand,
  signCommand,
} from "../../host/settlement/ledger-command.ts";
import {
  type LedgerEnvironment,
  type LedgerState,
  totalOf,
} from "../../host/settlement/ledger-state.ts";
import { SMALL_SHAPE, type Story, ToyMachine, ToyPlayer, truth } from "./toy-dispute.ts";

export const BALANCE = 10n ** 12n;
export const WINDOW = 1_000n;
const HALT_STEP = 12;

/** Rules with a short window and short clocks. */
export function testRules(change: (rules: Rules) => Partial<Rules> = () => ({})): Rules {
  const general = presetRules("general");
  const dispute = {
    ...general.dispute,
    ...{ windowSeconds: Number(WINDOW), clockSeconds: 100, graceSeconds: 10, claimBond: 1_000n },
  };
  const rules = { ...general, dispute, guardian: person("guardian") };
  return { ...rules, ...change(rules) };
}

const signers = new Map<string, TransactionSigner>();

export function signerOf(name: string): TransactionSigner {
  const signer = signers.get(name) ?? nativeSigner(deriveKey("test", name));
  signers.set(name, signer);
  return signer;
}

/** Address of a person. */
export function person(name: string): Hex {
  return toHex(signerOf(name).address);
}

export const PEOPLE = ["alice", "bob", "carol", "sequencer", "guardian"] as const;

export class TestLedger {
  readonly genesis: LedgerGenesis = {
    salt: new Uint8Array(32).fill(7),
    accounts: PEOPLE.map((name) => ({ address: signerOf(name).address, balance: BALANCE })),
  };
  readonly log: { readonly time: bigint; readonly command: Uint8Array }[] = [];
  readonly ground: LedgerGround;
  state: LedgerState = openLedger(this.genesis);
  time = 1_000_000n;
  readonly #machines: ToyMachine[] = [];

  constructor() {
    this.ground = {
      signatures: nativeSignatureChecker,
      hasher: nativeStateHasher(),
      shape: SMALL_SHAPE,
      judge: (pre, proof) => {
        for (const { judge } of this.#machines) {
          const judged = judge(pre, proof);
          if ("post" in judged) return judged;
        }
        return { rejected: RejectionCode.PRE_STATE };
      },
    };
  }

  balance(name: string): bigint {
    return this.state.accounts.get(person(name))?.balance ?? 0n;
  }

  environment(id: Hex): LedgerEnvironment {
    return this.state.environments.get(id)!;
  }

  sign(name: string, command: LedgerCommand): Uint8Array {
    const nonce = this.state.accounts.get(person(name))?.nonce ?? 0n;
    return signCommand(this.state.id, nonce, command, signerOf(name));
  }

  /** What refuses these bytes now, or undefined if they are accepted. */
  tryBytes(command: Uint8Array): EngineError | undefined {
    const before = this.state;
    const total = totalOf(before);
    const applied = applyToLedger(before, this.time, command, this.ground);
    expect(totalOf(before)).toBe(total);
    if ("refused" in applied) return applied.refused;
    this.state = applied.state;
    this.log.push({ time: this.time, command });
    expect(totalOf(this.state)).toBe(total);
    return undefined;
  }

  /** The code that refuses a command of somebody; undefined if it is accepted. */
  try(name: string, command: LedgerCommand): ErrorCode | undefined {
    return this.tryBytes(this.sign(name, command))?.code;
  }

  /** Gives a command that must be accepted. */
  give(name: string, command: LedgerCommand): void {
    const refused = this.tryBytes(this.sign(name, command));
    if (refused !== undefined) throw refused;
  }

  /** Registers an environment with balances of people. */
  register(
    balances: Readonly<Record<string, bigint>> = { alice: 1_000_000n },
    rules: Rules = testRules(),
    operator = "alice",
  ): Hex {
    const accounts = Object.entries(balances).map(([name, balance]) => ({
      address: signerOf(name).address,
      balance,
    }));
    const known = new Set(this.state.environments.keys());
    const bytes = encodeRules(rules);
    this.give(operator, {
      kind: "register",
      rules: bytes,
      sequencer: person("sequencer"),
      accounts,
    });
    return [...this.state.environments.keys()].find((id) => !known.has(id))!;
  }

  /** The next order, with all waiting messages (or so many) and then `transactions`. */
  order(
    id: Hex,
    transactions: readonly Uint8Array[] = [],
    changed: Partial<OrderCommand> = {},
  ): OrderCommand {
    const environment = this.environment(id);
    const { inboxPerBlockMax } = nextRules(environment).rules.messages;
    const inboxCount =
      changed.inboxCount ?? Math.min(inboxPerBlockMax, waitingMessages(environment).length);
    return {
      kind: "order",
      environment: id,
      height: environment.head.height + 1n,
      parentOrder: environment.head.orderHash,
      time: this.time,
      producer: signerOf("sequencer").address,
      rulesHash: nextRules(environment).hash,
      body: [...inboxEntries(environment, inboxCount), ...transactions],
      ...changed,
      inboxCount,
    };
  }

  /** Posts the next order an interval later. */
  post(id: Hex, transactions: readonly Uint8Array[] = []): OrderCommand {
    this.time += BigInt(nextRules(this.environment(id)).rules.block.intervalSeconds);
    const order = this.order(id, transactions);
    this.give("sequencer", order);
    return order;
  }

  /** The toy machine of a pending order on a parent's result; its variants end in `results`. */
  machine(
    id: Hex,
    height: bigint,
    parentResult: BlockResult,
    results: readonly BlockResult[],
  ): ToyMachine {
    const environment = this.environment(id);
    const { order } = environment.orders[Number(height - environment.final.height - 1n)]!;
    const { rules } = rulesAt(environment, height);
    const subject = { order, parentResult, rules, shape: SMALL_SHAPE };
    const machine = new ToyMachine(subject, HALT_STEP, results);
    this.#machines.push(machine);
    return machine;
  }

  player(machine: ToyMachine, name: string, story: Story = truth): LedgerPlayer {
    return new LedgerPlayer(this, machine, name, story);
  }
}

/** Somebody who tells one story in the dispute of one order. */
export class LedgerPlayer {
  readonly toy: ToyPlayer;
  readonly name: string;
  readonly #ledger: TestLedger;
  readonly #environment: Hex;

  constructor(ledger: TestLedger, machine: ToyMachine, name: string, story: Story) {
    this.#ledger = ledger;
    this.name = name;
    this.toy = new ToyPlayer(machine, story, person(name));
    this.#environment = toHex(machine.subject.order.environmentId);
  }

  get dispute(): DisputeState | undefined {
    const { order, parentResult } = this.toy.machine.subject;
    const { final, orders } = this.#ledger.environment(this.#environment);
    const pending = orders[Number(order.height - final.height - 1n)];
    return [...(pending?.disputes.values() ?? [])].find(
      ({ subject }) => toHex(subject.parentResult.stateRoot) === toHex(parentResult.stateRoot),
    );
  }

  wrap(command: Parameters<typeof encodeCommand>[0]): LedgerCommand {
    const { order, parentResult } = this.toy.machine.subject;
    return {
      kind: "dispute",
      environment: this.#environment,
      height: order.height,
      parentResult,
      command: encodeCommand(command, SMALL_SHAPE),
    };
  }

  /** The entry of this player's claim into level A. */
  claim(state: DisputeState): LedgerCommand {
    return this.wrap(this.toy.claim(state.tournaments.get(state.id)!)!);
  }

  /** Gives the first command that is open to this player now; whether there was one. */
  act(): boolean {
    const { dispute } = this;
    if (dispute === undefined) return false;
    const time = disputeTime(this.#ledger.environment(this.#environment), this.#ledger.time);
    const { order } = this.toy.machine.subject;
    const isNext = order.height === this.#ledger.environment(this.#environment).final.height + 1n;
    // A dispute ends when what it builds on is final.
    const command = this.toy
      .commands(dispute, time)
      .find((one) => isNext || one.kind !== "resolve" || one.tournament !== dispute.id);
    if (command === undefined) return false;
    this.#ledger.give(this.name, this.wrap(command));
    return true;
  }
}

/** The body entry of a message, as a sequencer would make it up. */
export const madeUpEntry = (target: Hex): Uint8Array =>
  encodeMessageEntry({
    ...{ source: new Uint8Array(32), target: fromHex(target, 32), input: new Uint8Array(0) },
    ...{ sender: new Uint8Array(20), to: new Uint8Array(20), value: 10n ** 30n },
    ...{ number: 0n, gasLimit: 262_144 },
  });
