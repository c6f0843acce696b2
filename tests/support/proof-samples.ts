// Proofs of every kind of step, named by what they show: phases at the top and of sub-calls, each stage of
// each host call, words, traps. Taken from a few blocks that are made for it, the first of each kind.

import { deriveKey } from "../../host/chain/key.ts";
import {
  encodeMessageEntry,
  joinDeployInput,
  signTransaction,
} from "../../host/chain/transaction.ts";
import { fromHex } from "../../host/codec/hex.ts";
import { readU32 } from "../../host/codec/reader.ts";
import { ByteWriter } from "../../host/codec/writer.ts";
import { decodeHeader, Region, Status, stateHash } from "../../host/dispute/judge-header.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { opcodeTable } from "../../host/machine/opcode-table.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { JudgeMachine } from "./judge-machine.ts";
import { MachineChain, runInMachine } from "./machine-chain.ts";
import { Script, sizedProber } from "./prober.ts";
import { partsOf } from "./proof-layout.ts";
import { addressOfName } from "./test-chain.ts";
import { wasmOf } from "./wat.ts";

export interface ProofSample {
  readonly name: string;
  readonly pre: Uint8Array;
  readonly proof: Uint8Array;
  readonly post: Uint8Array;
  /** The proof with a leaf beside those that the step touches. */
  readonly widened: Uint8Array;
}

const HOST = 0x211;
const HEAD = 256;
/** Behind the name of a step of a deployment's prepare, where another contract has taken the same. */
export const IN_PREPARE = " in prepare";
const NOBODY = new Uint8Array(20).fill(0x77);
const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);
/** Target environment, recipient and value of a message. */
function request(value: bigint): Uint8Array {
  const writer = new ByteWriter(68).raw(key(5)).raw(NOBODY).u128(value);
  return writer.finish();
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => 7 * i + 1);

/** A contract whose deployment takes some ten thousand steps. */
export const SMALL = wasmOf(`(module
  (import "env" "context" (func $context (param i32)))
  (import "env" "output" (func $output (param i32 i32)))
  (memory (export "memory") 1 1)
  (func (export "main")
    (call $context (i32.const 0))
    (call $output (i32.const 0) (i32.const 200))))`);

/** Signed divisions and indirect calls; the length of its input says how it ends. */
const INDIRECT = wasmOf(`(module
  (import "env" "input" (func $input (param i32 i32 i32) (result i32)))
  (type $none (func))
  (type $one (func (param i32)))
  (memory (export "memory") 1 1)
  (table 3 3 funcref)
  (elem (i32.const 0) $nothing $other)
  (func $nothing)
  (func $other (param i32))
  (func (export "main") (local $way i32)
    (local.set $way (call $input (i32.const 0) (i32.const 0) (i32.const 0)))
    (if (i32.eqz (local.get $way)) (then (return)))
    (drop (i64.div_s (i64.const -7) (i64.const 2)))
    (drop (i64.rem_s (i64.const -7) (i64.const 2)))
    (drop (i64.div_u (i64.const -7) (i64.const 2)))
    (drop (i64.rem_u (i64.const -7) (i64.const 2)))
    (drop (i32.div_s (i32.const -7) (i32.const 2)))
    (drop (i32.rem_s (i32.const 0x80000000) (i32.const -1)))
    (call_indirect (type $none) (i32.const 0))
    (if (i32.eq (local.get $way) (i32.const 1))
      (then (call_indirect (type $none) (i32.const 1))))
    (if (i32.eq (local.get $way) (i32.const 2))
      (then (call_indirect (type $none) (i32.const 2))))
    (if (i32.eq (local.get $way) (i32.const 3))
      (then (call_indirect (type $none) (i32.const 3))))
    (if (i32.eq (local.get $way) (i32.const 4))
      (then (drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))))
    (drop (i64.rem_s (i64.const 1) (i64.const 0)))))`);
/** Words of which every one is looked at. */
const RARE = ["call_indirect", "i32.div_s", "i32.rem_s", "i64.div_s", "i64.rem_s", "i64.div_u"];
/** What an indirect call asks for, as its contract above has it. */
const INDICES = ["", " of another type", " of null", " beyond the table"];

