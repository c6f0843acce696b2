// The events of one transaction in order of emission, with the checkpoints of nested calls: what a
// reverted call emitted disappears. The tree over them is built by chain/receipt.ts.

/** One emitted event. */
export interface ContractEvent {
  readonly emitter: Uint8Array;
  /** At most four topics of 32 bytes, one after the other. */
  readonly topics: Uint8Array;
  readonly data: Uint8Array;
}

/** Append-only list with cheap rollback. */
export class EventList {
  readonly #events: ContractEvent[] = [];

  get length(): number {
    return this.#events.length;
  }

  add(event: ContractEvent): void {
    this.#events.push(event);
  }

  /** Drops everything emitted after the list had `length` events. */
  rollback(length: number): void {
    this.#events.length = length;
  }

  all(): readonly ContractEvent[] {
    return this.#events;
  }
}
