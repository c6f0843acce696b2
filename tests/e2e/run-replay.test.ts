// Scenarios end to end through the command line: run, replay from the bundles alone, every lie, and what
// each command says when it is used wrongly. JSON goes through the schemas in schema/cli/ (support/cli.ts).
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lie, lieKinds, lies } from "../../host/chain/lies.ts";
import { buildContract } from "../../host/contract/build.ts";
import { callCli, cliFile, runCli } from "../support/cli.ts";

const scenarios = resolve("fixtures/scenarios");
const names = readdirSync(scenarios)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(/\.json$/, ""));

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-run-"));
  for (const name of names) {
    const { code, stdout } = await plasma("run", join(scenarios, `${name}.json`), "-o", name);
    expect(code, stdout).toBe(0);
  }
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plasma = (...args: string[]) => callCli(args, { cwd: folder });
const bundles = (name: string): string[] =>
  readdirSync(join(folder, name)).filter((file) => file.endsWith(".bundle"));
const receipts = (name: string) =>
  JSON.parse(readFileSync(join(folder, name, "receipts.json"), "utf8"));

describe("scenarios of the fixtures", () => {
  const validate = new Ajv().compile(JSON.parse(readFileSync("schema/scenario.json", "utf8")));

  for (const name of names) {
    it(`${name} fits the schema of scenarios`, () => {
      const json = JSON.parse(readFileSync(join(scenarios, `${name}.json`), "utf8"));
      expect(validate(json), JSON.stringify(validate.errors)).toBe(true);
    });

    it(`${name} replays from its bundles alone, each block anchored to the one before`, async () => {
      const { code, json } = await plasma("replay", name, "--json");
      expect({ code, verdict: json.verdict, anchored: json.anchored }).toEqual({
        code: 0,
        verdict: "valid",
        anchored: false,
      });
      const ran = receipts(name);
      expect(json.blocks.length).toBe(ran.blocks.length);
      for (const [i, block] of json.blocks.entries()) {
        const { height, block: hash, stateRoot, gasUsed } = ran.blocks[i];
        expect(block).toMatchObject({ height, block: hash, stateRoot, gasUsed, verdict: "valid" });
        expect(block.anchored).toBe(i > 0);
      }
    });
  }

  it("together reach every outcome and every skip code", () => {
    const all = names.flatMap((name) =>
      receipts(name).blocks.flatMap((block: { transactions: object[] }) => block.transactions),
    ) as { outcome: string; code: string | null }[];
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(
      new Set(["success", "revert", "trap", "skipped"]),
    );
    const skips = all.filter(({ outcome }) => outcome === "skipped").map(({ code }) => code);
    expect(new Set(skips)).toEqual(
      new Set([
        "decode",
        "environment",
        "signature",
        "nonce",
        "gas_limit",
        "block_gas",
        "intrinsic_gas",
        "balance",
        "deployer",
        "price",
      ]),
    );
  });
});

