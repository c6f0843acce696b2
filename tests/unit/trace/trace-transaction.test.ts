// What a trace finds out, on the machine: each condition of each trap, what runs without names, what is wrong
// with the bundle, and that looking on changes nothing.
import { describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle } from "../../../host/chain/bundle.ts";
import { replayBundle } from "../../../host/chain/replay-bundle.ts";
import { joinDeployInput } from "../../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../../host/codec/hex.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import type { TransactionTrace } from "../../../host/trace/trace.ts";
import { traceTransaction } from "../../../host/trace/trace-transaction.ts";
import { proberWasm, Script, sizedProber } from "../../support/prober.ts";
import { addressOfName, TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const NOTHING = new Uint8Array(0);
const rules = presetRules("general");

async function tracesOf(
  chain: TestChain,
  transactions: readonly Uint8Array[],
): Promise<TransactionTrace[]> {
  const { bundle } = await chain.block(transactions);
  return transactions.map((_, transaction) => {
    const report = traceTransaction(bundle, { transaction }, chain.ground);
    if (report.verdict !== "traced") throw new TypeError(report.finding.message);
    expect(report.trace.finding).toBeNull();
    return report.trace;
  });
}

const deployOf = (chain: TestChain, wasm: Uint8Array, input = NOTHING): Uint8Array =>
  chain.sign("alice", {
    kind: "deploy",
    input: joinDeployInput(wasm, input),
    gasLimit: 8_000_000,
  });

/** A module whose `main` has this body, with a table of four: null, $f, $g of another type, null. */
const moduleOf = (body: string): Uint8Array =>
  wasmOf(`(module (type $none (func)) (memory 1 2) (table 4 4 funcref)
    (elem (i32.const 1) $f $g) (func $f (type $none)) (func $g (param i64))
    (func (export "main") ${body}))`);

describe("a Wasm trap is told by its condition", () => {
  const cases: readonly [body: string, condition: string, message: string][] = [
    ["unreachable", "unreachable", "the code ran into what it says is never reached"],
    ["(drop (i32.div_s (i32.const -7) (i32.const 0)))", "divide by zero", "-7 / 0 in i32.div_s"],
    [
      "(drop (i32.rem_u (i32.const -1) (i32.const 0)))",
      "divide by zero",
      "4294967295 / 0 in i32.rem_u",
    ],
    ["(drop (i64.rem_s (i64.const -1) (i64.const 0)))", "divide by zero", "-1 / 0 in i64.rem_s"],
    [
      "(drop (i64.div_s (i64.const 0x8000000000000000) (i64.const -1)))",
      "integer overflow",
      "-9223372036854775808 / -1 in i64.div_s does not fit 64 bits",
    ],
    [
      "(drop (i64.load32_u offset=8 (i32.const 0xfff6)))",
      "out of bounds memory access",
      "i64.load32_u of 4 bytes at 65534, the memory has 65536",
    ],
    [
      "(i64.store offset=4294967295 (i32.const -1) (i64.const 1))",
      "out of bounds memory access",
      "i64.store of 8 bytes at 8589934590, the memory has 65536",
    ],
    [
      "(i32.store16 (i32.const 65535) (i32.const 1))",
      "out of bounds memory access",
      "i32.store16 of 2 bytes at 65535, the memory has 65536",
    ],
    [
      "(memory.fill (i32.const 65000) (i32.const 0) (i32.const 1000))",
      "out of bounds memory access",
      "memory.fill of 1000 bytes at 65000, the memory has 65536",
    ],
    [
      "(memory.copy (i32.const 0) (i32.const 65530) (i32.const 7))",
      "out of bounds memory access",
      "memory.copy from a range of 7 bytes at 65530, the memory has 65536",
    ],
    [
      "(memory.copy (i32.const 65530) (i32.const 0) (i32.const 7))",
      "out of bounds memory access",
      "memory.copy to a range of 7 bytes at 65530, the memory has 65536",
    ],
    [
      "(call_indirect (type $none) (i32.const 4))",
      "undefined element",
      "table index 4, the table has 4",
    ],
    [
      "(call_indirect (type $none) (i32.const 3))",
      "uninitialized element",
      "table index 3 holds no function",
    ],
    [
      "(call_indirect (type $none) (i32.const 2))",
      "indirect call type mismatch",
      "table index 2 holds function 1 of type 1, called as type 0",
    ],
  ];

  it("in each of them", async () => {
    const chain = await TestChain.open(["alice"], rules);
    const traces = await tracesOf(
      chain,
      cases.map(([body]) => deployOf(chain, moduleOf(body))),
    );
    const found = traces.map(({ outcome, calls }, i) => {
      const { trap, stack } = calls[1]!;
      expect(outcome).toBe("trap(wasm)");
      expect(stack.map(({ function: index, name }) => [index, name])).toEqual([
        [2, "main"],
        [null, "entry"],
      ]);
      return [cases[i]![0], trap?.condition, trap?.message];
    });
    expect(found).toEqual(cases);
  });
});

describe("code for which a block has no room", () => {
  it("is told, of a call by a contract and of a transaction", async () => {
    const limited = {
      ...rules,
      module: { ...rules.module, wasmBytes: 24_576 },
      block: { ...rules.block, codeKiBMax: 29 },
    };
    const chain = await TestChain.open(["alice"], limited);
    const addresses: Uint8Array[] = [];
    for (const mark of [1, 2, 3, 4]) {
      const [deployed] = await tracesOf(chain, [deployOf(chain, sizedProber(4_096, mark))]);
      addresses.push(fromHex(deployed?.head?.to as Hex, 20));
    }
    const nothing = new Script().bytes();
    const calls = addresses.slice(1).reduce((script, to) => script.call(to, nothing), new Script());
    const call = (to: Uint8Array, input: Uint8Array) =>
      chain.sign("alice", { kind: "call", to, input, gasLimit: 1_000_000 });
    const traces = await tracesOf(chain, [
      call(addresses[0]!, calls.bytes()),
      call(addresses[3]!, nothing),
      deployOf(chain, sizedProber(4_096, 5)),
    ]);
    expect(traces[0]!.calls[0]!.calls.map(({ refused }) => refused)).toEqual([
      null,
      null,
      "the block has no room for more code",
    ]);
    expect(traces.slice(1).map(({ outcome }) => outcome)).toEqual(Array(2).fill("trap(code_full)"));
    for (const { calls: made } of traces.slice(1)) {
      expect(made.at(-1)).toMatchObject({
        status: "trap",
        gasUsed: 0n,
        trap: { code: "code_full" },
      });
    }
    expect(traces[2]!.calls.map(({ kind }) => kind)).toEqual(["prepare", "deployment"]);
    expect(traces[1]!.calls[0]!.to).toBe(toHex(addresses[3]!));
  });
});

describe("a host call that refuses", () => {
  it("is named with what it refused, and its frame stands on the stack", async () => {
    const chain = await TestChain.open(["alice"], rules);
    const scripts: readonly [Script, code: string, host: string][] = [
      [new Script().host("output", 0xffff_ff00, 300), "memory_bounds", "output"],
      [new Script().host("input", 0, 5_000, 1), "data_bounds", "input"],
      [new Script().host("sha256", 0, 1_025, 0), "data_too_long", "sha256"],
      [new Script().host("enter", 2).host("storage_delete", 0), "read_only", "storage_delete"],
      [new Script().host("emit", 0, 5, 0, 0), "too_many_topics", "emit"],
      [new Script().host("enter", 4), "bad_argument", "enter"],
    ];
    const [deployed] = await tracesOf(chain, [deployOf(chain, proberWasm())]);
    const to = fromHex(deployed?.head?.to as Hex, 20);
    const traces = await tracesOf(
      chain,
      scripts.map(([script]) =>
        chain.sign("alice", { kind: "call", to, input: script.bytes(), gasLimit: 500_000 }),
      ),
    );
    traces.forEach(({ calls, outcome, hostCalls }, i) => {
      const [, code, host] = scripts[i]!;
      const { trap, stack } = calls[0]!;
      expect(outcome).toBe(`trap(${code})`);
      expect(trap).toMatchObject({ code, condition: code, instruction: null });
      expect(trap?.message.startsWith(`${host} `)).toBe(true);
      expect(stack[0]?.name).toBe(`host call ${host}`);
      expect(hostCalls.at(-1)?.name).toBe(host);
    });
  });

  it("shows ranges outside of memory as null and goes on", async () => {
    const chain = await TestChain.open(["alice"], rules);
    const [deployed] = await tracesOf(chain, [deployOf(chain, proberWasm())]);
    const to = fromHex(deployed?.head?.to as Hex, 20);
    const far = 0xffff_fff0;
    const details: Record<string, unknown> = {};
    for (const [name, args] of [
      ["storage_open", [far]],
      ["storage_set", [far, 0, 4]],
      ["emit", [far, 1, 0, 0]],
      ["call", [far, 0, 0]],
      ["keccak256", [far, 32, 0]],
      ["secp256k1_recover", [far, 0, 0]],
      ["account", [far, 0]],
    ] as const) {
      const input = new Script().host(name, ...args).bytes();
      const call = chain.sign("alice", { kind: "call", to, input, gasLimit: 500_000 });
      const [trace] = await tracesOf(chain, [call]);
      expect(trace?.outcome).toBe("trap(memory_bounds)");
      details[name] = trace?.hostCalls.at(-1)?.details;
    }
    expect(details).toMatchObject({
      storage_open: { key: null },
      storage_set: { key: null, bytes: 4 },
      emit: { topics: null, data: null },
      call: { to: null },
      keccak256: { data: null },
      secp256k1_recover: { digest: null },
      account: { address: null },
    });
  });
});

describe("a trace without names", () => {
  it("has addresses, keys and functions by their numbers", async () => {
    const chain = await TestChain.open(["alice"], rules);
    const [deployed] = await tracesOf(chain, [deployOf(chain, proberWasm())]);
    const to = fromHex(deployed?.head?.to as Hex, 20);
    const key = new Uint8Array(32).fill(7);
    const script = new Script().host("storage_set", key, key, 4).host("revert", key, 3);
    const [trace] = await tracesOf(chain, [
      chain.sign("alice", { kind: "call", to, input: script.bytes() }),
    ]);
    expect(trace?.calls[0]).toMatchObject({
      contract: null,
      method: null,
      args: null,
      status: "revert",
      revert: { kind: "unknown", data: "0x070707" },
    });
    const set = trace?.hostCalls.find(({ name }) => name === "storage_set");
    expect(set?.details).toEqual({
      key: `0x${"07".repeat(32)}`,
      value: "0x07070707",
      bytes: 4,
    });
    const inMain = trace?.calls[0]?.stack[1];
    expect(inMain).toMatchObject({ name: "main", source: null, inlinedIn: null, near: null });
    expect(inMain?.byteOffset).toBeGreaterThan(0);
  });
});

describe("a trace", () => {
  it("lists 10,000 host calls and counts the others", async () => {
    const chain = await TestChain.open(["alice"], rules);
    const wasm = wasmOf(`(module (import "env" "enter" (func $enter (param i32)))
      (func (export "main") (local $i i32)
        (loop $again
          (call $enter (i32.const 0))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $i) (i32.const 10_007))))))`);
    const [trace] = await tracesOf(chain, [
      chain.sign("alice", { kind: "deploy", input: joinDeployInput(wasm, NOTHING) }),
    ]);
    expect(trace?.outcome).toBe("success");
    expect(trace?.hostCalls).toHaveLength(10_000);
    const inPrepare = trace?.hostCalls.filter(({ call }) => call === 0).length ?? 0;
    expect(trace?.hostCallsOmitted).toBe(7 + inPrepare);
  });

  it("stands on the state that the transactions before it leave, in a long block", async () => {
    const chain = await TestChain.open(["alice", "bob"], rules);
    const to = fromHex(addressOfName("bob"), 20);
    const transfers = Array.from({ length: 150 }, () =>
      chain.sign("alice", { kind: "call", to, value: 1n }),
    );
    const { bundle } = await chain.block(transfers);
    const done: number[] = [];
    const ground = { ...chain.ground, onEntry: (count: number) => void done.push(count) };
    const report = traceTransaction(bundle, { transaction: 140 }, ground);
    expect(report).toMatchObject({
      verdict: "traced",
      trace: { transaction: 140, head: { nonce: 140n, value: 1n }, finding: null },
    });
    expect(done.at(-1)).toBe(140);
  });
});

describe("a bundle that claims something else", () => {
  async function lying() {
    const chain = await TestChain.open(["alice", "bob"], rules);
    const to = fromHex(addressOfName("bob"), 20);
    const transfer = () => chain.sign("alice", { kind: "call", to, value: 1n });
    const { bundle } = await chain.block([transfer(), transfer(), transfer()]);
    const lie = chain.tamper(bundle, { kind: "wrong-gas", seed: "trace", transaction: 1 });
    expect(replayBundle(lie, chain.ground).finding).toMatchObject({ transaction: 1 });
    const at = (transaction: number) => traceTransaction(lie, { transaction }, chain.ground);
    return { chain, bundle, at };
  }

  it("of the transaction is traced as it is, with the finding", async () => {
    const { at } = await lying();
    const report = at(1);
    expect(report).toMatchObject({
      verdict: "traced",
      trace: { outcome: "success", finding: { code: "RECEIPT_MISMATCH", transaction: 1 } },
    });
    expect(at(0)).toMatchObject({ verdict: "traced", trace: { finding: null } });
  });

  it("of one before it is not traced: nobody claims that state", async () => {
    const { at } = await lying();
    expect(at(2)).toMatchObject({
      verdict: "fraud",
      finding: { code: "RECEIPT_MISMATCH", transaction: 1 },
    });
  });

  it("or that is unusable throws as a replay finds", async () => {
    const { chain, bundle } = await lying();
    const at = (bytes: Uint8Array, transaction = 0) =>
      expect(() => traceTransaction(bytes, { transaction }, chain.ground));
    at(bundle.subarray(0, 50)).toThrow(expect.objectContaining({ code: "BYTES_TRUNCATED" }));
    const decoded = decodeBundle(bundle);
    const rulesBytes = Uint8Array.of(...decoded.rules, 0);
    at(encodeBundle({ ...decoded, rules: rulesBytes })).toThrow(
      expect.objectContaining({ code: "RULES_HASH_MISMATCH" }),
    );
    const witness = decoded.witness.slice(0, -1);
    at(encodeBundle({ ...decoded, witness })).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^WITNESS_/) }),
    );
  });

  it("has no transaction of an index beyond its body", async () => {
    const { chain, bundle } = await lying();
    for (const transaction of [3, -1, 0.5, Number.NaN]) {
      expect(() => traceTransaction(bundle, { transaction }, chain.ground)).toThrow(
        expect.objectContaining({
          code: "TRACE_TRANSACTION",
          message: `got transaction ${transaction}, expected 0 to 2: the block has 3`,
        }),
      );
    }
  });
});
