// The users of one environment in a scenario: they sign transactions, hand them to its sequencer, and remember which
// ones they were told are in. The queue is the plainest source of bodies there is: first come, first served, and gone
// once an accepted order has it.
import {
  contractAddress,
  joinDeployInput,
  signTransaction,
  transactionHash,
} from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import type { BodySource } from "../../host/node/execution.ts";
import type { OrderCommand } from "../../host/settlement/ledger-command.ts";
import { proberWasm, Script } from "../support/prober.ts";
import { addressOf, signerOf, type World } from "./world.ts";

const PER_BODY = 64;
const TRANSFER_GAS = 200_000;
const DEPLOY_GAS = 2 ** 25;
const SEND_GAS = 2 ** 22;
const FILL_GAS = 2 ** 25;

export class Users implements BodySource {
  readonly id: Hex;
  /** Hashes of what the sequencer has taken. */
  readonly acknowledged: Hex[] = [];
  readonly #queue = new Map<Hex, Uint8Array>();
  readonly #nonces = new Map<string, bigint>();
  readonly #random: World["random"];

  constructor(world: World, id: Hex) {
    this.id = id;
    this.#random = world.random;
    world.onOrder((order) => this.#drop(order));
  }

  /** Waiting transactions. */
  get waiting(): ReadonlySet<Hex> {
    return new Set(this.#queue.keys());
  }

  async body({ inbox }: { readonly inbox: readonly Uint8Array[] }): Promise<Uint8Array[]> {
    return [...inbox, ...[...this.#queue.values()].slice(0, PER_BODY)];
  }

  submit(bytes: Uint8Array): void {
    const hash = toHex(transactionHash(bytes));
    this.#queue.set(hash, bytes);
    this.acknowledged.push(hash);
  }

  /** Puts bytes into the queue that nobody was promised anything about. */
  flood(bytes: Uint8Array): void {
    this.#queue.set(toHex(transactionHash(bytes)), bytes);
  }

  transfer(from: string, to: Hex, value: bigint, nonce?: bigint): Uint8Array {
    const fields = { to: fromHex(to, 20), value, input: new Uint8Array(0) };
    return this.#sign(from, "call", fields, TRANSFER_GAS, nonce);
  }

  /** Submits so many small transfers between alice and bob. */
  transfers(count: number): void {
    for (let i = 0; i < count; i++) {
      const [from, to] = this.#random.oneIn(2) ? ["alice", "bob"] : ["bob", "alice"];
      this.submit(this.transfer(from!, addressOf(to!), BigInt(1 + this.#random.below(100))));
    }
  }

  /** Submits the deployment of a contract that does what it is told; its address. */
  deploy(from: string, pagesMax = 256): Hex {
    const nonce = this.#nonces.get(from) ?? 0n;
    const input = joinDeployInput(proberWasm(pagesMax), new Script().bytes());
    this.submit(
      this.#sign(from, "deploy", { to: new Uint8Array(20), value: 0n, input }, DEPLOY_GAS),
    );
    const { address } = signerOf(from);
    return toHex(contractAddress(fromHex(this.id, 32), address, nonce));
  }

  /** Makes the contract send value to another environment, or with target zero to settlement. */
  send(from: string, contract: Hex, target: Hex, to: Hex, value: bigint): void {
    const request = new ByteWriter(68).raw(fromHex(target, 32)).raw(fromHex(to, 20)).u128(value);
    const nothing = new Uint8Array(0);
    const input = new Script().host("send_message", request.finish(), nothing, 0).bytes();
    const fields = { to: fromHex(contract, 20), value, input };
    this.submit(this.#sign(from, "call", fields, SEND_GAS));
  }

  /** Makes the contract take so many pages of memory and write to all of them, so often. */
  fill(from: string, contract: Hex, pages: number, times: number): void {
    const script = new Script().grow(pages);
    for (let i = 0; i < times; i++) script.fill(0x4_0000, 7 + i, pages * 65_536);
    const fields = { to: fromHex(contract, 20), value: 0n, input: script.bytes() };
    this.submit(this.#sign(from, "call", fields, FILL_GAS));
  }

  #sign(
    from: string,
    kind: "call" | "deploy",
    fields: { readonly to: Uint8Array; readonly value: bigint; readonly input: Uint8Array },
    gasLimit: number,
    nonce?: bigint,
  ): Uint8Array {
    const next = this.#nonces.get(from) ?? 0n;
    if (nonce === undefined) this.#nonces.set(from, next + 1n);
    const environmentId = fromHex(this.id, 32);
    const rest = { kind, environmentId, gasLimit, price: 0n, nonce: nonce ?? next };
    return signTransaction({ ...rest, ...fields }, signerOf(from));
  }

  #drop({ environment, body }: OrderCommand): void {
    if (environment !== this.id) return;
    for (const entry of body) this.#queue.delete(toHex(transactionHash(entry)));
  }
}
