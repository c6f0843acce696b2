// What `plasma explain` knows beside the codes and fixes of host/errors.ts: the numbered outcomes of
// execution in words. docs/errors.md is made of the same tables (tests/tidy.test.ts compares).
import { errorCodes } from "../host/errors.ts";
import { Outcome, SkipCode, TrapCode } from "../host/outcome.ts";

export interface Explanation {
  readonly code: string;
  readonly kind: "error" | "outcome" | "trap" | "skip";
  /** The number in a receipt; null for errors. */
  readonly number: number | null;
  readonly meaning: string;
  readonly fix: string;
}

type Words = readonly [meaning: string, fix: string];

const outcomeWords: Readonly<Record<keyof typeof Outcome, Words>> = {
  success: ["The transaction ran to its end; its state, events and value transfers stand.", ""],
  revert: [
    "The contract asked for it: state, events and value are as before, unused gas is refunded.",
    "read the revert data: it holds a message, a typed error, or the place of a failed assertion",
  ],
  trap: [
    "The contract was stopped: state, events and value are as before, all gas of the frame is used.",
    "look up the trap's own code",
  ],
  skipped: [
    "The entry failed a check before anything ran: no fee, no state change, not even a nonce.",
    "look up the skip's own code",
  ],
};

const trapWords: Readonly<Record<keyof typeof TrapCode, Words>> = {
  out_of_gas: [
    "The next charge was more than the gas left.",
    "raise the transaction's gas limit, or do less in one call; reading storage costs most",
  ],
  depth: [
    "The calls of this transaction hold more than 65,536 stack slots.",
    "bound the recursion, or turn it into a loop",
  ],
  wasm: [
    "WebAssembly trapped: unreachable, division, or an access out of bounds (memory or table).",
    "plasma trace BUNDLE --tx N names the trap and its source line; check indices and divisors",
  ],
  memory_bounds: [
    "A host call was given a pointer and length outside the contract's memory.",
    "use the SDK's storage, events and calls instead of raw host imports",
  ],
  data_bounds: [
    "A host call asked for bytes outside the input, output or stored value.",
    "check the length before reading; the ABI of caller and contract may differ",
  ],
  data_too_long: [
    "More bytes than allowed: 65,536 for outputs, values and events, 1,024 for one hash.",
    "split the data; for long hashes use the streaming hash of the SDK",
  ],
  read_only: [
    "A write, event or value transfer inside a view.",
    "remove the view mark from the method, or do not write in it",
  ],
  events_full: ["The transaction emitted more than 65,536 events.", "emit fewer, larger events"],
  outbox_full: ["The block sent more than 65,536 messages.", "send the message in a later block"],
  too_many_topics: [
    "An event with more than four topics.",
    "index at most three fields: the event's own topic is the first",
  ],
  bad_argument: [
    "A host call was given an argument outside its domain.",
    "docs/host-calls.md lists what each call accepts",
  ],
  code_full: [
    "The block has entered as much distinct code as its rules allow (block.codeKiBMax). Only intrinsic gas is used.",
    "send the transaction again: the next block starts afresh, and what a block has entered needs no more room",
  ],
};

const skipWords: Readonly<Record<keyof typeof SkipCode, Words>> = {
  decode: [
    "The bytes are no transaction: too short, unknown version or kind, or the input is not the stated one.",
    "encode and sign the transaction with plasmavm",
  ],
  environment: [
    "It was signed for another environment.",
    "sign it again with this environment's id",
  ],
  signature: [
    "The signature does not belong to the stated public key.",
    "sign the digest of exactly these fields; s must be in the lower half",
  ],
  nonce: [
    "The nonce is not the sender's next one.",
    "use the account's current nonce; the transaction may have run already",
  ],
  gas_limit: [
    "The gas limit is over what the rules allow a transaction (gas.perTransaction).",
    "lower the gas limit",
  ],
  block_gas: [
    "The block has less gas left than the transaction's limit.",
    "send it in the next block, or lower its gas limit",
  ],
  intrinsic_gas: [
    "The gas limit is under the fixed price of a transaction of this size.",
    "raise the gas limit",
  ],
  balance: [
    "The balance is under gas limit times price plus value.",
    "fund the sender, or lower price, gas limit or value",
  ],
  deployer: [
    "The rules do not let this sender deploy.",
    "deploy from an address listed in deployers",
  ],
  price: ["The price is under the rules' minimum (fees.priceMin).", "raise the price"],
};

function numbered<K extends string>(
  kind: Explanation["kind"],
  numbers: Readonly<Record<K, number>>,
  words: Readonly<Record<K, Words>>,
): Explanation[] {
  const names = Object.keys(numbers) as K[];
  return names.map((code) => {
    const [meaning, fix] = words[code];
    return { code, kind, number: numbers[code], meaning, fix };
  });
}

/** Every code there is, errors first. */
export const explanations: readonly Explanation[] = [
  ...Object.entries(errorCodes).map(
    ([code, fix]): Explanation => ({ code, kind: "error", number: null, meaning: "", fix }),
  ),
  ...numbered("outcome", Outcome, outcomeWords),
  ...numbered("trap", TrapCode, trapWords),
  ...numbered("skip", SkipCode, skipWords),
];