describe("every lie", () => {
  const exits = { valid: 0, fraud: 3, unusable: 1 } as const;
  const fits = (lie: Lie, found: string | undefined): boolean =>
    lie.code?.endsWith("_") ? found?.startsWith(lie.code) === true : found === lie.code;

  for (const kind of lieKinds) {
    const lie: Lie = lies[kind];
    it(`${kind} is answered with ${lie.verdict} ${lie.code ?? ""} and its exit code`, async () => {
      const out = `${kind}.bundle`;
      const told = await plasma("tamper", "caller/2.bundle", "--lie", kind, "-o", out, "--json");
      expect(told.json).toMatchObject({ kind, out, verdict: lie.verdict, seed: "plasma" });
      const { code, json } = await plasma("replay", out, "--json");
      expect([code, json.verdict]).toEqual([exits[lie.verdict], lie.verdict]);
      const found: string | undefined = json.blocks[0].finding?.code;
      expect(fits(lie, found), found).toBe(true);
    });
  }

  it("is answered alike about every block of the fixtures, wherever it can be told", async () => {
    const library = await import(pathToFileURL(join(dirname(cliFile), "../host/index.js")).href);
    let told = 0;
    for (const name of names) {
      for (const file of bundles(name)) {
        const honest = readFileSync(join(folder, name, file));
        for (const kind of lieKinds) {
          const lied = await library
            .tamperBundle(honest, { kind, seed: file })
            .catch((error: { code: string }) => {
              expect(error.code, `${name}/${file} ${kind}`).toBe("LIE_NOT_POSSIBLE");
            });
          if (lied === undefined) continue;
          const { verdict, finding } = await library.replayBundle(lied);
          expect(verdict, `${name}/${file} ${kind}`).toBe(lies[kind].verdict);
          expect(fits(lies[kind], finding?.code), `${kind}: ${finding?.code}`).toBe(true);
          told += 1;
        }
      }
    }
    expect(told).toBeGreaterThan(100);
  });

  it("that is another block is told apart by --expect only", async () => {
    await plasma("tamper", "token/2.bundle", "--lie", "other-block", "-o", "other.bundle");
    const honest = receipts("token").blocks[1].block;
    expect((await plasma("replay", "token/2.bundle", "--expect", honest)).code).toBe(0);
    const { code, json } = await plasma("replay", "other.bundle", "--expect", honest, "--json");
    expect([code, json.blocks[0].finding.code]).toEqual([1, "BLOCK_NOT_EXPECTED"]);
  });

  it("in the middle of a chain stops the replay of the folder there", async () => {
    cpSync(join(folder, "token"), join(folder, "lied"), { recursive: true });
    await plasma(
      "tamper",
      "token/2.bundle",
      "--lie",
      "wrong-gas",
      "--tx",
      "1",
      "-o",
      "lied/2.bundle",
      "--force",
    );
    const { code, json } = await plasma("replay", "lied", "--json");
    expect(code).toBe(3);
    expect(json.blocks.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      "valid",
      "fraud",
    ]);
    expect(json.blocks[1].finding).toMatchObject({
      code: "RECEIPT_MISMATCH",
      transaction: 1,
      field: "gasUsed",
    });
    const { stdout } = await plasma("replay", "lied");
    expect(stdout).toContain("where:    transaction 1, field gasUsed");
    expect(stdout).toContain("1 later block not replayed");
    // The next block builds on the honest result, not on the lie.
    cpSync(join(folder, "other.bundle"), join(folder, "lied/2.bundle"));
    const gap = await plasma("replay", "lied", "--json");
    expect([gap.code, gap.json.blocks.at(-1).finding.code]).toEqual([1, "PARENT_NOT_EXPECTED"]);
  });
});

