// One hash over everything that a ledger state says, in one order: what two replays of a log compare. Computed when
// asked for, not with each command; what is bound already (orders, disputes, rules) goes in by its hash.
import { encodeResult } from "../chain/result.ts";
import { compareBytes, fromHex, type Hex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { ByteWriter } from "../codec/writer.ts";
import type { InboxMessage, LedgerEnvironment, LedgerState, OrderHead } from "./ledger-state.ts";

/** Entries by their key's bytes. */
function sorted<T>(map: Iterable<readonly [Hex, T]>): (readonly [Uint8Array, T])[] {
  const entries = [...map].map(([key, value]) => [fromHex(key), value] as const);
  return entries.sort(([a], [b]) => compareBytes(a, b));
}

function writeHead(out: ByteWriter, { height, orderHash, time, inboxNext }: OrderHead): void {
  out.u64(height).raw(orderHash).u64(time).u64(inboxNext);
}

function writeMessage(out: ByteWriter, message: InboxMessage): void {
  const { source, sender, to, value, input, time } = message;
  out.raw(source).raw(sender).raw(to).u128(value).bytes(input).u64(time);
}

function writeEnvironment(out: ByteWriter, environment: LedgerEnvironment): void {
  const { final, head, orders, inbox, outboxes, rules } = environment;
  out.u64(environment.number).raw(fromHex(environment.operator, 20));
  out.raw(fromHex(environment.sequencer, 20)).u32(rules.length);
  for (const { height, hash } of rules) out.u64(height).raw(hash);
  out.u128(environment.locked);
  writeHead(out, final);
  out.raw(encodeResult(final.result)).u64(final.since);
  writeHead(out, head);
  out.u32(orders.length);
  for (const { hash, disputes } of orders) {
    out.raw(hash).u32(disputes.size);
    for (const [id, { logHash }] of sorted(disputes)) out.raw(id).raw(logHash);
  }
  out.u32(inbox.length);
  for (const message of inbox) writeMessage(out, message);
  out.u32(outboxes.length);
  for (const { height, root } of outboxes) out.u64(height).raw(root);
  out.u64(environment.withheld).u64(environment.sequencerSeen);
  out.u64(environment.pausedUntil).u64(environment.pausedSeconds);
  out.u8(environment.isClosed ? 1 : 0).u32(environment.escaped.size);
  for (const [address] of sorted([...environment.escaped].map((key) => [key, 0]))) out.raw(address);
  const reclaimed = [...environment.reclaimed].sort((a, b) => (a < b ? -1 : 1));
  out.u32(reclaimed.length);
  for (const number of reclaimed) out.u64(number);
}

/** keccak [32] over the state (docs/formats.md section 17). */
export function ledgerRoot(state: LedgerState): Uint8Array {
  const out = new ByteWriter(4_096);
  out.raw(state.id).u64(state.time).u64(state.commands).raw(state.logHash).u128(state.kept);
  out.u32(state.accounts.size);
  for (const [address, { balance, nonce }] of sorted(state.accounts)) {
    out.raw(address).u128(balance).u64(nonce);
  }
  out.u32(state.environments.size);
  for (const [id, environment] of sorted(state.environments)) {
    out.raw(id);
    writeEnvironment(out, environment);
  }
  return keccak256(out.finish());
}