/** What the machine is about to do. */
export function kindOfStep(machine: JudgeMachine): string {
  const { header, word } = machine;
  const where = header.parent.some((byte) => byte !== 0) ? " of a sub-call" : "";
  if (header.status !== Status.run) {
    const end = header.phase === 11 ? ` with ${header.resume}` : "";
    return `phase ${header.phase}${end}${where}`;
  }
  if (word?.op !== HOST) {
    const row = opcodeTable.find(({ opcode }) => opcode === word?.op);
    const index = word?.op === 0x11 ? indexAtTop(machine) : 0;
    return `word ${row?.name ?? "unknown"}${INDICES[index] ?? ""}`;
  }
  const stage = header.phase === 0 ? "" : ", second stage";
  const unit = header.resume === 0 ? "" : ", going on";
  return `host call ${hostCallNames[word.a - 1]}${stage}${unit}`;
}

/** The operand of an indirect call. */
function indexAtTop({ header, trees }: JudgeMachine): number {
  return trees[Region.stack]!.leaf((header.sp - 1) >> 4)[8 * ((header.sp - 1) & 15)]!;
}

const ACCOUNT_STEPS = [3, 4, 5, 6, 7, 8, 9, 10, 14, 15].map((phase) => `phase ${phase}`);

/** Whether the first piece of a step is a state path. */
const opensPath = (kind: string): boolean =>
  /^host call (storage_\w+|account|upgrade), second stage|^host call enter/.test(kind) ||
  ACCOUNT_STEPS.includes(kind.replace(" of a sub-call", ""));

/** Which transaction a phase is for, and how a state path ends (docs/machine.md section 6). */
function circumstances(kind: string, proof: Uint8Array, machine: JudgeMachine): string {
  const { start } = partsOf(proof).find(({ name }) => name === "pieces") ?? {};
  const entry = machine.trees[Region.record]!.leaf(7);
  const opened = kind === "phase 1" && start !== undefined ? readU32(proof, start) : 0;
  const kindOfEntry = opened < HEAD ? entry[112] : proof[start! + 5];
  const bytesOfInput = kind === "phase 1" && kindOfEntry === 2 ? ` of ${opened - HEAD} bytes` : "";
  const whose =
    ["", "", ` of a deployment${bytesOfInput}`, " of a message"][kindOfEntry ?? 0] ?? "";
  const entryKind = kind.startsWith("phase") ? whose : "";
  if (!opensPath(kind)) return entryKind;
  const terminal =
    start === undefined ? "nothing" : ["an empty place", "", "another leaf"][proof[start]!];
  return entryKind + (terminal === "" ? "" : `, opens ${terminal}`);
}

/** Words of prepare that are taken beside those of other contracts: each region that a step can open. */
const PREPARE_WORDS = ["call", "i32.load8_u", "i32.store", "global.set", "br_table", "locals"].map(
  (name) => `word ${name}`,
);

/** Whether the step is one of prepare's own call, of a kind that is taken there once more. */
function isOfPrepare({ header, trees }: JudgeMachine, kind: string): boolean {
  const entry = trees[Region.record]!.leaf(7);
  if (entry[112] !== 2 || entry[113] !== 1) return false;
  if (kind.startsWith("word")) return PREPARE_WORDS.includes(kind);
  return header.status === Status.run || [9, 10, 11].includes(header.phase);
}

/** What a step came to, where that is not to go on. */
function endOfStep(machine: JudgeMachine, kind: string): string {
  const { status, phase, resume } = machine.header;
  if (status === Status.halted) return ", halts";
  const entry = machine.trees[Region.record]!.leaf(7);
  if (status === Status.phase && phase === 16 && entry[114] === 3) return `, skips ${entry[117]}`;
  if (status === Status.phase && phase === 1)
    return [", success", ", revert", ", trap", ", skip"][entry[114]!]!;
  const wasRunning = !kind.startsWith("phase");
  if (!wasRunning && phase === 11 && resume === 3) return ", refuses";
  if (kind.startsWith("phase 9") && phase === 11) return `, traps ${resume - 0x100}`;
  if (kind === "phase 7" && phase === 14) return ", ends";
  if (wasRunning && phase === 11 && resume >= 0x100) return `, traps ${resume - 0x100}`;
  return "";
}

