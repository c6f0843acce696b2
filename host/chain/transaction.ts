// A transaction (docs/formats.md section 3): its bytes, its hashes, its EIP-712 digest. Any byte string
// is a legal body entry, so `readEntry` never throws: it tells the hash, which every entry has, and
// either the decoded transaction or why it is none. Whether a decoded one may run is F's business
// (check-entry.ts); nothing here looks at state or checks a signature.
import { bufferAt, bufferSize, crypto, memory, outAt, readOut } from "../codec/crypto.ts";
import { keccak256 } from "../codec/keccak.ts";
import { readU32, readU48, readU64, readU128 } from "../codec/reader.ts";
import { bytesRoot } from "../codec/trees.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { HEAD_BYTES } from "../limits.ts";
import { keySigner, type TransactionSigner } from "./key.ts";

export type TransactionKind = "call" | "deploy" | "message";

/** What a sender decides. */
export interface TransactionFields {
  readonly kind: "call" | "deploy";
  /** [32] */
  readonly environmentId: Uint8Array;
  /** [20]; of a deploy absent or zero. */
  readonly to?: Uint8Array;
  readonly value: bigint;
  readonly nonce: bigint;
  /** Below 2^48. */
  readonly gasLimit: number;
  readonly price: bigint;
  readonly input: Uint8Array;
}

/** A decoded transaction. Nobody writes to its bytes: key, signature and input are views, the others may be shared. */
export interface Transaction extends Omit<TransactionFields, "kind"> {
  /** A message comes out of the inbox and has no signature. */
  readonly kind: TransactionKind;
  /** Of a message: the environment [32] that it comes from, zero for settlement. */
  readonly sourceEnvironment: Uint8Array | undefined;
  readonly to: Uint8Array;
  /** x ‖ y [64], not checked to be a point. */
  readonly publicKey: Uint8Array;
  /** r ‖ s [64], not checked. */
  readonly signature: Uint8Array;
  /** keccak256(public key)[12..32]; of a message `messageCaller`. */
  readonly sender: Uint8Array;
  /** The EIP-712 digest that the signature is over. */
  readonly digest: Uint8Array;
}

/** Why an entry does not decode. All of them are `skipped(decode)`. */
export type EntryFault =
  | "shorter than a head"
  | "version"
  | "kind"
  | "head of a message"
  | "recipient of a deploy"
  | "input length"
  | "input root"
  | "deploy input";

/** A decoded entry. What only the signature check looks at is made when it looks. */
class DecodedTransaction implements Transaction {
  readonly kind: TransactionKind;
  readonly environmentId: Uint8Array;
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly nonce: bigint;
  readonly gasLimit: number;
  readonly price: bigint;
  readonly input: Uint8Array;
  readonly sender: Uint8Array;
  readonly #bytes: Uint8Array;
  #digest: Uint8Array | undefined;

  constructor(bytes: Uint8Array, sender: Uint8Array) {
    this.kind = KINDS[bytes[1]! - 1]!;
    this.environmentId = environments.of(bytes, 2);
    this.to = recipients.of(bytes, 98);
    this.value = readU128(bytes, 118);
    this.nonce = readU64(bytes, 134);
    this.gasLimit = readU48(bytes, 142);
    this.price = readU64(bytes, 148);
    this.input = bytes.subarray(HEAD_BYTES);
    this.sender = sender;
    this.#bytes = bytes;
  }

  get sourceEnvironment(): Uint8Array | undefined {
    return this.kind === "message" ? this.#bytes.subarray(34, 66) : undefined;
  }

  get publicKey(): Uint8Array {
    return this.#bytes.subarray(34, 98);
  }

  get signature(): Uint8Array {
    return this.#bytes.subarray(192, HEAD_BYTES);
  }

  get digest(): Uint8Array {
    this.#digest ??= headDigest(this.#bytes);
    return this.#digest;
  }
}

/**
 * The same bytes once: most entries of a body have the environment of the one before, many its recipient, and
 * who asks about them again and again (state/overlay.ts, `placeOf`) then meets the same array.
 */
class LastBytes {
  #last: Uint8Array;

  constructor(length: number) {
    this.#last = new Uint8Array(length);
  }

