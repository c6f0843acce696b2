// `plasma trace` around the trace itself: artifacts, exit codes that speak about the claim, errors, and the
// hints of replay and of the test kit that lead to it. What a trace says is in tests/golden/trace.test.ts.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeBundle, encodeBundle } from "../../host/chain/bundle.ts";
import { callCli } from "../support/cli.ts";
import { root } from "../support/source-files.ts";
import { openTracedChain, type TracedChain } from "../support/traced-chain.ts";

let traced: TracedChain;
let folder: string;
beforeAll(async () => {
  traced = await openTracedChain();
  folder = mkdtempSync(join(tmpdir(), "plasma-trace-"));
  const { vault, bundles, chain } = traced;
  writeFileSync(join(folder, "3.bundle"), bundles[2]!);
  const bare = encodeBundle({ ...decodeBundle(bundles[2]!), debug: [] });
  writeFileSync(join(folder, "bare.bundle"), bare);
  const lie = { kind: "wrong-gas", seed: "trace", transaction: 2 } as const;
  writeFileSync(join(folder, "lie.bundle"), chain.tamper(bundles[2]!, lie));
  mkdirSync(join(folder, "build"));
  mkdirSync(join(folder, "empty"));
  writeFileSync(join(folder, "build/vault.wasm"), vault.wasm);
  writeFileSync(join(folder, "build/vault.wasm.map"), vault.sourceMap);
  writeFileSync(join(folder, "build/vault.abi.json"), vault.abiJson);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plasma = (...args: string[]) => callCli(args, { cwd: folder });
const indexOf = (name: string) => String(traced.places.get(name)![1]);

describe("source lines", () => {
  it("come from --artifacts where the bundle has none", async () => {
    const at = ["trace", "bare.bundle", "--tx", indexOf("divide by zero"), "--json"];
    const without = await plasma(...at);
    expect(without.json.calls[0]).toMatchObject({
      method: "divide",
      trap: { condition: "divide by zero" },
    });
    expect(without.json.calls[0].stack[0].source).toBeNull();
    const { json } = await plasma(...at, "--artifacts", "build");
    expect(json.calls[0].stack[0]).toMatchObject({
      name: "Vault.half",
      source: "assembly/vault.ts:50:12",
    });
  });

  it("need a folder with Wasm", async () => {
    const at = ["trace", "bare.bundle", "--tx", "0", "--json", "--artifacts"];
    const empty = await plasma(...at, "empty");
    expect([empty.code, empty.json.error.code]).toEqual([1, "ARTIFACTS_NONE"]);
    const absent = await plasma(...at, "nowhere");
    expect([absent.code, absent.json.error.code]).toEqual([1, "FOLDER_NOT_FOUND"]);
  });
});

describe("a bundle that lies", () => {
  it("about the transaction: the trace is of what is right, and the exit code 3", async () => {
    const { code, stdout } = await plasma("trace", "lie.bundle", "--tx", "2");
    expect(code).toBe(3);
    expect(stdout).toContain("transaction 2 of block 3: revert");
    expect(stdout).toContain("finding[RECEIPT_MISMATCH]");
    const { json } = await plasma("trace", "lie.bundle", "--tx", "2", "--json");
    expect(json).toMatchObject({ verdict: "traced", finding: { field: "gasUsed" } });
  });

  it("about one before it: nothing is traced but the way to it shown, exit 3", async () => {
    const { code, stdout } = await plasma("trace", "lie.bundle", "--tx", "5");
    expect(code).toBe(3);
    expect(stdout).toContain("fraud: a transaction before it");
    expect(stdout).toContain("plasma trace lie.bundle --tx 2");
    const { json } = await plasma("trace", "lie.bundle", "--tx", "5", "--json");
    expect(json).toMatchObject({ verdict: "fraud", steps: null, calls: [], transaction: null });
  });

  it("is answered by replay with the line that traces it", async () => {
    const { code, stdout } = await plasma("replay", "lie.bundle");
    expect(code).toBe(3);
    expect(stdout).toContain("    look:     plasma trace lie.bundle --tx 2\n");
  });
});

describe("errors", () => {
  const errorOf = async (...args: string[]) => {
    const { code, json } = await plasma("trace", ...args, "--json");
    return { exit: code, ...json.error };
  };

  it("are usage: no index, no number, none of the block", async () => {
    const usage = (code: string) => ({ exit: 1, code });
    expect(await errorOf("3.bundle")).toMatchObject(usage("CLI_ARGUMENT_MISSING"));
    expect(await errorOf("3.bundle", "--tx", "1e3")).toMatchObject(usage("CLI_ARGUMENT_INVALID"));
    expect(await errorOf("3.bundle", "--tx", "18")).toMatchObject({
      ...usage("TRACE_TRANSACTION"),
      where: { file: "3.bundle", height: "3", field: "transaction" },
    });
    expect((await plasma("trace", "3.bundle", "--tx", "17")).code).toBe(0);
  });

  it("are those of an unusable bundle, as replay gives them", async () => {
    const cut = readFileSync(join(folder, "3.bundle")).subarray(0, 400);
    writeFileSync(join(folder, "cut.bundle"), cut);
    const replayed = await plasma("replay", "cut.bundle", "--json");
    const { code } = replayed.json.blocks[0].finding;
    expect(await errorOf("cut.bundle", "--tx", "0")).toMatchObject({ exit: 1, code });
    const absent = await errorOf("nowhere.bundle", "--tx", "0");
    expect(absent).toMatchObject({ exit: 1, code: "FILE_NOT_FOUND" });
  });
});

describe("a red test of the test kit", () => {
  const TEST = `import { afterAll, beforeAll, it } from "vitest";
import { createWorld } from "${join(root, "dist/host/testing/index.js")}";

let world;
let vault;
beforeAll(async () => {
  world = await createWorld();
  vault = await world.deploy("build/vault.wasm", [10n]);
});
afterAll(() => world.close());

it("is green with an expected failure", async () => {
  await vault.as(world.account("alice")).refuse().catch(() => {});
});
it("is red", async () => {
  await vault.as(world.account("alice")).take(11n);
});
`;

  it("leaves the bundle that its hint names, and a green one none", {
    timeout: 120_000,
  }, async () => {
    mkdirSync(join(root, ".plasma"), { recursive: true });
    const project = mkdtempSync(join(root, ".plasma/red-"));
    try {
      mkdirSync(join(project, "build"));
      for (const name of readdirSync(join(folder, "build"))) {
        const file = readFileSync(join(folder, "build", name));
        writeFileSync(join(project, "build", name), file);
      }
      writeFileSync(join(project, "vault.test.js"), TEST);
      const config = `export default { test: { include: ["*.test.js"], pool: "forks" } };\n`;
      writeFileSync(join(project, "vitest.config.js"), config);
      const vitest = join(root, "node_modules/vitest/vitest.mjs");
      const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, "run"], {
        cwd: project,
        encoding: "utf8",
        env: { ...process.env, NO_COLOR: "1" },
      });
      expect(status, stdout + stderr).toBe(1);
      const said = /plasma trace (\S+) --tx 0/.exec(stdout + stderr)?.[1] ?? "";
      expect(said).toMatch(/^\.plasma\/failures\/Vault\.take-[0-9a-f]{8}\.bundle$/);
      expect(readdirSync(join(project, ".plasma/failures"))).toEqual([said.split("/").at(-1)]);
      const trace = await callCli(["trace", said, "--tx", "0"], { cwd: project });
      expect(trace.stdout).toContain("Vault.take(amount: 11)  revert TooMuch(have: 10, asked: 11)");
      expect(trace.stdout).toMatch(/inlined in main, behind assembly\/vault.ts:\d+:\d+/);
    } finally {
      rmSync(project, { recursive: true, force: true });
    }
  });
});
