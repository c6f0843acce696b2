// The commands of the ledger and their one encoding (docs/formats.md section 17): an envelope that says which ledger,
// who and in which order, with a signature in it, and a body. Names (environments, accounts) are hex, contents are
// bytes. Decoding checks form only; whether a command may be done is for ledger.ts to say.
import type { GenesisAccount } from "../chain/genesis.ts";
import type { TransactionSigner } from "../chain/key.ts";
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { domainSeparator } from "../chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { DATA_BYTES_MAX, TRANSACTIONS_MAX } from "../limits.ts";
import type { OutboxMessage } from "../sandbox/outbox.ts";

/** Makes an environment. Whoever gives it pays the balances, and may announce rules later. */
export interface RegisterCommand {
  readonly kind: "register";
  /** Canonical bytes. */
  readonly rules: Uint8Array;
  readonly sequencer: Hex;
  readonly accounts: readonly GenesisAccount[];
}

/** Sends a message of one's own account into an inbox, with value or without. */
export interface DepositCommand {
  readonly kind: "deposit";
  readonly environment: Hex;
  /** [20] */
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
}

/** The next order of an environment. What follows from the rest is not in it. */
export interface OrderCommand {
  readonly kind: "order";
  readonly environment: Hex;
  readonly height: bigint;
  /** [32] */
  readonly parentOrder: Uint8Array;
  readonly time: bigint;
  /** [20] */
  readonly producer: Uint8Array;
  /** [32] */
  readonly rulesHash: Uint8Array;
  readonly inboxCount: number;
  readonly body: readonly Uint8Array[];
}

/** A command of a dispute: host/dispute/command.ts. */
export interface DisputeCommand {
  readonly kind: "dispute";
  readonly environment: Hex;
  readonly height: bigint;
  /** On which the disputed result builds. */
  readonly parentResult: BlockResult;
  readonly command: Uint8Array;
}

/** Makes the survivor of the dispute about the next order final. */
export interface FinaliseCommand {
  readonly kind: "finalise";
  readonly environment: Hex;
  readonly height: bigint;
}

/** Delivers all messages of a final block. */
export interface DeliverCommand {
  readonly kind: "deliver";
  readonly environment: Hex;
  readonly height: bigint;
  readonly messages: readonly OutboxMessage[];
}

/** Moves money between accounts of settlement. */
export interface TransferCommand {
  readonly kind: "transfer";
  readonly to: Hex;
  readonly value: bigint;
}

/** The guardian stops claims and finality of an environment for so long. */
export interface PauseCommand {
  readonly kind: "pause";
  readonly environment: Hex;
  readonly seconds: number;
}

/** The guardian ends a pause. */
export interface UnpauseCommand {
  readonly kind: "unpause";
  readonly environment: Hex;
}

/** The operator announces rules for a height. */
export interface RulesCommand {
  readonly kind: "rules";
  readonly environment: Hex;
  readonly height: bigint;
  readonly rules: Uint8Array;
}

/** Takes one's balance out of an environment that has stopped. */
export interface EscapeCommand {
  readonly kind: "escape";
  readonly environment: Hex;
  /** State proof file of one's account in the last final state. */
  readonly proof: Uint8Array;
}

/** Gives back a message that a closed environment will never take. */
export interface ReclaimCommand {
  readonly kind: "reclaim";
  readonly environment: Hex;
  /** In the inbox. */
  readonly number: bigint;
}

export type LedgerCommand =
  | RegisterCommand
  | DepositCommand
  | OrderCommand
  | DisputeCommand
  | FinaliseCommand
  | DeliverCommand
  | TransferCommand
  | PauseCommand
  | UnpauseCommand
  | RulesCommand
  | EscapeCommand
  | ReclaimCommand;

export interface Envelope {
  /** [32] */
  readonly settlement: Uint8Array;
  /** x ‖ y [64], not checked to be a point. */
  readonly publicKey: Uint8Array;
  readonly nonce: bigint;
  /** r ‖ s [64], not checked. */
  readonly signature: Uint8Array;
  /** That the signature is over [32]. */
  readonly digest: Uint8Array;
  readonly command: LedgerCommand;
}

const VERSION = 1;
const ENVELOPE_BYTES = 170;
const kinds = [
  ...["register", "deposit", "order", "dispute", "finalise", "deliver", "transfer"],
  ...["pause", "unpause", "rules", "escape", "reclaim"],
] as LedgerCommand["kind"][];