  /** The bytes at `at` of an entry, which nobody writes to. */
  of(bytes: Uint8Array, at: number): Uint8Array {
    const last = this.#last;
    for (let i = 0; i < last.length; i++) {
      if (last[i] !== bytes[at + i]) {
        this.#last = bytes.slice(at, at + last.length);
        return this.#last;
      }
    }
    return last;
  }
}

const environments = new LastBytes(32);
const recipients = new LastBytes(20);

/** A body entry: its hash [32], and the transaction or why it is none. */
export type Entry =
  | { readonly hash: Uint8Array; readonly transaction: Transaction; readonly fault?: undefined }
  | { readonly hash: Uint8Array; readonly transaction?: undefined; readonly fault: EntryFault };

const VERSION = 1;
const KIND_CALL = 1;
const KIND_DEPLOY = 2;
const KIND_MESSAGE = 3;
const KINDS: readonly TransactionKind[] = ["call", "deploy", "message"];
const ADDRESS_BYTES = 20;
const NO_ADDRESS = new Uint8Array(ADDRESS_BYTES);

/** The EIP-712 type that wallets show. */
export const TRANSACTION_TYPE =
  "Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)";

const hashText = (text: string): Uint8Array => keccak256(new TextEncoder().encode(text));

/** The EIP-712 domain separator of ("Plasma", "1"), the same in every environment. */
export const domainSeparator: Uint8Array = keccak256(
  new ByteWriter(96)
    .raw(hashText("EIP712Domain(string name,string version)"))
    .raw(hashText("Plasma"))
    .raw(hashText("1"))
    .finish(),
);

// The crypto module keeps both constants and builds the other words from the head in place.
memory.set(hashText(TRANSACTION_TYPE), bufferAt);
memory.set(domainSeparator, bufferAt + 32);
crypto.prepareTransactions(bufferAt, bufferAt + 32);

/** hash(u32 length ‖ head hash ‖ root of the rest) for an entry that does not fit the buffer. */
function longTransactionHash(bytes: Uint8Array, inputRoot: Uint8Array): Uint8Array {
  const head = keccak256(bytes.subarray(0, HEAD_BYTES));
  return keccak256(new ByteWriter(68).u32(bytes.length).raw(head).raw(inputRoot).finish());
}

/** Hash of any body entry: the leaf of the transactions tree. */
export function transactionHash(bytes: Uint8Array): Uint8Array {
  if (bytes.length > bufferSize) return longTransactionHash(bytes, bytesRoot(bytes, HEAD_BYTES));
  memory.set(bytes, bufferAt);
  crypto.transactionHash(bufferAt, bytes.length, outAt);
  return readOut(0);
}

/** Leaves the hashes of an entry of at least 256 bytes, ENTRY_HASHES_BYTES, at `outAt`. */
export function hashesToOut(bytes: Uint8Array): void {
  if (bytes.length <= bufferSize) {
    memory.set(bytes, bufferAt);
    crypto.transactionHashes(bufferAt, bytes.length, outAt);
    return;
  }
  const inputRoot = bytesRoot(bytes, HEAD_BYTES);
  const hash = longTransactionHash(bytes, inputRoot);
  memory.set(bytes.subarray(0, HEAD_BYTES), bufferAt);
  crypto.transactionHashes(bufferAt, HEAD_BYTES, outAt);
  memory.set(hash, outAt);
  memory.set(inputRoot, outAt + 32);
}

/** Whether what a message does not have is zero: the rest of the key's place, price, signature. */
function isMessageHead(bytes: Uint8Array): boolean {
  return [bytes.subarray(66, 78), bytes.subarray(148, 156), bytes.subarray(192, HEAD_BYTES)].every(
    (part) => part.every((byte) => byte === 0),
  );
}

/** What makes the head of at least 256 bytes undecodable before their input is hashed. */
export function headFault(bytes: Uint8Array): EntryFault | undefined {
  if (bytes[0] !== VERSION) return "version";
  const kind = bytes[1]!;
  if (kind < KIND_CALL || kind > KIND_MESSAGE) return "kind";
  if (readU32(bytes, 156) !== bytes.length - HEAD_BYTES) return "input length";
  if (kind === KIND_CALL) return undefined;
  if (kind === KIND_MESSAGE) return isMessageHead(bytes) ? undefined : "head of a message";
  for (let i = 98; i < 118; i++) if (bytes[i] !== 0) return "recipient of a deploy";
  const inputLength = bytes.length - HEAD_BYTES;
  if (inputLength < 4 || readU32(bytes, HEAD_BYTES) > inputLength - 4) return "deploy input";
  return undefined;
}

