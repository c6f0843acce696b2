// Traces of every kind of transaction as people read them, one golden file each under expected/trace, and the
// command line's JSON for them against its schema.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { traceText } from "../../cli/trace-text.ts";
import { type TraceReport, traceTransaction } from "../../host/trace/trace-transaction.ts";
import { callCli } from "../support/cli.ts";
import { expectGolden } from "../support/golden.ts";
import { openTracedChain, type TracedChain } from "../support/traced-chain.ts";

const colors = picocolors.createColors(false);
let traced: TracedChain;
let folder: string;
beforeAll(async () => {
  traced = await openTracedChain();
  folder = mkdtempSync(join(tmpdir(), "plasma-trace-"));
  traced.bundles.forEach((bundle, i) => {
    writeFileSync(join(folder, `${i + 1}.bundle`), bundle);
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function trace(name: string): Extract<TraceReport, { verdict: "traced" }>["trace"] {
  const [height, transaction] = traced.places.get(name)!;
  const bundle = traced.bundles[height - 1]!;
  const report = traceTransaction(bundle, { transaction }, traced.chain.ground);
  if (report.verdict !== "traced") throw new TypeError(`${name}: ${report.finding.message}`);
  return report.trace;
}

const kinds = [
  "deploy",
  "deploy refused",
  "deploy reverted",
  "deploy out of gas",
  "success",
  "typed error",
  "message",
  "abort",
  "divide by zero",
  "integer overflow",
  "out of bounds",
  "unreachable",
  "undefined element",
  "out of gas",
  "depth",
  "read-only",
  "unknown method",
  "nested success",
  "nested revert",
  "nested refusal",
  "nested transfer",
  "value only",
  "skipped decode",
  "skipped environment",
  "skipped signature",
  "skipped nonce",
  "skipped gas_limit",
  "skipped block_gas",
  "skipped intrinsic_gas",
  "skipped balance",
  "skipped deployer",
  "skipped price",
];

describe("the trace of a transaction", () => {
  for (const kind of kinds) {
    it(`tells what happened: ${kind}`, () => {
      const found = trace(kind);
      expect(found.finding).toBeNull();
      const text = traceText(found, { colors, gas: kind.startsWith("nested") });
      expectGolden(`trace/${kind.replaceAll(" ", "-")}.txt`, `${text}\n`);
    });
  }
});

describe("plasma trace", () => {
  const cli = (name: string, ...args: string[]) => {
    const [height, index] = traced.places.get(name)!;
    return callCli(["trace", join(folder, `${height}.bundle`), "--tx", String(index), ...args]);
  };

  it("prints the same text", async () => {
    const { code, stdout, stderr } = await cli("nested revert", "--gas");
    const text = traceText(trace("nested revert"), { colors, gas: true });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${text}\n`, stderr: "" });
  });

  it.each(["deploy", "deploy refused", "nested success", "depth", "value only", "skipped decode"])(
    "prints JSON of its schema: %s",
    async (name) => {
      const { code, json } = await cli(name, "--json");
      expect(code).toBe(0);
      const { outcome, gasUsed, steps } = trace(name);
      expect(json).toMatchObject({
        verdict: "traced",
        outcome,
        gasUsed: String(gasUsed),
        steps: String(steps),
      });
    },
  );
});
