// A block whose contract recurses to a given level and asks the host for a key recovery and a write down there:
// where the native stack is small, some transactions overflow in the guest, some at the border, some
// inside what the host does. All of them are fine under the depth budget.
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { intrinsicGas } from "../../host/chain/check-entry.ts";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { TestChain } from "./test-chain.ts";
import { wasmOf } from "./wat.ts";

/**
 * Reads u32 levels ‖ digest 32 ‖ signature 65, dives, recovers, stores the key under the digest. The loop keeps
 * V8's module from running every second level in place of its call: each level is a frame.
 */
const DIVER = `(module
  (import "env" "input" (func $input (param i32 i32 i32) (result i32)))
  (import "env" "output" (func $output (param i32 i32)))
  (import "env" "storage_set" (func $set (param i32 i32 i32)))
  (import "env" "secp256k1_recover" (func $recover (param i32 i32 i32) (result i32)))
  (memory 1 1)
  (func $dive (param $level i32) (param $a i64) (result i64)
    (loop)
    (if (result i64) (local.get $level)
      (then (i64.add (call $dive (i32.sub (local.get $level) (i32.const 1)) (i64.add (local.get $a) (i64.const 3))) (local.get $a)))
      (else
        (i32.store (i32.const 500) (call $recover (i32.const 4) (i32.const 36) (i32.const 256)))
        (call $set (i32.const 4) (i32.const 256) (i32.const 64))
        (local.get $a))))
  (func (export "main")
    (drop (call $input (i32.const 0) (i32.const 0) (i32.const 101)))
    (i64.store (i32.const 504) (call $dive (i32.load (i32.const 0)) (i64.const 1)))
    (call $output (i32.const 500) (i32.const 12))))`;

const KEY = new Uint8Array(32).fill(7);

function diveInput(levels: number, salt: number): Uint8Array {
  const digest = new Uint8Array(32).fill(salt & 0xff);
  digest[0] = salt >> 8;
  const recovered = secp256k1.sign(digest, KEY, { prehash: false, format: "recovered" });
  const input = new Uint8Array(101);
  new DataView(input.buffer).setUint32(0, levels, true);
  input.set(digest, 4);
  // Noble puts the recovery bit first; the host call wants it last, plus 27.
  input.set(recovered.subarray(1), 36);
  input[100] = 27 + recovered[0]!;
  return input;
}

/** Two bundles: the deployment, and one dive for each of `levels`. */
export async function divingBundles(levels: readonly number[]): Promise<[Uint8Array, Uint8Array]> {
  const chain = await TestChain.open(["alice"], presetRules("general"));
  // A deployment calls the contract as well.
  const input = joinDeployInput(wasmOf(DIVER), diveInput(0, 0xffff));
  const deployed = await chain.block([chain.sign("alice", { kind: "deploy", input })]);
  const to = fromHex(deployed.entries[0]?.contract as Hex, 20);
  const dives = levels.map((level, i) => {
    const data = diveInput(level, i);
    const gasLimit = intrinsicGas(chain.core.rules, { kind: "call", input: data }) + 400_000;
    return chain.sign("alice", { kind: "call", to, input: data, gasLimit });
  });
  const dived = await chain.block(dives);
  return [deployed.bundle, dived.bundle];
}