/** The EIP-712 type that wallets show. */
export const COMMAND_TYPE =
  "SettlementCommand(bytes32 settlement,uint8 kind,uint64 nonce,bytes32 bodyHash)";
const typeHash = keccak256(new TextEncoder().encode(COMMAND_TYPE));

/** Accounts of one genesis: the root is computed when it is registered. */
export const GENESIS_ACCOUNTS_MAX = 65_536;
/** The longest command: the largest body, one length for each entry, and the head. */
export const COMMAND_BYTES_MAX = 2 ** 27;
const RULES_BYTES_MAX = 65_536;
const OUTBOX_MAX = 65_536;
/** A claim of level B with the longest step proof and some room. */
const DISPUTE_COMMAND_BYTES_MAX = 16_384;

function writeMessage(out: ByteWriter, message: OutboxMessage): void {
  out.fixed(message.target, 32).fixed(message.sender, 20).fixed(message.to, 20);
  out.u128(message.value).bytes(message.input);
}

function encodeBody(command: LedgerCommand): Uint8Array {
  const out = new ByteWriter(1_024);
  if ("environment" in command) out.raw(fromHex(command.environment, 32));
  switch (command.kind) {
    case "register":
      out.bytes(command.rules).raw(fromHex(command.sequencer, 20)).u32(command.accounts.length);
      for (const { address, balance } of command.accounts) out.fixed(address, 20).u128(balance);
      break;
    case "deposit":
      out.fixed(command.to, 20).u128(command.value).bytes(command.input);
      break;
    case "order":
      out.u64(command.height).fixed(command.parentOrder, 32).u64(command.time);
      out.fixed(command.producer, 20).fixed(command.rulesHash, 32).u32(command.inboxCount);
      out.u32(command.body.length);
      for (const entry of command.body) out.bytes(entry);
      break;
    case "dispute":
      out.u64(command.height).raw(encodeResult(command.parentResult)).bytes(command.command);
      break;
    case "finalise":
      out.u64(command.height);
      break;
    case "deliver":
      out.u64(command.height).u32(command.messages.length);
      for (const message of command.messages) writeMessage(out, message);
      break;
    case "transfer":
      out.raw(fromHex(command.to, 20)).u128(command.value);
      break;
    case "pause":
      out.u32(command.seconds);
      break;
    case "unpause":
      break;
    case "rules":
      out.u64(command.height).bytes(command.rules);
      break;
    case "escape":
      out.bytes(command.proof);
      break;
    case "reclaim":
      out.u64(command.number);
  }
  return out.finish();
}

// Copies, not views: a state keeps parts of commands whose bytes belong to somebody else.
const readCopy = (input: ByteReader, size: number): Uint8Array => input.fixed(size).slice();
const readBytes = (input: ByteReader, max: number): Uint8Array => input.bytes(max).slice();
const readAddress = (input: ByteReader): Hex => toHex(input.fixed(20));

function readList<T>(input: ByteReader, max: number, itemBytes: number, read: () => T): T[] {
  return Array.from({ length: input.count(max, itemBytes) }, read);
}

function readMessage(input: ByteReader): OutboxMessage {
  const target = readCopy(input, 32);
  const sender = readCopy(input, 20);
  const to = readCopy(input, 20);
  const value = input.u128();
  return { target, sender, to, value, input: readBytes(input, DATA_BYTES_MAX) };
}

function readOrder(input: ByteReader, environment: Hex): OrderCommand {
  const height = input.u64();
  const parentOrder = readCopy(input, 32);
  const time = input.u64();
  const producer = readCopy(input, 20);
  const rulesHash = readCopy(input, 32);
  const inboxCount = input.u32();
  // Views: bodies are hashed and left in the log.
  const body = readList(input, TRANSACTIONS_MAX, 4, () => input.bytes(COMMAND_BYTES_MAX));
  const named = { environment, height, parentOrder, time, producer, rulesHash };
  return { kind: "order", ...named, inboxCount, body };
}

function readRegister(input: ByteReader): RegisterCommand {
  const rules = readBytes(input, RULES_BYTES_MAX);
  const sequencer = readAddress(input);
  const accounts = readList(input, GENESIS_ACCOUNTS_MAX, 36, () => {
    const address = readCopy(input, 20);
    return { address, balance: input.u128() };
  });
  return { kind: "register", rules, sequencer, accounts };
}

type OfEnvironment = Exclude<LedgerCommand["kind"], "register" | "transfer">;