/** Scripts whose runs take every host call, each of its stages, and every end of a sub-call. */
function scripts(self: Uint8Array, callee: Uint8Array): Script[] {
  const inner = new Script()
    .host("storage_set", key(9), bytes(3), 3)
    .host("emit", 0, 0, 0, 0)
    .showGlobal();
  const all = new Script()
    .host("context", 0x100)
    .host("storage_set", key(1), bytes(300), 300)
    .host("storage_set", key(2), bytes(33), 33)
    .host("storage_set", key(3), 0, 0)
    .host("storage_open", key(1))
    .host("value_read", 0x170, 5, 200)
    .host("storage_open", key(8))
    .host("storage_delete", key(2))
    .host("storage_delete", key(7))
    .host("account", self, 0x300)
    .host("emit", 0x40, 3, 0x100, 300)
    .host("keccak256", 0x101, 500, 0x17f)
    .host("sha256", 0x101, 100, 0x17f)
    .host("secp256k1_recover", bytes(32), bytes(65), 0x400)
    .host("send_message", request(7n), 0x100, 150)
    .host("send_message", request(0n), 0, 0)
    .host("send_message", request(2n ** 100n), 0, 0)
    .host("upgrade", NOBODY)
    .host("upgrade", callee);
  const calls = new Script()
    .call(callee, inner.bytes(), { value: 5n })
    .host("output_read", 0x500, 0, 4)
    .call(callee, new Script().host("revert", bytes(200), 200).bytes())
    .host("output_read", 0x57f, 1, 150)
    .call(callee, new Script().trap().bytes(), { gas: 100_000n })
    .call(callee, new Uint8Array(0), { gas: 10n })
    .call(self, new Uint8Array(0))
    .call(callee, new Uint8Array(0), { value: 2n ** 100n })
    .call(NOBODY, bytes(1), { value: 1n })
    .host("enter", 0)
    .host("enter", 1)
    .call(self, new Script().bytes())
    .host("enter", 2)
    .call(callee, new Uint8Array(0), { value: 1n });
  const memory = new Script()
    .fill(0x7f, 9, 300)
    .put(0x181, bytes(130))
    .grow(1)
    .recurse(3)
    .setGlobal(5)
    .showGlobal()
    .load(0x7e);
  return [
    all,
    calls,
    memory,
    new Script().host("revert", 0x100, 200),
    new Script().trap(),
    new Script().load(0xffff_fffe),
    new Script().recurse(60_000),
    new Script().host("input", 0, 0, 0xffff_ffff),
    new Script().host("input", 0, 0xffff, 1),
    new Script().host("value_read", 0, 0, 0),
    new Script().host("output", 0, 65_537),
    new Script().host("emit", 0, 5, 0, 0),
    new Script().host("enter", 4),
    new Script().host("enter", 2).host("storage_set", 0, 0, 0),
    new Script().host("enter", 2).host("emit", 0, 0, 0, 0),
    new Script().host("enter", 2).host("upgrade", 0),
    new Script().host("enter", 2).host("send_message", 0, 0, 0),
    new Script().host("send_message", 0, 0, 4_097),
    new Script().host("send_message", request(0n), 0, 0).trap(),
  ];
}

/** The entry of a message, as settlement makes it. */
function message(
  target: Uint8Array,
  to: Uint8Array,
  script: Script | undefined,
  value: bigint,
  gasLimit = 3_000_000,
): Uint8Array {
  const input = script?.bytes() ?? new Uint8Array(0);
  const sent = { source: key(6), target, sender: NOBODY, to, value, input };
  return encodeMessageEntry({ ...sent, number: 3n, gasLimit });
}

