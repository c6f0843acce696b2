// Messages as authors write them: a contract that sends, one that takes what others sent and asks who it was, and
// an exit. Both ends meet: what the first block's outbox holds is the second block's inbox entry.
import { beforeAll, describe, expect, it } from "vitest";
import { decodeResult } from "../../../host/abi/decode-result.ts";
import { decodeRevert, describeRevert } from "../../../host/abi/decode-revert.ts";
import { encodeCall, encodeInit } from "../../../host/abi/encode-call.ts";
import {
  encodeMessageEntry,
  joinDeployInput,
  messageCaller,
} from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import type { ContractBuild } from "../../../host/contract/index.ts";
import { Outcome } from "../../../host/outcome.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { build } from "./contract-source.ts";

const GATE = `import { Address, Bytes32, Result, Status, Value, at, ctx, exitTo, message, messageCaller, require, sendMessage, u128 } from "plasmavm/assembly";
@remote abstract class Other {
  abstract take(amount: u64): void;
  abstract total(): u64;
  abstract try_take(amount: u64): Status;
  abstract try_total(): Result<u64>;
}
@contract export class Gate {
  partner: Value<Address>;
  home: Value<Bytes32>;
  taken: Value<u64>;
  from: Value<Address>;
  @call pair(home: Bytes32, partner: Address): void { this.home.set(home); this.partner.set(partner); }
  @call send(to: Address, value: u128, input: StaticArray<u8>): void {
    sendMessage(this.home.get(), to, value, input);
  }
  @call({ reentrant: true }) tell(to: Address, amount: u64, value: u128): u64 {
    const first = message<Other>(this.home.get(), to, value);
    const second = message<Other>(this.home.get(), to);
    const here = at<Other>(ctx.self);
    first.take(amount);
    require(here.total() == 7, "a call beside messages");
    require(second.total() == 0 && second.try_total().value == 0, "nobody answers a message");
    return message<Other>(this.home.get(), to, u128.max).try_take(amount).status;
  }
  @call leave(to: Address, value: u128): void { exitTo(to, value); }
  @call take(amount: u64): void {
    require(ctx.isMessage, "not a message");
    require(ctx.source == this.home.get(), "from nowhere");
    require(ctx.caller == messageCaller(ctx.source, this.partner.get()), "not from the partner");
    this.taken.set(this.taken.get() + amount);
    this.from.set(ctx.caller);
  }
  @view total(): u64 { return this.taken.get(); }
}`;

const HOME = new Uint8Array(32).fill(0x68);

let chain: TestChain;
let gate: ContractBuild;
let address: Hex;

beforeAll(async () => {
  gate = await build(GATE);
  chain = await TestChain.open(["alice"]);
  const input = joinDeployInput(gate.wasm, encodeInit(gate.abi, []));
  const { entries } = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
  address = entries[0]!.contract as Hex;
});

async function call(method: string, args: readonly (string | Uint8Array)[], value = 0n) {
  const input = encodeCall(gate.abi, method, args.map(String));
  const sent = chain.sign("alice", { kind: "call", to: fromHex(address, 20), value, input });
  const block = await chain.block([sent]);
  expect(chain.replay(block.bundle).verdict).toBe("valid");
  return block;
}

async function take(sender: Uint8Array, source = HOME, value = 0n) {
  const input = encodeCall(gate.abi, "take", ["7"]);
  const target = chain.core.id;
  const entry = encodeMessageEntry({
    ...{ source, target, sender, to: fromHex(address, 20), value, input },
    ...{ number: 0n, gasLimit: 262_144 },
  });
  const { entries, bundle } = await chain.block([entry], 1);
  expect(chain.replay(bundle).verdict).toBe("valid");
  return entries[0]!;
}

describe("a contract", () => {
  it("sends value and a call to another environment, which the block hands out", async () => {
    await call("pair", [toHex(HOME), addressOfName("alice")]);
    const input = encodeCall(gate.abi, "take", ["5"]);
    const { entries, messages } = await call("send", [address, "30", toHex(input)], 40n);
    expect(entries[0]!.outcome).toBe(Outcome.success);
    const to = address;
    expect(messages).toEqual([{ target: toHex(HOME), sender: address, to, value: 30n, input }]);
    expect(chain.core.account(address).balance).toBe(10n);
  });

  it("says so when it has less than it sends", async () => {
    const { entries, messages } = await call("leave", [addressOfName("alice"), "11"]);
    expect(entries[0]!.outcome).toBe(Outcome.revert);
    expect(describeRevert(decodeRevert(gate.abi, entries[0]!.output))).toContain(
      "the balance is less than what is sent",
    );
    expect(messages).toEqual([]);
  });

  it("exits to settlement, which is environment zero", async () => {
    const { messages } = await call("leave", [addressOfName("alice"), "10"]);
    expect(messages).toMatchObject([{ target: `0x${"00".repeat(32)}`, value: 10n }]);
  });

  it("takes what its partner elsewhere sent, and from nobody else", async () => {
    const partner = fromHex(addressOfName("alice"), 20);
    expect((await take(partner)).outcome).toBe(Outcome.success);
    const stranger = await take(new Uint8Array(20).fill(1));
    expect(describeRevert(decodeRevert(gate.abi, stranger.output))).toContain(
      "not from the partner",
    );
    // The very address, as an account of settlement: another caller.
    const deposit = await take(partner, new Uint8Array(32));
    expect(describeRevert(decodeRevert(gate.abi, deposit.output))).toContain("from nowhere");
    const { output } = chain.core.view({
      to: address,
      input: encodeCall(gate.abi, "total", []),
    });
    expect(decodeResult(gate.abi, "total", output)).toBe(7n);
    const signed = await call("take", ["7"]);
    expect(describeRevert(decodeRevert(gate.abi, signed.entries[0]!.output))).toContain(
      "not a message",
    );
  });

  it("sends a typed call, told from calls within, to which nobody answers", async () => {
    const { entries, messages } = await call("tell", [address, "9", "12"], 20n);
    // What is more than the contract has is refused.
    expect(decodeResult(gate.abi, "tell", entries[0]!.output)).toBe(3n);
    const total = { value: 0n, input: encodeCall(gate.abi, "total", []) };
    expect(messages).toMatchObject([
      { target: toHex(HOME), to: address, value: 12n, input: encodeCall(gate.abi, "take", ["9"]) },
      total,
      total,
    ]);
    const short = await call("tell", [address, "9", "1000"]);
    expect(describeRevert(decodeRevert(gate.abi, short.entries[0]!.output))).toContain(
      "the balance is less than what is sent",
    );
  });

  it("sees another address for a contract elsewhere, and the account itself for a deposit", () => {
    const account = new Uint8Array(20).fill(0xac);
    expect(messageCaller(new Uint8Array(32), account)).toEqual(account);
    expect(messageCaller(HOME, account)).not.toEqual(account);
    expect(messageCaller(HOME, account)).not.toEqual(
      messageCaller(new Uint8Array(32).fill(1), account),
    );
  });
});
