// The load of the benchmarks transfers and replay: accounts that all hold a token, and blocks of signed
// transfers between random distinct pairs of them. Everything follows from the seed; signing is done
// before anything is timed.
import type { ContractAbi } from "../../host/abi/abi.ts";
import { encodeCall, encodeInit } from "../../host/abi/encode-call.ts";
import { deriveKey, type TransactionSigner } from "../../host/chain/key.ts";
import {
  contractAddress,
  encodeTransaction,
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../host/chain/transaction.ts";
import { toHex } from "../../host/codec/hex.ts";
import type { GenesisInput } from "../../host/environment/environment-core.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { SeededRandom } from "./random.ts";

/** What a load is made from. */
export interface LoadShape {
  readonly seed: string;
  readonly tokenWasm: Uint8Array;
  readonly tokenAbi: ContractAbi;
  readonly accounts: number;
  readonly blockSize: number;
}

/** Native balance of each account: fees for the longest benchmark. */
const NATIVE_BALANCE = 10n ** 18n;
/** Tokens of each account; no transfer of the load can run it dry. */
const TOKENS_EACH = 1_000_000_000n;
const AMOUNT_MAX = 1_000;
/** A transfer takes 59,000; a mempool fills a block by limits, and 1,000 of these fit into one of `payments`. */
const GAS_LIMIT = 65_000;
const PRICE = 1n;
const NO_SIGNATURE = new Uint8Array(64);

/** The accounts of a load and the transactions between them, in order. */
export class TransferLoad {
  readonly #shape: LoadShape;
  readonly #signers: TransactionSigner[] = [];
  readonly #nonces: Uint32Array;
  readonly #random: SeededRandom;
  /** Set by the environment's genesis, which the accounts are part of. */
  environmentId = new Uint8Array(32);

  constructor(shape: LoadShape) {
    this.#shape = shape;
    this.#nonces = new Uint32Array(shape.accounts);
    this.#random = new SeededRandom(shape.seed);
    for (let i = 0; i < shape.accounts; i++) {
      this.#signers.push(nativeSigner(deriveKey(shape.seed, `account ${i}`)));
    }
  }

  /** Rules and native balances. Fees go to an account outside the load. */
  genesis(): GenesisInput {
    return {
      rules: presetRules("payments"),
      accounts: this.#signers.map(({ address }) => ({
        address: toHex(address),
        balance: NATIVE_BALANCE,
      })),
    };
  }

  /**
   * Bodies that deploy the token and give every account its share. They carry no signatures: an
   * environment takes them only while its checker is told to accept anything.
   */
  *fundingBodies(): Generator<Uint8Array[]> {
    for (const body of this.#funding()) yield body.map((fields) => this.#unsigned(fields));
  }

  /** The same for an environment that checks signatures. */
  *signedFundingBodies(): Generator<Uint8Array[]> {
    for (const body of this.#funding()) {
      yield body.map((fields) => signTransaction(fields, this.#signers[0]!));
    }
  }

  *#funding(): Generator<SentFields[]> {
    const { accounts, blockSize, tokenWasm, tokenAbi } = this.#shape;
    const supply = String(TOKENS_EACH * BigInt(accounts));
    const input = joinDeployInput(tokenWasm, encodeInit(tokenAbi, [supply]));
    const { rules } = this.genesis();
    const gasLimit = Number(rules.gas.perTransaction);
    yield [{ ...this.#next(0), kind: "deploy", gasLimit, input }];
    for (let first = 1; first < accounts; first += blockSize) {
      const count = Math.min(blockSize, accounts - first);
      yield Array.from({ length: count }, (_, i) => this.#transfer(0, first + i, TOKENS_EACH));
    }
  }

  /** The next body of signed transfers. */
  transferBody(): Uint8Array[] {
    const { accounts, blockSize } = this.#shape;
    return Array.from({ length: blockSize }, () => {
      const from = this.#random.below(accounts);
      const to = (from + 1 + this.#random.below(accounts - 1)) % accounts;
      const amount = BigInt(1 + this.#random.below(AMOUNT_MAX));
      return signTransaction(this.#transfer(from, to, amount), this.#signers[from]!);
    });
  }

  /**
   * Bodies for many turns, each of so many blocks, before the first is timed: what signing leaves to the garbage
   * collector would else be paid for by whoever is timed first in a turn.
   */
  turns(count: number, blocks: number): Uint8Array[][][] {
    return Array.from({ length: count }, () =>
      Array.from({ length: blocks }, () => this.transferBody()),
    );
  }

  #transfer(from: number, to: number, amount: bigint): SentFields {
    const { address } = this.#signers[0]!;
    const args = [toHex(this.#signers[to]!.address), String(amount)];
    return {
      ...this.#next(from),
      kind: "call",
      to: contractAddress(this.environmentId, address, 0n),
      gasLimit: GAS_LIMIT,
      input: encodeCall(this.#shape.tokenAbi, "transfer", args),
    };
  }

  #next(from: number): Pick<SentFields, "from" | "environmentId" | "value" | "nonce" | "price"> {
    const nonce = BigInt(this.#nonces[from]!++);
    return { from, environmentId: this.environmentId, value: 0n, nonce, price: PRICE };
  }

  #unsigned(fields: SentFields): Uint8Array {
    const { publicKey } = this.#signers[fields.from]!;
    return encodeTransaction({ ...fields, publicKey, signature: NO_SIGNATURE });
  }
}

interface SentFields extends TransactionFields {
  /** Number of the sending account. */
  readonly from: number;
}
