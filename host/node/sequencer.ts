// Who makes blocks: takes the messages that wait and the transactions of its source, and posts them as the next
// order. It decides what comes in which order and nothing else. Whoever is not the environment's sequencer does the
// same once that one is silent, for the messages that are due.
import { fromHex, type Hex } from "../codec/hex.ts";
import { nextRules } from "../settlement/environment-rules.ts";
import { inboxEntries, inboxRange } from "../settlement/inbox.ts";
import type { LedgerCommand } from "../settlement/ledger-command.ts";
import { nextOrderTime, openPostingTime } from "../settlement/order-posting.ts";
import type { BodySource } from "./execution.ts";
import type { OwnChain } from "./own-chain.ts";

export interface SequencerOptions {
  readonly chain: OwnChain;
  /** Of settlement: signs the orders. */
  readonly account: Hex;
  /** Address that gets the fees. */
  readonly producer: Hex;
  /** Messages alone where absent. */
  readonly source?: BodySource;
}

export class Sequencer {
  readonly #options: SequencerOptions;

  constructor(options: SequencerOptions) {
    this.#options = options;
  }

  /** The next order, if there is something to put into one. @throws what OwnChain.catchUp throws */
  async step(time: bigint): Promise<LedgerCommand[]> {
    const { chain, account, producer, source } = this.#options;
    await chain.catchUp();
    const { environment } = chain;
    if (environment.isClosed || time < nextOrderTime(environment)) return [];
    const { least, most } = inboxRange(environment, time);
    const isSequencer = account === environment.sequencer;
    if (!isSequencer && (least === 0 || time < openPostingTime(environment))) return [];
    const inbox = inboxEntries(environment, most);
    const { rules, hash: rulesHash } = nextRules(environment);
    const body = source === undefined ? inbox : await source.body({ time, inbox, rules });
    if (body.length === 0) return [];
    const { height, orderHash } = environment.head;
    return [
      {
        kind: "order",
        environment: chain.id,
        height: height + 1n,
        parentOrder: orderHash,
        time,
        producer: fromHex(producer, 20),
        rulesHash,
        inboxCount: most,
        body,
      },
    ];
  }
}