describe("plasma replay", () => {
  it("says what follows from what under which rules, and whether that is anchored", async () => {
    const [block] = (await plasma("replay", "token/1.bundle", "--json")).json.blocks;
    const { stdout } = await plasma("replay", "token/1.bundle");
    expect(stdout).toContain(
      `block ${block.block} follows from state ${block.stateRootBefore} under rules ${block.rules}`,
    );
    expect(stdout).toContain("anchored: no");
    expect((await plasma("replay", "token/1.bundle", "--expect", block.block)).stdout).toContain(
      "anchored: yes",
    );
  });

  it("anchors a chain to the hash of its last block or of its parent", async () => {
    const last = receipts("token").blocks.at(-1).block;
    const whole = await plasma("replay", "token", "--expect", last, "--json");
    expect(whole.json).toMatchObject({ verdict: "valid", anchored: true });
    const parent = receipts("token").blocks[0].result;
    const second = await plasma("replay", "token/2.bundle", "--expect-parent", parent, "--json");
    expect(second.json).toMatchObject({ verdict: "valid", anchored: true });
    const wrong = await plasma("replay", "token/3.bundle", "--expect-parent", parent, "--json");
    expect([wrong.code, wrong.json.blocks[0].finding.code]).toEqual([1, "PARENT_NOT_EXPECTED"]);
  });

  it("reads stdin, and files that are no bundles as unusable evidence", async () => {
    const input = readFileSync(join(folder, "counter/1.bundle"));
    const read = await runCli(["replay", "-", "--json"], { cwd: folder, input });
    expect(read.json).toMatchObject({ verdict: "valid", blocks: [{ file: "-", height: "1" }] });
    const half = await runCli(["replay", "-", "--json"], {
      cwd: folder,
      input: input.subarray(0, 400),
    });
    expect([half.code, half.json.verdict]).toEqual([1, "unusable"]);
    const empty = await runCli(["replay", "-", "--json"], { cwd: folder, input: "" });
    expect([empty.code, empty.json.verdict]).toEqual([1, "unusable"]);
    expect(empty.json.blocks[0].block).toBeNull();
  });

  it("refuses what is no hash, no file and no chain", async () => {
    const cases: [string[], string][] = [
      [["token", "--expect", "0x12"], "CLI_ARGUMENT_INVALID"],
      [["token", "--expect-parent", "yes"], "CLI_ARGUMENT_INVALID"],
      [["nowhere"], "FILE_NOT_FOUND"],
      [["token/state"], "REPLAY_FOLDER_EMPTY"],
      [["gap"], "REPLAY_HEIGHT_MISSING"],
    ];
    mkdirSync(join(folder, "gap"));
    for (const height of [1, 3]) {
      cpSync(join(folder, `token/${height}.bundle`), join(folder, `gap/${height}.bundle`));
    }
    for (const [args, wanted] of cases) {
      const { code, json } = await plasma("replay", ...args, "--json");
      expect([code, json.error.code], args.join(" ")).toEqual([1, wanted]);
    }
  });

  it("says what is wrong with a file when its turn comes, not before", async () => {
    cpSync(join(folder, "token"), join(folder, "unread"), { recursive: true });
    rmSync(join(folder, "unread/2.bundle"));
    mkdirSync(join(folder, "unread/2.bundle"));
    const { code, stdout, stderr } = await runCli(["replay", "unread"], { cwd: folder });
    expect(code).toBe(1);
    expect(stdout).toContain("unread/1.bundle");
    expect(stderr).toContain("error[FILE_NOT_READABLE]");
    expect(stderr).toContain("unread/2.bundle");
  });
});

