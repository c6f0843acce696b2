// The messages that the contracts of a block send to other environments and to settlement, in order of
// sending, with what the rules allow of them. The tree over them is built by chain/message.ts.
import { AppendList } from "./append-list.ts";

/** One sent message. Its value has left the sender's account. */
export interface OutboxMessage {
  /** Environment id [32]; zero for settlement: an exit. */
  readonly target: Uint8Array;
  /** The sending contract [20]. */
  readonly sender: Uint8Array;
  /** [20] */
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
}

/** Limits of the rules' group `messages`. */
export interface OutboxLimits {
  readonly outboxPerBlockMax: number;
  readonly messageBytesMax: number;
}

export class Outbox extends AppendList<OutboxMessage> {
  readonly bytesMax: number;
  readonly #countMax: number;

  constructor(limits: OutboxLimits) {
    super();
    this.bytesMax = limits.messageBytesMax;
    this.#countMax = limits.outboxPerBlockMax;
  }

  get isFull(): boolean {
    return this.length >= this.#countMax;
  }
}
