// What a scenario came to, reckoned by somebody who saw nothing of it but the ledger's log: replays the log, executes
// every order anew, and compares what became final, what was delivered and what was promised with that. Shares no
// state with the nodes of the scenario.

import { decodeBundle } from "../../host/chain/bundle.ts";
import { addressOf } from "../../host/chain/key.ts";
import { encodeResult } from "../../host/chain/result.ts";
import { decodeTransaction, messageCaller, transactionHash } from "../../host/chain/transaction.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { treeDepth } from "../../host/dispute/commitment-shape.ts";
import type { DisputeState } from "../../host/dispute/dispute-state.ts";
import { nativeStateHasher } from "../../host/environment/native.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { RunCommitments } from "../../host/machine/run-commitments.ts";
import { later } from "../../host/machine/run-states.ts";
import type { ExecutedOrder, OrderToExecute } from "../../host/node/execution.ts";
import { LedgerFollower } from "../../host/node/ledger-follower.ts";
import { MemoryExecution } from "../../host/node/memory-execution.ts";
import { decodeLedgerCommand, type LedgerCommand } from "../../host/settlement/ledger-command.ts";
import {
  encodeLogRecord,
  encodeLogStart,
  replayLedgerLog,
} from "../../host/settlement/ledger-log.ts";
import { ledgerRoot } from "../../host/settlement/ledger-root.ts";
import { totalOf } from "../../host/settlement/ledger-state.ts";
import type { Users } from "./users.ts";
import { ground, type World } from "./world.ts";

export interface Reckoning {
  /** Transactions that a sequencer took and that are neither in one block nor waiting. */
  readonly acknowledgedLost: number;
  /** Final results that are not what their orders come to. */
  readonly wrongFinal: number;
  /** True claims that lost. */
  readonly rightRejected: number;
  /** In final blocks, and why others are not. */
  readonly transactions: {
    readonly final: number;
    readonly pending: number;
    readonly queued: number;
    readonly closed: number;
  };
  readonly finalBlocks: number;
  readonly messages: number;
  /** Whatever else is wrong, in words. */
  readonly problems: readonly string[];
}

const SETTLEMENT = new Uint8Array(32);

/** A message on its way, as both ends see it. */
const messageName = (
  source: Uint8Array,
  sender: Uint8Array,
  to: Uint8Array,
  value: bigint,
): string => [toHex(source), toHex(messageCaller(source, sender)), toHex(to), value].join(" ");

class Reckoner {
  readonly problems: string[] = [];
  readonly follower: LedgerFollower;
  readonly #world: World;
  /** By environment: what its inbox must have had, in order. */
  readonly arrivals = new Map<Hex, string[]>();
  /** By environment: what was delivered of its outboxes, in order. */
  readonly deliveries = new Map<Hex, string[]>();
  /** The last state of each dispute with several claims. */
  readonly disputes = new Map<string, DisputeState>();

  constructor(world: World) {
    this.#world = world;
    this.follower = new LedgerFollower({ genesis: world.genesis, ground });
  }

  replayLog(): void {
    const { log, genesis, ledger } = this.#world;
    const total = totalOf(this.follower.state);
    const parts = [encodeLogStart(genesis)];
    for (const { time, command } of log) {
      parts.push(encodeLogRecord(this.follower.state.logHash, time, command));
      const applied = this.follower.accept(time, command);
      if ("refused" in applied) throw applied.refused;
      if (totalOf(applied.state) !== total) this.problems.push("money was made or lost");
      const { command: inner, publicKey } = decodeLedgerCommand(command);
      this.#note(inner, toHex(addressOf(publicKey)));
    }
    const { state } = replayLedgerLog(new Uint8Array(Buffer.concat(parts)), ground);
    if (!equalBytes(ledgerRoot(state), ledgerRoot(ledger.state))) {
      this.problems.push("the log replays to another root");
    }
  }

  #note(command: LedgerCommand, account: Hex): void {
    const { environments } = this.follower.state;
    if (command.kind === "deposit") {
      const { environment, to, value } = command;
      const name = messageName(SETTLEMENT, fromHex(account, 20), to, value);
      push(this.arrivals, environment, [name]);
    }
    if (command.kind === "deliver") {
      const source = fromHex(command.environment, 32);
      const sent = command.messages.map(({ target, sender, to, value }) => ({
        target: toHex(target),
        name: messageName(source, sender, to, value),
      }));
      push(
        this.deliveries,
        command.environment,
        sent.map(({ target, name }) => `${target} ${name}`),
      );
      for (const { target, name } of sent) {
        if (environments.has(target)) push(this.arrivals, target, [name]);
      }
    }
    if (command.kind !== "dispute") return;
    const { final, orders } = environments.get(command.environment)!;
    const { disputes } = orders[Number(command.height - final.height - 1n)]!;
    for (const dispute of disputes.values()) {
      const claims = [...dispute.claims.values()].filter(
        (claim) => claim.tournament === dispute.id,
      );
      if (claims.length > 1) this.disputes.set(`${command.environment} ${dispute.id}`, dispute);
    }
  }
}

function push(lists: Map<Hex, string[]>, key: Hex, items: readonly string[]): void {
  const list = lists.get(key) ?? [];
  list.push(...items);
  lists.set(key, list);
}

/** One environment executed anew. */
interface Redone {
  readonly orders: readonly OrderToExecute[];
  readonly executed: readonly ExecutedOrder[];
}

