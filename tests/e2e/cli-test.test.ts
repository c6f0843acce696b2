// `plasma test` in a project: builds first, runs the project's vitest, passes arguments on, exits as PRODUCT says,
// keeps a gas snapshot, and shows of a red test as much as it is asked for.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testCommand } from "../../cli/commands/test.ts";
import { runCli } from "../support/cli.ts";

let folder: string;

const green = `import { createWorld, type TestContract, type World } from "plasmavm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Counter } from "../build/counter.ts";
let world: World;
let counter: TestContract<Counter>;
beforeAll(async () => {
  world = await createWorld();
  counter = await world.deploy(Counter, [1n]);
});
afterAll(() => world.close());
test("increments", async () => {
  expect(await counter.as(world.account("alice")).increment(5n)).toBe(6n);
});
`;
const red = `import { createWorld } from "plasmavm/testing";
import { expect, test } from "vitest";
test("counts wrongly", async () => {
  const world = await createWorld();
  const counter = await world.deploy("assembly/counter.ts", [1n]);
  await counter.as(world.account("bob")).increment(5n);
  expect(await counter.view.value()).toBe(7n);
  await world.close();
}, 60_000);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-test-"));
  for (const name of ["assembly", "tests", "red", "node_modules"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "package.json"), '{"type": "module", "private": true}');
  cpSync("fixtures/contracts/counter.ts", join(folder, "assembly/counter.ts"));
  writeFileSync(join(folder, "tests/counter.test.ts"), green);
  writeFileSync(join(folder, "red/wrong.test.ts"), red);
  symlinkSync(resolve("."), join(folder, "node_modules/plasmavm"), "junction");
  for (const name of ["vitest", "fast-check"]) {
    symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name), "junction");
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SLOW = 180_000;
const plasma = (...args: string[]) => runCli(["test", ...args], { cwd: folder });

describe("plasma test", () => {
  it("builds, runs the tests and writes the gas of each method", { timeout: SLOW }, async () => {
    const { code, json, stderr } = await plasma("--json", "--gas-snapshot", "--dir", "tests");
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("1 passed"),
    });
    expect(json).toMatchObject({
      ...{ ok: true, files: 1, passed: 1, failed: 0, skipped: 0, failures: [] },
      gas: { file: "gas.json", written: true, methods: 2, changes: [] },
    });
    expect(existsSync(join(folder, "build/counter.wasm"))).toBe(true);
    const { methods } = JSON.parse(readFileSync(join(folder, "gas.json"), "utf8"));
    expect(Object.keys(methods)).toEqual(["Counter.increment", "deploy Counter"]);
  });

  it("compares gas with the snapshot and exits 2 with a table where it differs", {
    timeout: SLOW,
  }, async () => {
    const same = await plasma("--gas-check", "--dir", "tests", "--no-build");
    expect([same.code, same.stdout]).toEqual([
      0,
      expect.stringContaining("gas of 2 methods is as in gas.json"),
    ]);
    const text = readFileSync(join(folder, "gas.json"), "utf8");
    const cheaper = text.replace(/"median": (\d+), "max": \d+ \},/, '"median": 1, "max": $1 },');
    writeFileSync(join(folder, "cheaper.json"), cheaper);
    const { code, stdout } = await plasma(
      "--gas-check",
      "cheaper.json",
      "--no-build",
      "--dir",
      "tests",
    );
    expect(code).toBe(2);
    expect(stdout).toMatch(/method +was +is +delta\nCounter\.increment +1 +\d+ +\+\d+ \(/);
    expect(stdout).toContain("plasma test --gas-snapshot cheaper.json");
  });

  it("exits 2 for a red test, with its calls, storage and bundle at -vv", {
    timeout: SLOW,
  }, async () => {
    const { code, json } = await plasma(
      "--json",
      "-vv",
      "--no-build",
      "--dir",
      "red",
      "-t",
      "counts",
    );
    expect(code).toBe(2);
    expect(json).toMatchObject({ ok: false, passed: 0, failed: 1, gas: null });
    const [{ file, test, message, bundle }] = json.failures;
    expect([file, test]).toEqual(["red/wrong.test.ts", "counts wrongly"]);
    expect(message).toContain("expected 6n to be 7n");
    expect(message).toContain("new Counter(start: 1)");
    expect(message).toContain("Counter.increment(amount: 5) [from bob, ");
    expect(message).toContain("store count = 6");
    expect(message).toContain("emit Incremented(by: bob, amount: 5, count: 6)");
    const trace = await runCli(["trace", bundle, "--tx", "0"], { cwd: folder });
    expect([trace.code, trace.stdout]).toEqual([0, expect.stringContaining("Counter.increment")]);
  });

  it("says less without -v: only the transaction that the test is about", {
    timeout: SLOW,
  }, async () => {
    const { code, stdout, stderr } = await plasma("--no-build", "--dir", "red");
    expect(code).toBe(2);
    const text = stdout + stderr;
    expect(text).toContain("Counter.increment(amount: 5)");
    expect(text).toMatch(
      /plasma trace \.plasma\/failures\/Counter\.increment-\w{8}\.bundle --tx 0/,
    );
    expect(text).not.toContain("new Counter(");
    expect(text).not.toContain("store count");
  });

  it("runs the examples of its help", { timeout: SLOW }, async () => {
    for (const line of testCommand.examples ?? []) {
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);
      expect(words.shift()).toBe("plasma");
      rmSync(join(folder, "red"), { recursive: true, force: true });
      const { code, stderr } = await runCli(words, { cwd: folder });
      expect({ line, code, stderr }).toMatchObject({ code: 0 });
    }
  });

  it("says what is missing: vitest, tests, contracts that compile, a snapshot", {
    timeout: SLOW,
  }, async () => {
    const none = await plasma("--json", "--no-build", "nowhere");
    expect([none.code, none.json.error.code]).toEqual([1, "TEST_RUN_FAILED"]);
    const seed = await plasma("--json", "--seed", "many");
    expect([seed.code, seed.json.error.code]).toEqual([1, "CLI_ARGUMENT_INVALID"]);
    const over = await plasma("--json", "--gas-snapshot", "tests/counter.test.ts");
    expect([over.code, over.json.error.code]).toEqual([1, "CLI_ARGUMENT_INVALID"]);
    const gas = await plasma("--json", "--gas-check", "package.json");
    expect([gas.code, gas.json.error.code]).toEqual([1, "GAS_SNAPSHOT_INVALID"]);
    writeFileSync(
      join(folder, "assembly/bad.ts"),
      "@contract export class Bad { @call f(): strin {} }",
    );
    const bad = await plasma("--json");
    expect([bad.code, bad.json.error.code]).toEqual([1, "BUILD_FAILED"]);
    const empty = mkdtempSync(join(tmpdir(), "plasma-test-"));
    const missing = await runCli(["test", "--json"], { cwd: empty });
    expect([missing.code, missing.json.error.code]).toEqual([1, "TEST_VITEST_MISSING"]);
    rmSync(empty, { recursive: true, force: true });
  });
});
