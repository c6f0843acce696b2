// plasma bench at its small sizes: reports, their schemas, reproducible results, baselines. Nothing here
// depends on how fast the machine is.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildFixture } from "../../cli/bench/fixtures.ts";
import { toHex } from "../../host/codec/hex.ts";
import { bytesHash } from "../../host/codec/trees.ts";
import { hostCallNames } from "../../host/rules/host-call-names.ts";
import { parseRules } from "../../host/rules/parse-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { type CliRun, callCli, runCli, validator } from "../support/cli.ts";

/** A run compiles a contract and signs thousands of transactions. */
const SLOW = 240_000;

let folder: string;
/** `plasma bench --write` at the small size: a run of every suite, in a process of its own. */
let written: CliRun;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-bench-"));
  const args = ["bench", "--write", "--size", "small", "--repetitions", "1", "--resume", "kept"];
  written = await runCli([...args, "--json"], { cwd: folder });
}, SLOW);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bench = (...args: string[]) => callCli(["bench", ...args, "--json"], { cwd: folder });

/** The report of a suite in the run of all. */
const reportOf = (suite: string) =>
  written.json.reports.find((report: { suite: string }) => report.suite === suite);

describe("plasma bench", () => {
  it("lists the suites and what each measures when it is given none", async () => {
    const { code, json } = await bench();
    expect(code).toBe(0);
    expect(json.suites.map(({ name }: { name: string }) => name)).toEqual([
      "metering",
      "transfers",
      "replay",
      "machine",
      "proof",
      "build",
      "dispute",
      "environments",
      "big",
      "calls",
      "gas",
      "state",
      "disk",
    ]);
  });

  it("refuses a suite, size, count or percentage that it does not know", async () => {
    const { code, json } = await bench("transfer");
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "BENCH_SUITE_UNKNOWN" });
    expect(json.error.hint).toContain("plasma bench transfers");
    for (const flags of [
      ["--blocks", "10"],
      ["--keys", "10"],
      ["--accounts", "10"],
      ["--size", "huge"],
      ["--repetitions", "0"],
      ["--max-regression", "some"],
    ]) {
      const refused = await bench("replay", ...flags);
      expect({ code: refused.code, error: refused.json.error.code }).toEqual({
        code: 1,
        error: "CLI_ARGUMENT_INVALID",
      });
    }
  });

  it(
    "comes to one state root in all modes and in replay, the same in every run",
    async () => {
      const first = await bench("transfers", "--size", "small", "--repetitions", "1");
      expect(first.code).toBe(0);
      const second = reportOf("transfers");
      expect(first.json).toMatchObject({ accounts: 2_000, blockSize: 250, repetitions: 1 });
      expect(second.stateRoot).toBe(first.json.stateRoot);
      expect(second.resultHash).toBe(first.json.resultHash);
      // Two balances and the sender's account, and a share of what all transfers of a block touch.
      expect(first.json.keysPerTransfer).toBeGreaterThan(2);
      expect(first.json.keysPerTransfer).toBeLessThan(4);
    },
    SLOW,
  );

  it(
    "measures the state alone, at each number of keys and over a row of blocks",
    async () => {
      const { code, json } = await bench("state", "--size", "small", "--blocks", "20");
      expect(code).toBe(0);
      const validate = validator("bench-state");
      expect([validate(json), validate.errors]).toEqual([true, null]);
      expect(json.sizes.map(({ keys }: { keys: number }) => keys)).toEqual([1_000, 5_000]);
      expect(json).toMatchObject({ quotedKeys: 5_000, blocks: 20 });
      // 500 of the keys: a path shares most of its nodes with others.
      expect(json.sizes[1].witnessBytesPerKey).toBeGreaterThan(97);
      const refused = await bench("state", "--blocks", "0");
      expect(refused.json.error.code).toBe("CLI_ARGUMENT_INVALID");
    },
    SLOW,
  );

  it(
    "measures transfers where most accounts are on disk only",
    async () => {
      const args = ["disk", "--size", "small", "--repetitions", "1", "--accounts", "1500"];
      const { code, json } = await bench(...args);
      expect(code).toBe(0);
      const validate = validator("bench-disk");
      expect([validate(json), validate.errors]).toEqual([true, null]);
      expect(json.accounts).toBe(1_500);
    },
    SLOW,
  );

  it(
    "runs the kernels in the machine in the same steps, through the same states, in every run",
    async () => {
      const args = ["machine", "--size", "small", "--repetitions", "1"];
      const [first, second] = [await bench(...args), reportOf("machine")];
      expect(first.code).toBe(0);
      const validate = validator("bench-machine");
      expect([validate(first.json), validate.errors]).toEqual([true, null]);
      expect(second.resultHash).toBe(first.json.resultHash);
      const steps = (json: { kernels: { name: string; steps: number }[] }) =>
        json.kernels.map((kernel) => [kernel.name, kernel.steps]);
      expect(steps(second)).toEqual(steps(first.json));
      expect(first.json.quartiles.statesPerSecond.median).toBe(first.json.statesPerSecond);
    },
    SLOW,
  );

  it("finds each class of step proof no larger than the design allows, in both judges", () => {
    const { classes, largestBytes, steps, proven } = reportOf("proof");
    const sizes = classes.map((one: { bytesMax: number }) => one.bytesMax);
    expect(sizes.slice(0, 6)).toEqual([1_423, 1_876, 2_167, 2_620, 3_298, 2_726]);
    expect(largestBytes).toBe(sizes[6]);
    expect(steps).toBeGreaterThan(proven);
    expect(proven).toBeGreaterThan(20);
  });

  it(
    "times every host call, and does the same work in every run",
    async () => {
      const args = ["calls", "--size", "small", "--repetitions", "1"];
      const [first, second] = [await bench(...args), reportOf("calls")];
      expect(first.code).toBe(0);
      const validate = validator("bench-calls");
      expect([validate(first.json), validate.errors]).toEqual([true, null]);
      const timed = Object.keys(first.json.nanos);
      const calls = new Set(timed.map((name) => name.split(",")[0]));
      expect([...hostCallNames].filter((name) => !calls.has(name))).toEqual([]);
      expect(second.resultHash).toBe(first.json.resultHash);
    },
    SLOW,
  );

  it(
    "times everything that has a price, and writes a schedule that rules accept",
    async () => {
      const file = join(folder, "schedule.json");
      const args = ["gas", "--size", "small", "--write-schedule", file, "--search", "3"];
      const { code, json } = await bench(...args);
      expect(code).toBe(0);
      const validate = validator("bench-gas");
      expect([validate(json), validate.errors]).toEqual([true, null]);
      // Steps of their own that no body can do without, and what nothing uses.
      const unpriced = ["charge", "function", "host", "reserved"];
      const { gas } = presetRules("general");
      const wanted = [
        ...Object.keys(gas.instructions).filter((name) => !unpriced.includes(name)),
        ...hostCallNames,
        ...Object.keys(gas.entry),
        ...Object.keys(gas.intrinsic),
      ];
      const priced = new Set(
        json.prices.map(({ price }: { price: string }) => price.split(".")[1]),
      );
      expect(wanted.filter((name) => !priced.has(name))).toEqual([]);
      expect(json.finds).toHaveLength(3);
      expect(json.worst.program).toBe(json.programs[0].program);
      const written = JSON.parse(readFileSync(file, "utf8"));
      const rules = parseRules(written);
      const emit = json.prices.find(
        ({ price }: { price: string }) => price === "hostCalls.emit.unit",
      );
      expect(rules.gas.hostCalls.emit.unit).toBe(emit.measured);
    },
    SLOW,
  );

  it("refuses what is for gas alone beside another suite", async () => {
    for (const flags of [["--write-schedule"], ["--search", "5"]]) {
      const { code, json } = await bench("calls", ...flags);
      expect({ code, error: json.error.code }).toEqual({ code: 1, error: "CLI_ARGUMENT_INVALID" });
    }
  });

  it(
    "saves a report, and exits 2 when a figure is worse than a baseline allows",
    async () => {
      const saved = join(folder, "replay.json");
      const once = ["--repetitions", "1"];
      const measured = await bench("replay", "--size", "small", ...once, "--save", saved);
      expect(measured.code).toBe(0);
      const report = JSON.parse(readFileSync(saved, "utf8"));
      expect(report).toMatchObject({ suite: "replay", size: "small" });
      expect(report.stateRoot).toBe(measured.json.stateRoot);

      const faster = join(folder, "faster.json");
      writeFileSync(faster, JSON.stringify({ ...report, signedPerSecond: 1e12 }));
      const regressed = await bench("replay", "--size", "small", ...once, "--baseline", faster);
      expect(regressed.code).toBe(2);
      expect(regressed.json.baseline).toMatchObject({ regressed: true, allowed: 0.1 });
    },
    SLOW,
  );

  it("refuses a baseline of another suite before it measures anything", async () => {
    const file = join(folder, "other.json");
    writeFileSync(file, JSON.stringify({ suite: "metering", size: "large" }));
    const { code, json } = await bench("replay", "--baseline", file);
    expect({ code, error: json.error.code }).toEqual({ code: 1, error: "BENCH_BASELINE_INVALID" });
  });
});