async function redo(follower: LedgerFollower, id: Hex): Promise<Redone> {
  const execution = await MemoryExecution.open(follower.genesis(id));
  const orders: OrderToExecute[] = [];
  const executed: ExecutedOrder[] = [];
  for (let height = 1n; height <= follower.environment(id).head.height; height++) {
    const order = follower.order(id, height)!;
    orders.push(order);
    executed.push(await execution.execute(order));
  }
  await execution.close();
  return { orders, executed };
}

/** Why the second list is not the beginning of the first, or undefined. */
function notBeginning(whole: readonly string[], part: readonly string[]): string | undefined {
  const wrong = part.findIndex((item, i) => item !== whole[i]);
  return wrong < 0 ? undefined : `at ${wrong}: got ${part[wrong]}, expected ${whole[wrong]}`;
}

async function countRejected(
  reckoner: Reckoner,
  redone: ReadonlyMap<Hex, Redone>,
): Promise<number> {
  let rejected = 0;
  for (const [key, dispute] of reckoner.disputes) {
    const { order, parentResult, shape } = dispute.subject;
    const executed = redone.get(key.split(" ")[0] as Hex)!.executed[Number(order.height) - 1];
    if (executed?.bundle === undefined) continue;
    const bundle = decodeBundle(executed.bundle);
    if (!equalBytes(encodeResult(bundle.parentResult), encodeResult(parentResult))) continue;
    const run = new BundleRun(bundle, nativeStateHasher());
    const { root } = await new RunCommitments(later(run), treeDepth(shape)).strides();
    run.close();
    for (const claim of dispute.claims.values()) {
      const isTrue = claim.tournament === dispute.id && equalBytes(claim.root, root);
      if (isTrue && claim.status === "out") rejected++;
    }
  }
  return rejected;
}

/** Reckons a scenario whose environments have these users. */
export async function reckon(world: World, users: readonly Users[]): Promise<Reckoning> {
  const reckoner = new Reckoner(world);
  const { follower, problems } = reckoner;
  reckoner.replayLog();
  if (world.moneyErrors > 0) problems.push(`${world.moneyErrors} commands made or lost money`);
  const redone = new Map<Hex, Redone>();
  const count = { acknowledgedLost: 0, wrongFinal: 0, finalBlocks: 0, messages: 0 };
  const transactions = { final: 0, pending: 0, queued: 0, closed: 0 };
  for (const [id, environment] of follower.state.environments) {
    const again = await redo(follower, id);
    redone.set(id, again);
    const { final } = environment;
    for (let height = 1n; height <= final.height; height++) {
      const settled = follower.finalResult(id, height)!;
      const { result } = again.executed[Number(height) - 1]!;
      count.finalBlocks++;
      if (!equalBytes(encodeResult(settled), encodeResult(result))) count.wrongFinal++;
    }
    checkMessages(reckoner, id, again, Number(final.height));
    count.messages += again.orders.reduce((sum, { inboxCount }) => sum + inboxCount, 0);
    const own = users.find((one) => one.id === id);
    if (own === undefined) continue;
    const places = placesOf(again);
    for (const hash of own.acknowledged) {
      const heights = places.get(hash) ?? [];
      if (heights.length > 1) problems.push(`${hash} is in ${heights.length} blocks`);
      const isQueued = own.waiting.has(hash);
      // An order that was not final when its environment was closed never was.
      if (heights.length === 0 && environment.isClosed) transactions.closed++;
      else if (heights.length === 0 && !isQueued) count.acknowledgedLost++;
      else if (heights.length === 0) transactions.queued++;
      else if (heights[0]! <= final.height) transactions.final++;
      else transactions.pending++;
    }
  }
  const rightRejected = await countRejected(reckoner, redone);
  return { ...count, rightRejected, transactions, problems };
}

/** In which blocks each entry is. */
function placesOf({ orders }: Redone): Map<Hex, bigint[]> {
  const places = new Map<Hex, bigint[]>();
  for (const { height, body } of orders) {
    for (const entry of body) {
      const hash = toHex(transactionHash(entry));
      places.set(hash, [...(places.get(hash) ?? []), height]);
    }
  }
  return places;
}

/** What was delivered is what final blocks sent, and what was executed is what arrived: once each and in order. */
function checkMessages(
  { arrivals, deliveries, problems, follower }: Reckoner,
  id: Hex,
  { orders, executed }: Redone,
  finalHeight: number,
): void {
  const source = fromHex(id, 32);
  const sent = executed
    .slice(0, finalHeight)
    .flatMap(({ messages }) =>
      messages.map(
        ({ target, sender, to, value }) =>
          `${target} ${messageName(source, fromHex(sender, 20), fromHex(to, 20), value)}`,
      ),
    );
  const delivered = notBeginning(sent, deliveries.get(id) ?? []);
  if (delivered !== undefined) problems.push(`delivered ${delivered}`);
  const taken = orders.flatMap(({ body, inboxCount }) =>
    body.slice(0, inboxCount).map((entry) => {
      const { sourceEnvironment, sender, to, value } = decodeTransaction(entry)!;
      return [toHex(sourceEnvironment!), toHex(sender), toHex(to), value].join(" ");
    }),
  );
  const executedInbox = notBeginning(arrivals.get(id) ?? [], taken);
  if (executedInbox !== undefined) problems.push(`executed ${executedInbox}`);
  if (follower.environment(id).withheld > 0n) problems.push("a message was withheld");
}
