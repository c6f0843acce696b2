// A body entry as phases 1 and 2 see it (docs/formats.md section 3): its head of 256 bytes and the root of the
// rest. Any byte string is a legal entry; what does not decode is a skip, never a refused proof. What binds the
// head to the block is the transaction's hash, which the phases check.
import { equal, isZero, numberBytes, readBig, readNumber } from "./judge-bytes.ts";
import { keccak256 } from "./judge-hash.ts";

export const HEAD_BYTES = 256;
export const Kind = { call: 1, deploy: 2, message: 3 } as const;

/** keccak(u32 length ‖ keccak(head) ‖ root of the rest). */
export function transactionHash(length: number, head: Uint8Array, rest: Uint8Array): Uint8Array {
  return keccak256(numberBytes(4, length), keccak256(head), rest);
}

/** A decoded head. */
export interface Head {
  readonly kind: number;
  readonly environment: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly to: Uint8Array;
  readonly value: bigint;
  readonly nonce: bigint;
  readonly gasLimit: bigint;
  readonly price: bigint;
  readonly inputLength: number;
  readonly inputRoot: Uint8Array;
  readonly signature: Uint8Array;
}

export function readHead(bytes: Uint8Array): Head {
  return {
    kind: readNumber(bytes, 1, 1),
    environment: bytes.slice(2, 34),
    publicKey: bytes.slice(34, 98),
    to: bytes.slice(98, 118),
    value: readBig(bytes, 118, 16),
    nonce: readBig(bytes, 134, 8),
    gasLimit: readBig(bytes, 142, 6),
    price: readBig(bytes, 148, 8),
    inputLength: readNumber(bytes, 156, 4),
    inputRoot: bytes.slice(160, 192),
    signature: bytes.slice(192, 256),
  };
}

/** The head of an entry of `length` bytes, or undefined where it does not decode but for a deploy's input. */
export function decodeHead(length: number, bytes: Uint8Array, rest: Uint8Array): Head | undefined {
  if (length < HEAD_BYTES || bytes[0] !== 1) return undefined;
  const head = readHead(bytes);
  if (head.kind < Kind.call || head.kind > Kind.message) return undefined;
  if (head.kind === Kind.deploy && !isZero(head.to)) return undefined;
  if (head.kind === Kind.message && !isMessage(head)) return undefined;
  if (head.inputLength !== length - HEAD_BYTES || !equal(head.inputRoot, rest)) return undefined;
  return head;
}

/** Whether what a message does not have is zero. */
const isMessage = ({ publicKey, price, signature }: Head): boolean =>
  isZero(publicKey.subarray(32, 44)) && price === 0n && isZero(signature);

/** Hash of the key; of a message that of source and sender there, but accounts of settlement are who they say. */
export function senderOf(head: Head): Uint8Array {
  const { kind, publicKey } = head;
  if (kind !== Kind.message) return keccak256(publicKey).slice(12);
  const [source, sender] = [sourceOf(head), publicKey.slice(44)];
  return isZero(source) ? sender : keccak256(Uint8Array.of(2), source, sender).slice(12);
}

/** Environment that a message comes from. */
export const sourceOf = ({ publicKey }: Head): Uint8Array => publicKey.slice(0, 32);

/** Address of the contract that a deploy makes. */
export function deployedAddress(head: Head): Uint8Array {
  const nonce = numberBytes(8, head.nonce);
  return keccak256(Uint8Array.of(1), head.environment, senderOf(head), nonce).slice(12);
}

const text = (value: string): Uint8Array => keccak256(new TextEncoder().encode(value));

const DOMAIN = keccak256(
  text("EIP712Domain(string name,string version)"),
  text("Plasma"),
  text("1"),
);
const TRANSACTION_TYPE = text(
  "Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)",
);

/** The EIP-712 digest that the signature is over. */
export function digestOf(head: Head): Uint8Array {
  const word = (value: number | bigint): Uint8Array => numberBytes(32, value);
  const struct = keccak256(
    TRANSACTION_TYPE,
    head.environment,
    word(head.kind),
    word(readBig(head.to, 0, 20)),
    word(head.value),
    word(head.nonce),
    word(head.gasLimit),
    word(head.price),
    word(head.inputLength),
    head.inputRoot,
  );
  return keccak256(Uint8Array.of(0x19, 0x01), DOMAIN, struct);
}
