// What is made of measurements: figures by method, standings against targets, the page of all suites; and
// which words on the command line are suites, files or neither.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { benchmarksPage, PAGE_TITLE, type PageFacts } from "../../../cli/bench/benchmarks-page.ts";
import { callOf, methodFigures } from "../../../cli/bench/method-figures.ts";
import { reportDocument } from "../../../cli/bench/report-document.ts";
import type { BenchReport } from "../../../cli/bench/suite.ts";
import { benchSuites, suiteFor } from "../../../cli/bench/suites.ts";
import { standing, targets } from "../../../cli/bench/targets.ts";
import type { RunEntry } from "../../../cli/scenario/run-scenario.ts";
import { Outcome } from "../../../host/outcome.ts";

describe("figures by method", () => {
  const entry = (contract: string, method: string, gasUsed: number, isSkipped = false) => ({
    contract,
    method,
    gasUsed,
    isSkipped,
  });

  it("take every round's sample of every call, in the order of first calls", () => {
    const entries = [
      entry("token", "(deploy)", 900),
      entry("token", "transfer", 10),
      entry("token", "transfer", 30),
    ];
    const figures = methodFigures(entries, [
      [5, 1, 2],
      [7, 3, 4],
    ]);
    expect(figures).toEqual([
      expect.objectContaining({ method: "(deploy)", calls: 1, gasMedian: 900, p50Micros: 6_000 }),
      expect.objectContaining({ method: "transfer", calls: 2, gasMedian: 20, p50Micros: 2_500 }),
    ]);
    expect(figures[1]!.p99Micros).toBe(3_970);
  });

  it("leave out skipped entries, for which nothing ran", () => {
    const entries = [entry("token", "transfer", 10), entry("token", "transfer", 0, true)];
    expect(methodFigures(entries, [[1, 99]])).toEqual([
      expect.objectContaining({ calls: 1, gasMedian: 10, p50Micros: 1_000, p99Micros: 1_000 }),
    ]);
    expect(methodFigures([entry("(raw)", "(raw)", 0, true)], [[1]])).toEqual([]);
  });

  it("name an address as the scenario does, and entries without a method in brackets", () => {
    const actors = {
      address: (name: string) => (name === "token" ? "0xaa" : name) as `0x${string}`,
      nameOf: (address: string) => (address === "0xaa" ? "token" : undefined),
    };
    const executed = { gasUsed: 5n, outcome: Outcome.success } as RunEntry["executed"];
    const named = (built: object): string => {
      const { contract, method } = callOf({ entry: built as RunEntry["entry"], executed }, actors);
      return `${contract}.${method}`;
    };
    expect([
      named({ kind: "call", to: "0xaa", method: "transfer" }),
      named({ kind: "send", to: "0xbb" }),
      named({ kind: "deploy", file: "token.wasm" }),
      named({ kind: "deploy", file: "token.wasm", as: "coin" }),
      named({ kind: "raw" }),
    ]).toEqual([
      "token.transfer",
      "0xbb.(send)",
      "token.wasm.(deploy)",
      "coin.(deploy)",
      "(raw).(raw)",
    ]);
  });
});

describe("a target", () => {
  const [ratio] = targets.filter(({ figure }) => figure === "ratioGeomean");
  const [rate] = targets.filter(({ figure }) => figure === "durablePerSecond");
  const [replay] = targets.filter(({ row }) => row === "N4");

  it("is reached at its limit and missed right behind it, for ratios and for rates", () => {
    expect([1.05, 1.051, 1.08, 1.081, 1.1].map((value) => standing(ratio!, value))).toEqual([
      "goal reached",
      "next reached",
      "next reached",
      "must reached",
      "must reached",
    ]);
    expect(standing(ratio!, 1.21)).toBe("**missed** by 10.0 %");
    expect([20_000, 19_999, 18_000, 17_999, 10_000].map((value) => standing(rate!, value))).toEqual(
      ["goal reached", "next reached", "next reached", "must reached", "must reached"],
    );
    expect(standing(rate!, 9_000)).toBe("**missed** by 10.0 %");
  });

  it("without a middle step goes from must to goal", () => {
    expect([9_999, 10_000, 19_999, 20_000].map((value) => standing(replay!, value))).toEqual([
      "**missed** by 0.0 %",
      "must reached",
      "must reached",
      "goal reached",
    ]);
  });

  it("names a suite that exists", () => {
    const names = benchSuites.map(({ name }) => name);
    for (const { suite } of targets) expect(names).toContain(suite);
  });
});