/** The blocks that the samples come from. */
async function sampleBlocks() {
  const general = presetRules("general");
  const rules = {
    ...general,
    deployers: [addressOfName("alice")],
    gas: { ...general.gas, perTransaction: general.gas.perBlock },
    fees: { priceMin: 1n },
  };
  const chain = await MachineChain.open(["alice", "bob"], rules);
  const [self, callee] = (await chain.probers(2)) as [Uint8Array, Uint8Array];
  const [indirect] = (await chain.deploy([INDIRECT])) as [Uint8Array];
  const call = (to: Uint8Array, script: Script | undefined, value = 0n, gasLimit = 3_000_000) =>
    chain.chain.sign("alice", {
      ...{ kind: "call", to, value, gasLimit, price: 3n },
      input: script?.bytes() ?? new Uint8Array(0),
    });
  const deploy = (wasm: Uint8Array, value: bigint) =>
    chain.chain.sign("alice", {
      ...{ kind: "deploy", value, gasLimit: 3_000_000, price: 3n },
      input: joinDeployInput(wasm, bytes(200)),
    });
  const skipped = (fields: object) =>
    signTransaction(
      {
        ...{ kind: "call", environmentId: chain.chain.core.id, to: NOBODY, value: 0n, nonce: 9n },
        ...{ gasLimit: 30_000, price: 0n, input: new Uint8Array(0), ...fields },
      },
      nativeSigner(deriveKey("test", "bob")),
    );
  const forged = skipped({ nonce: 0n });
  forged[200]! ^= 1;
  const junk = joinDeployInput(bytes(3), new Uint8Array(0));
  const deploysOf = (input: Uint8Array) =>
    skipped({ kind: "deploy", to: undefined, nonce: 0n, gasLimit: 340_000, input });
  const { perBlock } = rules.gas;
  const first = await chain.block([
    Uint8Array.of(1, 2, 3),
    skipped({ environmentId: key(1) }),
    forged,
    skipped({}),
    deploysOf(junk),
    deploysOf(junk.subarray(0, 3)),
    deploysOf(junk.subarray(0, 6)),
    skipped({ nonce: 0n, gasLimit: Number(perBlock) + 1 }),
    skipped({ nonce: 0n, gasLimit: 29_999 }),
    skipped({ nonce: 0n, value: 2n ** 127n }),
    skipped({ nonce: 0n }),
    call(fromHex(addressOfName("bob"), 20), undefined, 7n),
    skipped({ nonce: 0n, gasLimit: Number(perBlock) }),
    call(fromHex(addressOfName("alice"), 20), undefined, 7n),
    call(NOBODY, undefined, 0n),
    call(self, new Script().spin(), 0n, 100_000),
    deploy(SMALL, 5n),
    deploy(bytes(9), 0n),
    message(chain.chain.core.id, self, new Script(), 2n),
  ]);
  const inbox = await chain.block(
    [
      message(chain.chain.core.id, self, new Script().host("context", 0x100), 9n),
      message(chain.chain.core.id, self, new Script().host("send_message", 0, 0, 0).trap(), 9n),
      message(chain.chain.core.id, NOBODY, undefined, 0n),
      message(chain.chain.core.id, NOBODY, undefined, 0n, 9_999),
    ],
    4,
  );
  const second = await chain.block(scripts(self, callee).map((script) => call(self, script, 50n)));
  const third = await chain.block(
    [1, 2, 3, 4, 5].map((way) =>
      chain.chain.sign("alice", {
        ...{ kind: "call", to: indirect, gasLimit: 3_000_000, price: 3n },
        input: bytes(way),
      }),
    ),
  );
  return [first, inbox, second, third, await fullBlock()];
}

/** A block that has no room for all the code that it calls: four of 9 KiB, and 29 in all. */
async function fullBlock() {
  const { module, block, ...general } = presetRules("general");
  const chain = await MachineChain.open(["alice", "bob"], {
    ...general,
    module: { ...module, wasmBytes: 24_576 },
    block: { ...block, codeKiBMax: 29 },
  });
  const own: Uint8Array[] = [];
  for (const mark of [1, 2, 3, 4]) own.push(...(await chain.deploy([sizedProber(4_096, mark)])));
  const nothing = new Script().bytes();
  const all = own.slice(1).reduce((script, to) => script.call(to, nothing), new Script());
  const call = (to: Uint8Array, input: Uint8Array) =>
    chain.chain.sign("bob", { kind: "call", to, input, gasLimit: 3_000_000 });
  return chain.block([call(own[0]!, all.bytes()), call(own[3]!, nothing)]);
}

/** The first proof of each kind. */
export async function proofSamples(): Promise<ProofSample[]> {
  const found = new Map<string, ProofSample>();
  const seen = new Map<string, number>();
  for (const block of await sampleBlocks()) {
    let before = "";
    let inPrepare = false;
    const wanted = (machine: JudgeMachine): boolean => {
      machine.widens = true;
      before = kindOfStep(machine);
      inPrepare = isOfPrepare(machine, before);
      const kind = inPrepare ? `${before}${IN_PREPARE}` : before;
      const count = seen.get(kind) ?? 0;
      seen.set(kind, count + 1);
      // Words repeat by the thousand; host calls and phases may end in another way each time.
      const isRare = RARE.some((word) => before.startsWith(`word ${word}`));
      if (before.startsWith("word") && count >= 1) return mayTrap(machine) || isRare;
      return true;
    };
    runInMachine(block, wanted, (machine, proof) => {
      const kind = before + circumstances(before, proof, machine) + endOfStep(machine, before);
      const name = inPrepare && found.has(kind) ? `${kind}${IN_PREPARE}` : kind;
      if (found.has(name)) return;
      const header = decodeHeader(proof);
      const [pre, post] = [stateHash(header), stateHash(machine.header)];
      found.set(name, { name, pre, proof, post, widened: machine.widened! });
    });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether a word that was proven before is one that this time may end the frame. */
function mayTrap({ word, header }: JudgeMachine): boolean {
  const traps: readonly number[] = [0x00, 0x28, 0x201, 0x203];
  return traps.includes(word?.op ?? -1) && (header.gas < 40n || header.depth < 60);
}