/** Reads a body entry: any byte string, never throws. Byte fields are views of `bytes`. */
export function readEntry(bytes: Uint8Array): Entry {
  if (bytes.length < HEAD_BYTES) {
    return { hash: transactionHash(bytes), fault: "shorter than a head" };
  }
  const fault = headFault(bytes);
  if (fault !== undefined) return { hash: transactionHash(bytes), fault };
  hashesToOut(bytes);
  return entryAt(bytes, memory, outAt);
}

/** hash ‖ input root ‖ hash of the public key, of one entry. */
export const ENTRY_HASHES_BYTES = 96;

/** The entry of a faultless head whose hashes stand at `at` of `hashes`. */
export function entryAt(bytes: Uint8Array, hashes: Uint8Array, at: number): Entry {
  const hash = new Uint8Array(32);
  for (let i = 0; i < 32; i++) hash[i] = hashes[at + i]!;
  for (let i = 0; i < 32; i++) {
    if (hashes[at + 32 + i] !== bytes[160 + i]) return { hash, fault: "input root" };
  }
  const sender = new Uint8Array(ADDRESS_BYTES);
  if (bytes[1] === KIND_MESSAGE) {
    const [source, sent] = [bytes.subarray(34, 66), bytes.subarray(78, 98)];
    return { hash, transaction: new DecodedTransaction(bytes, messageCaller(source, sent)) };
  }
  for (let i = 0; i < ADDRESS_BYTES; i++) sender[i] = hashes[at + 76 + i]!;
  return { hash, transaction: new DecodedTransaction(bytes, sender) };
}