function readOfEnvironment(input: ByteReader, kind: OfEnvironment): LedgerCommand {
  const environment = toHex(input.fixed(32));
  switch (kind) {
    case "deposit": {
      const to = readCopy(input, 20);
      const value = input.u128();
      return { kind, environment, to, value, input: readBytes(input, DATA_BYTES_MAX) };
    }
    case "order":
      return readOrder(input, environment);
    case "dispute": {
      const height = input.u64();
      const parentResult = decodeResult(input.fixed(RESULT_BYTES));
      const command = readBytes(input, DISPUTE_COMMAND_BYTES_MAX);
      return { kind, environment, height, parentResult, command };
    }
    case "finalise":
      return { kind, environment, height: input.u64() };
    case "deliver": {
      const height = input.u64();
      const messages = readList(input, OUTBOX_MAX, 92, () => readMessage(input));
      return { kind, environment, height, messages };
    }
    case "pause":
      return { kind, environment, seconds: input.u32() };
    case "unpause":
      return { kind, environment };
    case "rules": {
      const height = input.u64();
      return { kind, environment, height, rules: readBytes(input, RULES_BYTES_MAX) };
    }
    case "escape":
      return { kind, environment, proof: readBytes(input, 2 * DATA_BYTES_MAX) };
    case "reclaim":
      return { kind, environment, number: input.u64() };
  }
}

function readBody(input: ByteReader, kind: LedgerCommand["kind"]): LedgerCommand {
  if (kind === "register") return readRegister(input);
  if (kind !== "transfer") return readOfEnvironment(input, kind);
  const to = readAddress(input);
  return { kind, to, value: input.u128() };
}

/** keccak(0x1901 ‖ domain ‖ struct), EIP-712, with the domain of transactions. */
function digestOf(
  settlement: Uint8Array,
  kind: number,
  nonce: bigint,
  body: Uint8Array,
): Uint8Array {
  const struct = new ByteWriter(160).raw(typeHash).fixed(settlement, 32).u128(0n).u64(0n);
  struct.u64(BigInt(kind)).u128(0n).u64(0n).u64(nonce).raw(keccak256(body));
  const hashed = keccak256(struct.finish());
  return keccak256(new ByteWriter(66).u8(0x19).u8(1).raw(domainSeparator).raw(hashed).finish());
}

/**
 * The bytes of a signed command. `nonce`: commands of the signer's account that were accepted before.
 * @throws BYTES_OUT_OF_RANGE, HEX_INVALID
 */
export function signCommand(
  settlement: Uint8Array,
  nonce: bigint,
  command: LedgerCommand,
  signer: TransactionSigner,
): Uint8Array {
  const kind = 1 + kinds.indexOf(command.kind);
  const body = encodeBody(command);
  const signature = signer.sign(digestOf(settlement, kind, nonce, body));
  return new ByteWriter(ENVELOPE_BYTES + body.length)
    .u8(VERSION)
    .u8(kind)
    .fixed(settlement, 32)
    .fixed(signer.publicKey, 64)
    .u64(nonce)
    .fixed(signature, 64)
    .raw(body)
    .finish();
}

/**
 * A command from its canonical bytes.
 * @throws SETTLEMENT_COMMAND_INVALID for another version or kind, or more than 2^27 bytes · RESULT_INVALID ·
 * BYTES_TRUNCATED, BYTES_TOO_LONG, BYTES_TRAILING
 */
export function decodeLedgerCommand(bytes: Uint8Array): Envelope {
  const input = new ByteReader(bytes, { field: "command" });
  const wrong = (what: string, got: number, expected: string | number, at: number) =>
    input.error("SETTLEMENT_COMMAND_INVALID", what, got, expected, at);
  if (bytes.length > COMMAND_BYTES_MAX) {
    throw wrong("length of the command", bytes.length, `at most ${COMMAND_BYTES_MAX}`, 0);
  }
  const version = input.u8();
  if (version !== VERSION) throw wrong("command version", version, VERSION, 0);
  const number = input.u8();
  const kind = kinds[number - 1];
  if (kind === undefined) throw wrong("kind of command", number, `1 to ${kinds.length}`, 1);
  const settlement = readCopy(input, 32);
  const publicKey = readCopy(input, 64);
  const nonce = input.u64();
  const signature = readCopy(input, 64);
  const digest = digestOf(settlement, number, nonce, bytes.subarray(input.offset));
  const command = readBody(input, kind);
  input.end();
  return { settlement, publicKey, nonce, signature, digest, command };
}
