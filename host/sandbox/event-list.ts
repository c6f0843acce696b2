// The events of one transaction in order of emission. The chain over them is built by chain/receipt.ts.
import { AppendList } from "./append-list.ts";

/** One emitted event. */
export interface ContractEvent {
  readonly emitter: Uint8Array;
  /** At most four topics of 32 bytes, one after the other. */
  readonly topics: Uint8Array;
  readonly data: Uint8Array;
}

export class EventList extends AppendList<ContractEvent> {}