describe("the page of all suites", () => {
  const facts: PageFacts = {
    date: "2030-01-02",
    machine: "2 x Processor, 8 GiB, linux x64",
    node: "20.0.0",
    v8: "11.3",
    version: "0.1.0",
    semantics: 0,
    size: "large",
  };
  const pageOf = (perSecond: number, size: PageFacts["size"] = "large"): string => {
    const report: BenchReport = {
      seed: "a seed",
      repetitions: 15,
      resultHash: "0xabc",
      quartiles: {
        signedPerSecond: { q1: perSecond - 10, median: perSecond, q3: perSecond + 10 },
      },
      figures: { unsignedPerSecond: 70_000, signedPerSecond: perSecond, durablePerSecond: 9_000 },
      metrics: [],
      tables: [{ head: ["mode", "rate"], rows: [["a|b", String(perSecond)]] }],
      notes: ["state root 0x1, equal everywhere"],
    };
    const suite = benchSuites.find(({ name }) => name === "transfers")!;
    const document = reportDocument(suite.name, size, report);
    return benchmarksPage({ ...facts, size }, [{ suite, report, document }]);
  };

  it("has the machine, the figures beside their targets, the result hash and how to repeat", () => {
    const page = pageOf(13_000);
    expect(page.startsWith(`${PAGE_TITLE}\n`)).toBe(true);
    for (const line of [
      "| date | 2030-01-02 |",
      "| Node | 20.0.0 (V8 11.3) |",
      "| N2 | token transfers/s, signed | 13,000 | 12,990 to 13,010 | 12,000 | 20,000 | 24,000 | must reached |",
      "| N2 | token transfers/s, signed and durable | 9,000 | – | 10,000 | 18,000 | 20,000 | **missed** by 10.0 % |",
      "| a\\|b | 13000 |",
      "- state root 0x1, equal everywhere",
      "- result hash `0xabc`",
      "node dist/cli/main.js bench --write",
    ]) {
      expect(page.split("\n")).toContain(line);
    }
  });

  it("differs only in the lines of a figure that differs", () => {
    const [before, after] = [pageOf(13_000).split("\n"), pageOf(14_000).split("\n")];
    expect(after).toHaveLength(before!.length);
    expect(before!.filter((line, i) => line !== after![i])).toEqual([
      expect.stringContaining("token transfers/s, signed |"),
      "| a\\|b | 13000 |",
    ]);
  });

  it("holds a figure of another number of accounts than its target's against nothing", () => {
    const pageAt = (accounts: number): string => {
      const figures = { accounts, slowdown: 1.5, durablePerSecond: 11_000 };
      const report = {
        seed: "",
        repetitions: 1,
        resultHash: "0x",
        quartiles: {},
        figures,
      } as const;
      const whole: BenchReport = { ...report, metrics: [], tables: [], notes: [] };
      const suite = benchSuites.find(({ name }) => name === "disk")!;
      const document = reportDocument(suite.name, "large", whole);
      return benchmarksPage(facts, [{ suite, report: whole, document }]);
    };
    expect(pageAt(10_000_000).match(/must reached/g)).toHaveLength(2);
    expect(pageAt(1_000_000).match(/not compared: with 1,000,000 accounts/g)).toHaveLength(2);
    expect(pageAt(1_000_000)).not.toContain("reached");
  });

  it("holds figures of size small against no target, and says so", () => {
    const page = pageOf(1, "small");
    expect(page).toContain("held against no target");
    expect(page).toContain("bench --write --size small");
    expect(page).not.toContain("missed");
    expect(page).not.toContain("reached");
  });
});

describe("a word after plasma bench", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plasma-bench-words-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const refusal = (code: string) => expect.objectContaining({ code });
  const scenario = (blocks: unknown): string => {
    const file = join(folder, "scenario.json");
    const text = { rules: "payments", seed: "s", accounts: { alice: { balance: "9" } }, blocks };
    writeFileSync(file, JSON.stringify(text));
    return file;
  };

  it("is a suite by its name, else a scenario by its file", async () => {
    expect((await suiteFor("replay")).name).toBe("replay");
    const raw = [{ transactions: [{ raw: "0x00" }] }];
    const suite = await suiteFor(scenario(raw));
    expect(suite.name).toBe("scenario");
    expect(suite.scenarioHash).toMatch(/^0x[0-9a-f]{64}$/);
    const other = await suiteFor(scenario([{ transactions: [{ raw: "0x01" }] }]));
    expect(other.scenarioHash).not.toBe(suite.scenarioHash);
    expect((await suiteFor(scenario(raw))).scenarioHash).toBe(suite.scenarioHash);
  });

  it("is refused with the nearest suite when it is mistyped, and as a file when it looks like one", async () => {
    await expect(suiteFor("meterin")).rejects.toThrow(
      expect.objectContaining({
        code: "BENCH_SUITE_UNKNOWN",
        hint: expect.stringContaining("plasma bench metering"),
      }),
    );
    await expect(suiteFor("wheel")).rejects.toThrow(refusal("BENCH_SUITE_UNKNOWN"));
    await expect(suiteFor("metering.json")).rejects.toThrow(refusal("FILE_NOT_FOUND"));
    await expect(suiteFor(folder)).rejects.toThrow(refusal("FILE_NOT_READABLE"));
  });

  it("is refused when the scenario has an error, or no transaction", async () => {
    await expect(suiteFor(scenario([{ transactions: [{ nobody: 1 }] }]))).rejects.toThrow(
      refusal("SCENARIO_FIELD_UNKNOWN"),
    );
    await expect(suiteFor(scenario([]))).rejects.toThrow(refusal("SCENARIO_RANGE"));
    await expect(suiteFor(scenario([{ transactions: [] }]))).rejects.toThrow(
      refusal("SCENARIO_RANGE"),
    );
  });
});
