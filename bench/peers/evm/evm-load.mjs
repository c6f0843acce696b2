// The load of the EVM peers: accounts that all hold a token, blocks of transfers between random distinct
// pairs of them, signed before anything is timed, and a model of the balances to check against. Keys and
// pairs follow from the seed alone.
import { createRequire } from "node:module";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { seededRandom } from "../random.mjs";

// Of the main install, found through the parent folders; noble would sign fifty times slower.
const secp256k1 = createRequire(import.meta.url)("secp256k1");

export const CHAIN_ID = 31_337;
export const TOKEN_ADDRESS = Buffer.from("00000000000000000000000000000000000e2c20", "hex");
export const GAS_LIMIT = 100_000;
export const GAS_PRICE = 10n ** 10n;
export const NATIVE_BALANCE = 10n ** 24n;
const TOKENS_EACH = 1_000_000_000;
const AMOUNT_MAX = 1_000;
const TRANSFER = selector("transfer(address,uint256)");
const FUND = selector("fund(address[],uint256)");
const BALANCE_OF = selector("balanceOf(address)");

function selector(signature) {
  return Buffer.from(keccak_256(Buffer.from(signature))).subarray(0, 4);
}

/** A number as a 32-byte word. */
function word(value) {
  const bytes = Buffer.alloc(32);
  bytes.writeBigUInt64BE(BigInt(value), 24);
  return bytes;
}

const addressWord = (address) => Buffer.concat([Buffer.alloc(12), address]);

/** RLP of a byte string; integers are given without leading zeros. */
function rlpBytes(bytes) {
  if (bytes.length === 1 && bytes[0] < 0x80) return bytes;
  return Buffer.concat([rlpHead(0x80, bytes.length), bytes]);
}

function rlpList(items) {
  const body = Buffer.concat(items.map(rlpBytes));
  return Buffer.concat([rlpHead(0xc0, body.length), body]);
}

function rlpHead(base, length) {
  if (length < 56) return Buffer.of(base + length);
  const size = integer(length);
  return Buffer.concat([Buffer.of(base + 55 + size.length), size]);
}

/** An integer without leading zeros; zero is empty. */
function integer(value) {
  if (BigInt(value) === 0n) return Buffer.alloc(0);
  const hex = BigInt(value).toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

const trimmed = (bytes) => integer(BigInt(`0x${Buffer.from(bytes).toString("hex")}`));

/** Accounts, transfers between them and what they come to. */
export class EvmLoad {
  keys = [];
  addresses = [];
  /** Token balance of each account. */
  balances = [];
  #nonces = [];
  #random;

  constructor({ accounts, seed }) {
    this.#random = seededRandom(seed);
    for (let i = 0; i < accounts; i++) {
      const key = Buffer.from(keccak_256(Buffer.from(`${seed} account ${i}`)));
      const publicKey = secp256k1.publicKeyCreate(key, false);
      this.keys.push(key);
      this.addresses.push(Buffer.from(keccak_256(publicKey.subarray(1))).subarray(12));
      this.balances.push(TOKENS_EACH);
      this.#nonces.push(0);
    }
  }

  /** Input of the calls that give every account its share. */
  *fundingInputs() {
    const CHUNK = 500;
    for (let first = 0; first < this.addresses.length; first += CHUNK) {
      const owners = this.addresses.slice(first, first + CHUNK);
      const head = [FUND, word(64), word(TOKENS_EACH), word(owners.length)];
      yield Buffer.concat([...head, ...owners.map(addressWord)]);
    }
  }

  balanceInput(account) {
    return Buffer.concat([BALANCE_OF, addressWord(this.addresses[account])]);
  }

  /**
   * A block of transfers, booked in the model; the caller must run it.
   * @param count transfers
   * @param senders only the first so many accounts send; all where absent
   */
  transfers(count, senders = this.addresses.length) {
    const all = this.addresses.length;
    return Array.from({ length: count }, () => {
      const from = this.#random.below(senders);
      const to = (from + 1 + this.#random.below(all - 1)) % all;
      const amount = 1 + this.#random.below(AMOUNT_MAX);
      this.balances[from] -= amount;
      this.balances[to] += amount;
      const data = Buffer.concat([TRANSFER, addressWord(this.addresses[to]), word(amount)]);
      return { from, nonce: this.takeNonce(from), data };
    });
  }

  /** The next nonce of an account. */
  takeNonce(account) {
    return this.#nonces[account]++;
  }

  /** A legacy transaction with replay protection (EIP-155), as bytes. */
  sign({ from, nonce, data, gasLimit = GAS_LIMIT }) {
    const head = [nonce, GAS_PRICE, gasLimit].map(integer);
    const fields = [...head, TOKEN_ADDRESS, Buffer.alloc(0), data];
    const none = Buffer.alloc(0);
    const digest = keccak_256(rlpList([...fields, integer(CHAIN_ID), none, none]));
    const { signature, recid } = secp256k1.ecdsaSign(digest, this.keys[from]);
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map(trimmed);
    return rlpList([...fields, integer(CHAIN_ID * 2 + 35 + recid), r, s]);
  }

  /** Accounts that a check looks at: spread over all of them. */
  sample() {
    const step = Math.max(1, Math.floor(this.addresses.length / 50));
    return this.addresses.map((_, i) => i).filter((i) => i % step === 0);
  }
}