describe("plasma bench SCENARIO", () => {
  const token = resolve("fixtures/scenarios/token.json");
  const counter = resolve("fixtures/scenarios/counter.json");

  /** Transfers of native balance only, so that nothing is compiled. */
  function plainScenario(name: string, expected: string): string {
    const file = join(folder, name);
    const transaction = { from: "alice", to: "bob", value: "5", expect: { outcome: expected } };
    writeFileSync(
      file,
      JSON.stringify({
        rules: "payments",
        seed: "bench",
        accounts: { alice: { balance: "1000000" }, bob: {} },
        blocks: [{ transactions: [transaction, transaction] }, { transactions: [transaction] }],
      }),
    );
    return file;
  }

  it(
    "measures rates, methods, witnesses and the overhead of metering, with the same result as run",
    async () => {
      const { code, json } = await bench(token, "--size", "small", "--repetitions", "2");
      expect(code).toBe(0);
      expect(json).toMatchObject({ suite: "scenario", repetitions: 2, seed: "token", file: token });
      const ran = await callCli(["run", token, "-o", "token-run", "--json"], { cwd: folder });
      const last = ran.json.blocks.at(-1);
      expect(json).toMatchObject({
        blocks: ran.json.blocks.length,
        resultHash: last.block,
        stateRoot: last.stateRoot,
        outcomes: ran.json.outcomes,
        leftOut: 0,
      });
      const transfer = json.methods.find((one: { method: string }) => one.method === "transfer");
      expect(transfer).toMatchObject({ contract: "token" });
      expect(transfer.calls).toBeGreaterThan(1);
      expect(transfer.p99Micros).toBeGreaterThanOrEqual(transfer.p50Micros);
      const names = json.methods.map((one: { method: string }) => one.method);
      expect(names[0]).toBe("(deploy)");
      expect(json.witnessBytesPerTransaction).toBeCloseTo(json.witnessBytes / json.transactions, 0);
      expect(Object.keys(json.quartiles).sort()).toEqual(
        ["gasPerSecond", "nanosPerGas", "overheadOverUnmetered", "transactionsPerSecond"].sort(),
      );
    },
    SLOW,
  );

  it(
    "leaves transactions that only gas or depth ended out of the comparison, and says so",
    async () => {
      const args = ["bench", counter, "--size", "small", "--repetitions", "1"];
      const { code, stdout } = await callCli(args, { cwd: folder });
      expect(code).toBe(0);
      expect(stdout).toContain("1 transaction ended by gas or depth and left out");
      expect(stdout).toMatch(/counter +increment +4 /);
    },
    SLOW,
  );

  it(
    "exits 2 when an expectation of the scenario fails, and when a baseline is missed",
    async () => {
      const fine = plainScenario("fine.json", "success");
      const saved = join(folder, "fine-report.json");
      const first = await bench(fine, "--size", "small", "--repetitions", "1", "--save", saved);
      expect(first.code).toBe(0);
      expect(first.json.expectations).toEqual({ checked: 3, failed: 0 });
      const report = JSON.parse(readFileSync(saved, "utf8"));
      expect(report.resultHash).toBe(first.json.resultHash);
      writeFileSync(saved, JSON.stringify({ ...report, transactionsPerSecond: 1e12 }));
      const regressed = await bench(fine, "--size", "small", "--baseline", saved);
      expect(regressed.code).toBe(2);
      expect(regressed.json.baseline.regressed).toBe(true);

      const wrong = plainScenario("wrong.json", "revert");
      const missed = await bench(wrong, "--size", "small", "--repetitions", "1");
      expect(missed.code).toBe(2);
      expect(missed.json.expectations).toEqual({ checked: 3, failed: 3 });
      const other = await bench(wrong, "--size", "small", "--baseline", saved);
      expect([other.code, other.json.error.code]).toEqual([1, "BENCH_BASELINE_INVALID"]);
    },
    SLOW,
  );

  it("refuses a missing file, a broken scenario, an empty one, and more repetitions than fit", async () => {
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return name;
    };
    const empty = { rules: "payments", seed: "s", accounts: {}, blocks: [] };
    const gone = [{ transactions: [{ from: "a", deploy: "gone.wasm", args: [] }] }];
    const accounts = { a: { balance: "9" } };
    const many = [{ transactions: Array(3_000).fill({ raw: "0x00" }) }];
    const cases: [string, string][] = [
      ["missing.json", "FILE_NOT_FOUND"],
      [write("broken.json", "{"), "SCENARIO_SYNTAX"],
      [write("empty.json", JSON.stringify(empty)), "SCENARIO_RANGE"],
      [write("gone.json", JSON.stringify({ ...empty, accounts, blocks: gone })), "FILE_NOT_FOUND"],
      [write("many.json", JSON.stringify({ ...empty, blocks: many })), "CLI_ARGUMENT_INVALID"],
    ];
    for (const [file, expected] of cases) {
      const { code, json } = await bench(file, "--repetitions", "10000");
      expect([file, code, json.error.code]).toEqual([file, 1, expected]);
    }
  });
});

