// A settlement ledger and the nodes around it on one thread, driven by a clock that is counted and not read: what
// happens follows from the seed. Every node follows the ledger from its log alone; a node that is offline is handed
// nothing and asked nothing. Whoever is asked answers with signed commands, which the ledger takes or refuses.
import { deriveKey, type TransactionSigner } from "../../host/chain/key.ts";
import { type Hex, toHex } from "../../host/codec/hex.ts";
import { PRODUCTION_SHAPE } from "../../host/dispute/commitment-shape.ts";
import { judgeStep } from "../../host/dispute/judge.ts";
import {
  nativeSignatureChecker,
  nativeSigner,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import type { EngineError, ErrorCode } from "../../host/errors.ts";
import type { Execution } from "../../host/node/execution.ts";
import { LedgerFollower } from "../../host/node/ledger-follower.ts";
import { MemoryExecution } from "../../host/node/memory-execution.ts";
import { OwnChain } from "../../host/node/own-chain.ts";
import { Participant, type Role } from "../../host/node/participant.ts";
import { encodeRules } from "../../host/rules/encode-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { Rules } from "../../host/rules/rules.ts";
import type { LedgerGenesis, LedgerGround } from "../../host/settlement/ledger.ts";
import {
  decodeLedgerCommand,
  type LedgerCommand,
  type OrderCommand,
  signCommand,
} from "../../host/settlement/ledger-command.ts";
import { type LedgerEnvironment, totalOf } from "../../host/settlement/ledger-state.ts";
import { Random } from "../support/random.ts";

export const BALANCE = 10n ** 18n;
/** Seconds. */
export const WINDOW = 400n;
export const DELAY = 60n;

export const PEOPLE = [
  "operator",
  "sequencer",
  "rival",
  "verifier",
  "liar",
  "alice",
  "bob",
] as const;
export type Person = (typeof PEOPLE)[number];

export const ground: LedgerGround = {
  signatures: nativeSignatureChecker,
  hasher: nativeStateHasher(),
  judge: judgeStep,
  shape: PRODUCTION_SHAPE,
};

const signers = new Map<string, TransactionSigner>();

export function signerOf(name: string): TransactionSigner {
  const signer = signers.get(name) ?? nativeSigner(deriveKey("scenario", name));
  signers.set(name, signer);
  return signer;
}

export const addressOf = (name: string): Hex => toHex(signerOf(name).address);

/** Rules with short windows and clocks. */
export function scenarioRules(change: (rules: Rules) => Partial<Rules> = () => ({})): Rules {
  const general = presetRules("general");
  const dispute = {
    ...general.dispute,
    ...{ windowSeconds: Number(WINDOW), clockSeconds: 150, graceSeconds: 20, claimBond: 1_000n },
  };
  const messages = { ...general.messages, inboxDelaySeconds: Number(DELAY) };
  const rules = { ...general, dispute, messages, guardian: addressOf("operator") };
  return { ...rules, ...change(rules) };
}

export interface LogRecord {
  readonly time: bigint;
  readonly command: Uint8Array;
}

/** Whoever gives commands: a participant here, or one in another process. */
export interface Actor {
  readonly account: Hex;
  step(time: bigint): Promise<Uint8Array[]>;
}

/** Somebody's computer: its view of the ledger, and who acts from it. */
export class WorldNode {
  readonly name: string;
  readonly follower: LedgerFollower;
  readonly chains: OwnChain[] = [];
  readonly participants: Actor[] = [];
  isOnline = true;
  /** What its clock shows beside the ledger's. */
  clockOffset = 0n;
  /** Why it stopped. */
  alarm: EngineError | undefined;
  read = 0;

  constructor(name: string, genesis: LedgerGenesis) {
    this.name = name;
    this.follower = new LedgerFollower({ genesis, ground });
  }

  add(person: Person, roles: readonly Role[]): void {
    const { follower } = this;
    this.participants.push(new Participant({ follower, signer: signerOf(person), roles }));
  }
}

export class World {
  readonly seed: number;
  readonly random: Random;
  readonly genesis: LedgerGenesis;
  readonly ledger: LedgerFollower;
  readonly log: LogRecord[] = [];
  readonly nodes: WorldNode[] = [];
  /** Codes of what was refused, and how often. */
  readonly refused = new Map<ErrorCode, number>();
  /** Faults that happened, in words. */
  readonly faults: string[] = [];
  /** Sums of all money that were not as at the beginning. */
  moneyErrors = 0;
  time = 1_000_000n;
  readonly #onOrder: ((order: OrderCommand) => void)[] = [];
  /** What a command of these must not be for it to be carried: how who runs the ledger censors. */
  censors: (person: Hex, command: Uint8Array) => boolean = () => false;

  constructor(seed: number) {
    this.seed = seed;
    this.random = new Random(seed);
    this.genesis = {
      salt: new Uint8Array(32).fill(1 + (seed % 255)),
      accounts: PEOPLE.map((name) => ({ address: signerOf(name).address, balance: BALANCE })),
    };
    this.ledger = new LedgerFollower({ genesis: this.genesis, ground });
  }

  /** Hears of every accepted order. */
  onOrder(listener: (order: OrderCommand) => void): void {
    this.#onOrder.push(listener);
  }

  environment(id: Hex): LedgerEnvironment {
    return this.ledger.environment(id);
  }

  /** What refuses these bytes now; undefined where they are accepted. */
  give(bytes: Uint8Array): EngineError | undefined {
    const before = totalOf(this.ledger.state);
    const applied = this.ledger.accept(this.time, bytes);
    if ("refused" in applied) {
      const { code } = applied.refused;
      this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
      return applied.refused;
    }
    if (totalOf(applied.state) !== before) this.moneyErrors++;
    this.log.push({ time: this.time, command: bytes });
    const { command } = decodeLedgerCommand(bytes);
    if (command.kind === "order") for (const listener of this.#onOrder) listener(command);
    return undefined;
  }

  /** Signs and gives a command of somebody; what refuses it. */
  try(person: string, command: LedgerCommand): EngineError | undefined {
    const { id, accounts } = this.ledger.state;
    const nonce = accounts.get(addressOf(person))?.nonce ?? 0n;
    return this.give(signCommand(id, nonce, command, signerOf(person)));
  }

  /** As `try`, for what must be accepted. */
  do(person: string, command: LedgerCommand): void {
    const refused = this.try(person, command);
    if (refused !== undefined) throw refused;
  }

  register(rules: Rules, balances: Readonly<Record<string, bigint>>): Hex {
    const known = new Set(this.ledger.state.environments.keys());
    const accounts = Object.entries(balances).map(([name, balance]) => ({
      address: signerOf(name).address,
      balance,
    }));
    const sequencer = addressOf("sequencer");
    this.do("operator", { kind: "register", rules: encodeRules(rules), sequencer, accounts });
    return [...this.ledger.state.environments.keys()].find((id) => !known.has(id))!;
  }

  node(name: string): WorldNode {
    const node = new WorldNode(name, this.genesis);
    this.nodes.push(node);
    this.feed(node);
    return node;
  }

  /** A chain of this node over its own execution. */
  async chain(
    node: WorldNode,
    id: Hex,
    open: (id: Hex, node: WorldNode) => Promise<Execution> = openInMemory,
  ): Promise<OwnChain> {
    this.feed(node);
    const chain = new OwnChain(node.follower, await open(id, node));
    node.chains.push(chain);
    return chain;
  }

  /** Hands a node what it has not read of the log. */
  feed(node: WorldNode): void {
    for (; node.read < this.log.length; node.read++) {
      const { time, command } = this.log[node.read]!;
      const applied = node.follower.accept(time, command);
      if ("refused" in applied) throw applied.refused;
    }
  }

  /** Lets everybody who is online act until nobody has anything to do; how many commands were accepted. */
  async settle(): Promise<number> {
    let accepted = 0;
    for (;;) {
      let round = 0;
      for (const node of this.nodes) round += await this.#act(node);
      if (round === 0) return accepted;
      accepted += round;
    }
  }

  async #act(node: WorldNode): Promise<number> {
    if (!node.isOnline || node.alarm !== undefined) return 0;
    this.feed(node);
    let accepted = 0;
    for (const participant of node.participants) {
      let commands: Uint8Array[];
      try {
        commands = await participant.step(this.time + node.clockOffset);
      } catch (error) {
        node.alarm = error as EngineError;
        if (node.alarm.code === undefined) throw error;
        return accepted;
      }
      for (const command of commands) {
        if (this.censors(participant.account, command)) continue;
        if (this.give(command) === undefined) accepted++;
      }
      this.feed(node);
    }
    return accepted;
  }

  /** Accepted orders of an environment. */
  orders(id: Hex): OrderCommand[] {
    return this.log.flatMap(({ command: bytes }) => {
      const { command } = decodeLedgerCommand(bytes);
      return command.kind === "order" && command.environment === id ? [command] : [];
    });
  }

  /** Lets so many seconds go by in steps of half a window. */
  async passQuickly(seconds: bigint): Promise<void> {
    const end = this.time + seconds;
    while (this.time < end) {
      const next = this.time + WINDOW / 2n;
      this.time = next < end ? next : end;
      await this.settle();
    }
  }

  /** Lets so many seconds go by, a few at a time; `onTick` before each time anybody acts. */
  async pass(seconds: bigint, onTick: () => Promise<void> | void = () => {}): Promise<void> {
    const end = this.time + seconds;
    while (this.time < end) {
      const step = BigInt(1 + this.random.below(20));
      this.time = this.time + step < end ? this.time + step : end;
      await onTick();
      await this.settle();
    }
  }

  /** Closed with the world. */
  readonly closing: { close(): Promise<void> }[] = [];

  async close(): Promise<void> {
    for (const one of this.closing) await one.close();
    for (const { chains } of this.nodes) {
      for (const { execution } of chains) await execution.close();
    }
  }
}

export function openInMemory(id: Hex, { follower }: WorldNode): Promise<Execution> {
  return MemoryExecution.open(follower.genesis(id));
}