describe("plasma tamper", () => {
  it("lists the lies with what replay says, alone and for an unknown kind", async () => {
    const { code, stdout } = await plasma("tamper");
    expect(code).toBe(0);
    for (const kind of lieKinds) expect(stdout).toContain(kind);
    expect((await plasma("tamper", "--json")).json.lies).toHaveLength(lieKinds.length);
    const unknown = await plasma("tamper", "token/1.bundle", "--lie", "wrong-gaz", "-o", "x");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("error[TAMPER_KIND_UNKNOWN]");
    expect(unknown.stderr).toContain('did you mean "wrong-gas"?');
    expect(unknown.stderr).toContain("fraud RECEIPT_MISMATCH");
  });

  it("tells the same lie for the same seed, and writes to stdout", async () => {
    const tell = (seed: string, out: string) =>
      plasma("tamper", "token/2.bundle", "--lie", "wrong-receipt", "--seed", seed, "-o", out);
    await tell("a", "a1.bundle");
    await tell("a", "a2.bundle");
    await tell("b", "b.bundle");
    const read = (name: string) => readFileSync(join(folder, name));
    expect(read("a1.bundle").equals(read("a2.bundle"))).toBe(true);
    expect(read("a1.bundle").equals(read("b.bundle"))).toBe(false);
    const { stderr, code } = await tell("a", "-");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("refuses bad arguments, existing files and lies that the block has no room for", async () => {
    const lie = ["token/2.bundle", "--lie", "wrong-gas"];
    const cases: [string[], string][] = [
      [[...lie], "CLI_ARGUMENT_MISSING"],
      [["--lie", "wrong-gas", "-o", "x"], "CLI_ARGUMENT_MISSING"],
      [[...lie, "--tx", "-1", "-o", "x"], "CLI_ARGUMENT_INVALID"],
      [[...lie, "--tx", "5", "-o", "x"], "LIE_NOT_POSSIBLE"],
      [[...lie, "-o", "token/1.bundle"], "FILE_EXISTS"],
      [[...lie, "-o", "-"], "CLI_ARGUMENT_INVALID"],
      [["counter/2.bundle", "--lie", "wrong-gas", "-o", "x"], "LIE_NOT_POSSIBLE"],
      [["token/receipts.json", "--lie", "wrong-gas", "-o", "x"], "FILE_MAGIC"],
    ];
    for (const [args, wanted] of cases) {
      const { code, json } = await plasma("tamper", ...args, "--json");
      expect([code, json.error.code], args.join(" ")).toEqual([1, wanted]);
    }
    expect(existsSync(join(folder, "x"))).toBe(false);
  });
});

describe("plasma run", () => {
  const write = (name: string, json: unknown): string => {
    writeFileSync(join(folder, name), JSON.stringify(json));
    return name;
  };
  const transfers = (...transactions: object[]) => ({
    rules: "payments",
    seed: "s",
    accounts: { alice: { balance: "1000" }, bob: {} },
    blocks: [{ transactions }],
  });
  const transfer = { from: "alice", to: "bob", value: "1" };

  it("gives the same bundles and receipts for the same scenario", async () => {
    const counter = join(scenarios, "counter.json");
    await plasma("run", counter, "-o", "again", "--json");
    for (const name of [...bundles("counter"), "receipts.json"]) {
      const read = (run: string) => readFileSync(join(folder, run, name));
      expect(read("again").equals(read("counter")), name).toBe(true);
    }
  });

  it("counts outcomes and lists the blocks in its JSON", async () => {
    const { code, json } = await plasma(
      "run",
      join(scenarios, "transfers.json"),
      "-o",
      "t",
      "--json",
    );
    expect(code).toBe(0);
    expect(json.outcomes).toEqual({ success: 7, revert: 0, trap: 0, skipped: 1 });
    expect(json.blocks[0]).toMatchObject({ height: "1", transactions: 6, file: "1.bundle" });
    expect(json.expectations).toEqual({ checked: 8, failed: [] });
  });

  it("exits 2 and shows got and expected where an expectation fails", async () => {
    const wrong = transfers(
      { ...transfer, expect: { outcome: "revert" } },
      { ...transfer, value: "5000", expect: { outcome: "skipped", code: "nonce" } },
    );
    const file = write("wrong.json", wrong);
    const { code, json } = await plasma("run", file, "-o", "w", "--json");
    expect(code).toBe(2);
    expect(json.expectations.failed).toEqual([
      { height: "1", transaction: 0, field: "outcome", got: "success", expected: "revert" },
      {
        height: "1",
        transaction: 1,
        field: "code",
        got: "skipped(balance)",
        expected: "skipped(nonce)",
      },
    ]);
    const { stdout } = await plasma("run", file, "-o", "w");
    expect(stdout).toContain("unexpected outcome of transaction 0 (blocks[0].transactions[0])");
    expect(stdout).toContain("2 of 2 expectations failed");
    expect(existsSync(join(folder, "w/1.bundle"))).toBe(true);
  });

  it("reads a scenario from stdin and rules from a file beside it", async () => {
    write("my.rules.json", { preset: "payments", fees: { priceMin: "3" } });
    const input = JSON.stringify({
      ...transfers({ ...transfer, price: "2" }),
      rules: "./my.rules.json",
    });
    const { code, json } = await runCli(["run", "-", "-o", "stdin", "--json"], {
      cwd: folder,
      input,
    });
    expect([code, json.outcomes.skipped]).toEqual([0, 1]);
  });

  it("replaces an earlier run and nothing else", async () => {
    const file = write("one.json", transfers(transfer));
    mkdirSync(join(folder, "mine"));
    expect((await plasma("run", file, "-o", "mine")).code).toBe(0);
    expect((await plasma("run", file, "-o", "mine")).code).toBe(0);
    writeFileSync(join(folder, "mine/notes.txt"), "dear");
    const { code, json } = await plasma("run", file, "-o", "mine", "--json");
    expect([code, json.error.code]).toEqual([1, "RUN_FOLDER_FOREIGN"]);
    expect(json.error.message).toContain("notes.txt");
    const onFile = await plasma("run", file, "-o", "one.json", "--json");
    expect(onFile.json.error.code).toBe("RUN_FOLDER_FOREIGN");
    expect(readFileSync(join(folder, "mine/notes.txt"), "utf8")).toBe("dear");
  });

  it("names file, JSON path and argument of what is wrong, before it writes anything", async () => {
    const { wasm } = await buildContract({ entry: "fixtures/contracts/counter.ts", baseDir: "." });
    writeFileSync(join(folder, "counter.wasm"), wasm);
    const counter = { from: "alice", deploy: "counter.wasm", as: "c" };
    const call = { from: "alice", to: "c", call: "increment" };
    const at = "blocks[0].transactions[1]";
    const cases: [object, string, string][] = [
      [
        transfers({ ...transfer, from: "eve" }),
        "SCENARIO_NAME_UNKNOWN",
        "blocks[0].transactions[0].from",
      ],
      [
        transfers({ from: "alice", deploy: "build/no.wasm" }),
        "FILE_NOT_FOUND",
        "blocks[0].transactions[0].deploy",
      ],
      [transfers(counter), "ABI_ARGUMENT_COUNT", "blocks[0].transactions[0].args: init"],
      [
        transfers({ ...counter, args: ["1"] }, { ...call, args: ["x"] }),
        "ABI_ARGUMENT",
        `${at}.args: amount`,
      ],
      [
        transfers({ ...counter, args: ["1"] }, { ...call, call: "incremnt" }),
        "ABI_NAME_UNKNOWN",
        `${at}.call: incremnt`,
      ],
      [
        transfers({ from: "alice", to: "bob", call: "x" }),
        "SCENARIO_ABI_MISSING",
        "blocks[0].transactions[0].call",
      ],
      [{ ...transfers(transfer), rules: "./nowhere.json" }, "FILE_NOT_FOUND", ""],
    ];
    for (const [json, wanted, field] of cases) {
      const run = await plasma("run", write("bad.json", json), "-o", "bad", "--json");
      expect([run.code, run.json.error.code]).toEqual([1, wanted]);
      expect(run.json.error.where.field ?? "").toBe(field);
      expect(run.json.error.where.file).toMatch(/\.json$/);
    }
    expect(readdirSync(folder).filter((name) => /bad$|\.part$/.test(name))).toEqual([]);
  });

  it("leaves nothing half-written when it is interrupted", async () => {
    const many = Array.from({ length: 4_000 }, () => transfer);
    const file = write("long.json", {
      ...transfers(),
      blocks: [{ transactions: many }, { transactions: many }],
    });
    const { code } = await runCli(["run", file, "-o", "long"], {
      cwd: folder,
      onStart: (child) => {
        const started = setInterval(() => {
          if (!readdirSync(folder).some((name) => name.startsWith(".long."))) return;
          clearInterval(started);
          child.kill("SIGINT");
        }, 5);
        child.on("exit", () => clearInterval(started));
      },
    });
    expect(code).toBe(130);
    expect(readdirSync(folder).filter((name) => name.includes("long"))).toEqual(["long.json"]);
  });
});