describe("plasma bench --write", () => {
  it(
    "runs every suite and writes a page that it alone replaces",
    async () => {
      expect(written.code).toBe(0);
      expect(written.stderr).toContain(`1 of ${written.json.reports.length}: metering`);
      expect(written.json).toMatchObject({ file: "BENCHMARKS.md", size: "small" });
      for (const report of written.json.reports) {
        const validate = validator(`bench-${report.suite}`);
        expect([validate(report), validate.errors]).toEqual([true, null]);
      }
      // Built in a folder and a process of its own: one source gives one module.
      const build = reportOf("build");
      expect(build.resultHash).toBe(toHex(bytesHash((await buildFixture("token")).wasm)));
      const [metering] = written.json.reports;
      expect(metering.quartiles.ratioGeomean.median).toBe(metering.ratioGeomean);
      expect(metering.quartiles.ratioMax.median).toBe(metering.ratioMax);
      // The same work whatever the attacker beside it did meanwhile.
      const environments = reportOf("environments");
      expect(environments).toMatchObject({ victimIntervalMs: 1_000 });
      expect(environments.attackerBlocks).toBeGreaterThan(0);
      const page = readFileSync(join(folder, "BENCHMARKS.md"), "utf8");
      for (const { suite, resultHash } of written.json.reports) {
        expect(page).toContain(`## ${suite}\n`);
        expect(page).toContain(`- result hash \`${resultHash}\``);
      }
      expect(page).toContain("| N4 | replay from bundles, signed transactions/s |");
      for (const row of ["N5", "N6", "N7", "N9", "N10", "N12"])
        expect(page).toContain(`| ${row} |`);
      expect(page).not.toMatch(/undefined|NaN|\[object/);
      expect(written.json.charts).toEqual([
        "docs/charts/metering.svg",
        "docs/charts/transfers.svg",
      ]);
      for (const chart of written.json.charts) {
        expect(page).toContain(`](${chart})`);
        const svg = readFileSync(join(folder, chart), "utf8");
        expect(svg).toMatch(/^<!-- [^-]*-->\n<svg [\s\S]*<\/svg>\n$/);
        expect(svg).not.toMatch(/undefined|NaN|\[object/);
      }

      writeFileSync(join(folder, "notes.md"), "my notes\n");
      const refused = await bench("--write", "notes.md");
      expect([refused.code, refused.json.error.code]).toEqual([1, "FILE_EXISTS"]);
      expect(readFileSync(join(folder, "notes.md"), "utf8")).toBe("my notes\n");
      writeFileSync(join(folder, "docs/charts/metering.svg"), "<svg/>\n");
      const foreign = await bench("--write");
      expect([foreign.code, foreign.json.error.code]).toEqual([1, "FILE_EXISTS"]);
      writeFileSync(join(folder, "peers.json"), "{}");
      const peers = await bench("--write", "other/page.md", "--peers", "peers.json");
      expect([peers.code, peers.json.error.code]).toEqual([1, "PEERS_REPORT_INVALID"]);
    },
    SLOW,
  );

  it(
    "measures again only what the folder of kept reports lacks",
    async () => {
      const kept = join(folder, "kept");
      const metering = readFileSync(join(kept, "metering.json"), "utf8");
      rmSync(join(kept, "transfers.json"));
      writeFileSync(join(kept, "metering.json"), metering.replace("plasma ", "plasma 9"));
      const args = ["again.md", "--size", "small", "--repetitions", "1", "--no-charts"];
      const again = await bench("--write", ...args, "--resume", "kept");
      expect(again.code).toBe(0);
      const anew = [...again.stderr.matchAll(/^\d+ of \d+: (\w+).*(?<!before\))$/gm)];
      expect(anew.map(([, suite]) => suite)).toEqual(["metering", "transfers"]);
      const hashes = ({ json }: typeof again) =>
        json.reports.map((report: { resultHash: string }) => report.resultHash);
      expect(hashes(again)).toEqual(hashes(written));
      expect(readdirSync(kept)).toHaveLength(again.json.reports.length);
    },
    SLOW,
  );

  it("refuses a suite, a baseline, JSON and page on one stdout, and its flags without it", async () => {
    for (const args of [
      ["replay", "--write"],
      ["--write", "replay"],
      ["--write", "page.md", "--save", "report.json"],
      ["--write", "page.md", "--baseline", "report.json"],
      ["--write", "-"],
      ["replay", "--peers", "report.json"],
      ["replay", "--resume", "kept"],
      ["replay", "--no-charts"],
    ]) {
      const { code, json } = await bench(...args);
      expect([args, code, json.error.code]).toEqual([args, 1, "CLI_ARGUMENT_INVALID"]);
    }
  });
});
