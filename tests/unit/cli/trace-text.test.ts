// What contracts and strangers' ABIs say cannot forge lines of a trace, and long traces stay readable.
import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { traceText, valueText } from "../../../cli/trace-text.ts";
import type { TracedCall, TransactionTrace } from "../../../host/trace/trace.ts";

const colors = picocolors.createColors(false);
const address = `0x${"ab".repeat(20)}` as const;

const call = (fields: Partial<TracedCall> = {}): TracedCall => ({
  id: 0,
  kind: "call",
  ...{ to: address, contract: "Token", caller: address, method: "pay", args: {} },
  ...{ input: "0x01020304", inputBytes: 4, value: 0n, gasForwarded: 9n, gasUsed: 5n, words: 3n },
  ...{ readOnly: false, status: "success", refused: null, output: "0x", outputBytes: 0 },
  ...{ result: null, revert: null, trap: null, stack: [], stackOmitted: 0, calls: [] },
  ...fields,
});

const trace = (fields: Partial<TransactionTrace>): TransactionTrace => ({
  ...{ height: 1n, block: "0x", transaction: 0, hash: "0x", head: null, outcome: "success" },
  ...{
    steps: 14n,
    firstStep: 20n,
    lastStep: 33n,
    words: 3n,
    gasUsed: 5n,
    gasIntrinsic: 0n,
    skip: null,
    refusal: null,
    calls: [],
  },
  ...{ hostCalls: [], hostCallsOmitted: 0, events: [], finding: null },
  ...fields,
});

const text = (fields: Partial<TransactionTrace>) =>
  traceText(trace(fields), { colors, gas: false });

describe("a trace as text", () => {
  it("keeps what others say on its line, and that line short", () => {
    const message = `no\ntransaction 0 of block 1: success\r${"x".repeat(2_000)}`;
    const reverted = call({ status: "revert", revert: { kind: "message", message } });
    const lines = text({ outcome: "revert", calls: [reverted] }).split("\n");
    expect(lines.filter((line) => line.startsWith("transaction"))).toHaveLength(1);
    expect(Math.max(...lines.map((line) => line.length))).toBe(1_001);
  });

  it("shows 200 calls and 40 host calls of a frame, and says that there are more", () => {
    const calls = Array.from({ length: 250 }, (_, id) => call({ id }));
    const hostCalls = Array.from({ length: 60 }, () => ({
      call: 3,
      name: "context",
      gasLeft: 1n,
      details: {},
    }));
    const lines = text({ calls, hostCalls, hostCallsOmitted: 5 }).split("\n");
    expect(lines.filter((line) => /#\d+ Token/.test(line))).toHaveLength(200);
    expect(lines.filter((line) => line.trim() === "context")).toHaveLength(40);
    expect(lines).toContain("     … and 20 host calls more: see --json");
    expect(lines.filter((line) => line.includes("later calls"))).toHaveLength(1);
    expect(lines).toContain("  5 later host calls not listed");
  });

  it("shows why a call was refused", () => {
    const inner = call({
      id: 1,
      status: "refused",
      refused: "the target is running",
      method: null,
    });
    const hostCalls = [{ call: 0, name: "call", gasLeft: 5n, details: { to: address, call: 1 } }];
    expect(text({ calls: [call({ calls: [inner] })], hostCalls })).toContain(
      "#1 Token 0x01020304  refused: the target is running",
    );
  });
});

describe("a value", () => {
  it("is one line: texts quoted, long bytes cut in the middle, the rest as it is", () => {
    expect(valueText("a\nb")).toBe('"a\\nb"');
    expect(valueText([1, 2n, true, null])).toBe("[1, 2, true, null]");
    expect(valueText({ a: { b: "0x01" } })).toBe("{a: {b: 0x01}}");
    expect(valueText(`0x${"ab".repeat(100)}`)).toBe("0xabababababababababab…abababab (100 bytes)");
  });
});