/** What a signature check looks at. */
export interface SignedParts {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The signed parts of a head of 256 bytes, whether or not its entry decodes. */
export function readSigned(head: Uint8Array): SignedParts {
  return {
    digest: headDigest(head),
    signature: head.subarray(192, HEAD_BYTES),
    publicKey: head.subarray(34, 98),
  };
}

/** The transaction that these bytes are, or undefined: then the entry is `skipped(decode)`. */
export function decodeTransaction(bytes: Uint8Array): Transaction | undefined {
  return readEntry(bytes).transaction;
}

/** The part of the head that the sender decides; key and signature follow by copying. */
function encodeUnsigned(fields: TransactionFields, publicKey: Uint8Array): Uint8Array {
  const { kind } = fields;
  const to = fields.to ?? NO_ADDRESS;
  if (kind === "call" && fields.to === undefined) {
    throw new EngineError({
      code: "TRANSACTION_INVALID",
      message: "got a call without recipient, expected 20 bytes in `to`",
      where: { field: "to" },
    });
  }
  if (kind === "deploy" && to.some((byte) => byte !== 0)) {
    throw new EngineError({
      code: "TRANSACTION_INVALID",
      message: "got a deploy with a recipient, expected `to` absent or zero",
      where: { field: "to" },
    });
  }
  return encodeEntry(kind === "deploy" ? KIND_DEPLOY : KIND_CALL, publicKey, to, fields);
}

/** Head and input of an entry whose signature is zero; `key` [64] is what stands in the place of the public key. */
function encodeEntry(
  kind: number,
  key: Uint8Array,
  to: Uint8Array,
  fields: Omit<TransactionFields, "kind" | "to">,
): Uint8Array {
  const { input } = fields;
  return new ByteWriter(HEAD_BYTES + input.length)
    .u8(VERSION)
    .u8(kind)
    .fixed(fields.environmentId, 32)
    .fixed(key, 64)
    .fixed(to, ADDRESS_BYTES)
    .u128(fields.value)
    .u64(fields.nonce)
    .u48(fields.gasLimit)
    .u64(fields.price)
    .u32(input.length)
    .raw(bytesRoot(input))
    .raw(new Uint8Array(64))
    .raw(input)
    .finish();
}

/**
 * The address [20] by which a contract sees the sender [20] of a message. What another environment calls an
 * address says nothing here, so it is another one: no environment can send in the name of an account of this
 * one. Accounts of settlement (source zero) are who they say.
 */
export function messageCaller(source: Uint8Array, sender: Uint8Array): Uint8Array {
  if (source.every((byte) => byte === 0)) return sender.slice();
  const writer = new ByteWriter(53).u8(2).fixed(source, 32).fixed(sender, ADDRESS_BYTES);
  return keccak256(writer.finish()).slice(12);
}

/** What a body entry of a message says (chain/message.ts). */
export interface MessageEntryFields {
  /** [32] each; zero for settlement. */
  readonly source: Uint8Array;
  readonly target: Uint8Array;
  /** [20] each. */
  readonly sender: Uint8Array;
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly input: Uint8Array;
  readonly number: bigint;
  readonly gasLimit: number;
}

/** Head and input of a message. @throws BYTES_OUT_OF_RANGE */
export function encodeMessageEntry(message: MessageEntryFields): Uint8Array {
  const { source, target, sender, to, number } = message;
  const key = new ByteWriter(64)
    .fixed(source, 32)
    .raw(new Uint8Array(12))
    .fixed(sender, ADDRESS_BYTES)
    .finish();
  const head = { environmentId: target, nonce: number, price: 0n };
  return encodeEntry(KIND_MESSAGE, key, to, { ...message, ...head });
}

/** Digest of a head at the start of `bytes`. */
function headDigest(bytes: Uint8Array): Uint8Array {
  memory.set(bytes.subarray(0, HEAD_BYTES), bufferAt);
  crypto.transactionDigest(bufferAt, outAt);
  return readOut(0);
}

/**
 * The EIP-712 digest that a signature of these fields is over.
 * @throws TRANSACTION_INVALID, BYTES_OUT_OF_RANGE
 */
export function transactionDigest(fields: TransactionFields): Uint8Array {
  return headDigest(encodeUnsigned(fields, new Uint8Array(64)));
}

/**
 * Head and input with a given key and signature, neither checked.
 * @throws TRANSACTION_INVALID, BYTES_OUT_OF_RANGE
 */
export function encodeTransaction(
  fields: TransactionFields & Pick<Transaction, "publicKey" | "signature">,
): Uint8Array {
  const bytes = encodeUnsigned(fields, fields.publicKey);
  bytes.set(new ByteWriter(64).fixed(fields.signature, 64).finish(), 192);
  return bytes;
}

/**
 * The bytes of a signed transaction. `key` is a private key [32] or a signer, which is faster for many.
 * @throws KEY_INVALID, TRANSACTION_INVALID, BYTES_OUT_OF_RANGE
 */
export function signTransaction(
  fields: TransactionFields,
  key: Uint8Array | TransactionSigner,
): Uint8Array {
  const signer = key instanceof Uint8Array ? keySigner(key) : key;
  const bytes = encodeUnsigned(fields, signer.publicKey);
  bytes.set(signer.sign(headDigest(bytes)), 192);
  return bytes;
}

/** Address [20] of the contract that `sender` deploys with `nonce`. */
export function contractAddress(
  environmentId: Uint8Array,
  sender: Uint8Array,
  nonce: bigint,
): Uint8Array {
  const writer = new ByteWriter(61).u8(1).fixed(environmentId, 32).fixed(sender, ADDRESS_BYTES);
  return keccak256(writer.u64(nonce).finish()).slice(12);
}

/** Input of a deploy: u32 wasmLength ‖ Wasm ‖ initArguments. */
export function joinDeployInput(wasm: Uint8Array, initArguments: Uint8Array): Uint8Array {
  return new ByteWriter(4 + wasm.length + initArguments.length)
    .bytes(wasm)
    .raw(initArguments)
    .finish();
}

/** Wasm and arguments of a decoded deploy's input, as views. */
export function splitDeployInput(input: Uint8Array): {
  readonly wasm: Uint8Array;
  readonly initArguments: Uint8Array;
} {
  const end = 4 + readU32(input, 0);
  return { wasm: input.subarray(4, end), initArguments: input.subarray(end) };
}
