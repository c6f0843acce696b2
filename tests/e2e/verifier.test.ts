// The one-file verifier as a stranger has it: dist/plasma-verify.mjs and nothing else, in Node, in Node with a
// small stack, and in Bun, on every block, lie and broken file that plasmavm itself judges, and all step proofs.
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lies } from "../../host/chain/lies.ts";
import { fromHex } from "../../host/codec/hex.ts";
import type * as Verify from "../../host/verify/index.ts";
import { built } from "../support/built.ts";
import { callCli, validator } from "../support/cli.ts";
import { findBun } from "../support/engines.ts";
import {
  proofFileVectors,
  stepProofVectors,
  type VerifierFile,
  verifierFiles,
  writeVerifierFiles,
} from "../support/verifier-files.ts";

const ONE_FILE = resolve("dist/plasma-verify.mjs");
/** Kilobytes. The dives need up to 166 at 64 bytes a frame, so some of them overflow on any tier. */
const SMALL_STACK = 130;
const bun = await findBun();

let folder: string;
let files: readonly VerifierFile[];
let expected: Record<string, unknown>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-verifier-"));
  files = await verifierFiles();
  expected = await writeVerifierFiles(folder, files);
  copyFileSync(ONE_FILE, join(folder, "plasma-verify.mjs"));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly bundles: Record<string, unknown>;
  /** By each judge. */
  readonly judged: readonly (readonly (string | number)[])[];
  readonly files: readonly { readonly verdict: string; readonly shows: unknown }[];
  readonly faults: number;
}

async function saidBy(binary: string, flags: readonly string[] = [], env = {}): Promise<Said> {
  const args = [...flags, "tests/e2e/verifier-run.mjs", folder];
  const options = { maxBuffer: 2 ** 26, env: { ...process.env, ...env } };
  return JSON.parse((await promisify(execFile)(binary, args, options)).stdout);
}

const inText = (shows: unknown): unknown =>
  JSON.parse(JSON.stringify(shows, (_, value) => (typeof value === "number" ? `${value}` : value)));

function expectAgreement(said: Said): void {
  expect(said.bundles).toEqual(expected);
  const judgements = stepProofVectors().map(({ post, rejected }) => post ?? rejected);
  expect(said.judged).toEqual([judgements, judgements]);
  // What vectors show has numbers as text.
  const files = said.files.map(({ verdict, shows }) => ({ verdict, shows: inText(shows) }));
  expect(files).toEqual(proofFileVectors().map(({ verdict, shows }) => ({ verdict, shows })));
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the copied file in its folder, where nothing else is. */
async function verify(binary: string, ...args: readonly string[]): Promise<Ran> {
  try {
    const run = await promisify(execFile)(resolve(binary), ["plasma-verify.mjs", ...args], {
      cwd: folder,
    });
    return { code: 0, ...run };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran;
    return { code, stdout, stderr };
  }
}

describe("plasma-verify.mjs", () => {
  it("is one module of at most 500 KB that needs nothing but what Node has, and that only as a command", () => {
    const text = readFileSync(ONE_FILE, "utf8");
    expect(statSync(ONE_FILE).size).toBeLessThanOrEqual(500_000);
    const imports = [
      ...text.matchAll(/(?:\bfrom|\bimport\(|\brequire\()\s*["'`]([\w@:./-]+)["'`]/g),
    ];
    expect(new Set(imports.map(([, name]) => name))).toEqual(
      new Set(["node:fs", "node:url", "node:util", "node:worker_threads"]),
    );
    expect(text).not.toMatch(/^\s*import[\s{*"']/m);
  });

  it("is built to the same bytes again", async () => {
    const run = await promisify(execFile)(process.execPath, [
      "scripts/build-verifier.mjs",
      "--check",
    ]);
    expect(run.stdout).toMatch(/^plasma-verify\.mjs +\d+ bytes {2}sha256 [0-9a-f]{64}$/m);
  });

  it("says what plasmavm says to every file, and what the vectors say to every step proof", async () => {
    expect(Object.keys(expected).length).toBeGreaterThan(28);
    for (const [kind, lie] of Object.entries(lies)) {
      expect(expected[`${kind}.bundle`], kind).toMatchObject({ verdict: lie.verdict });
    }
    const said = await saidBy(process.execPath);
    expectAgreement(said);
    expect(said.faults).toBe(0);
  });

  it("lets the machine execute what overflows a small stack, with the same verdicts", async () => {
    const said = await saidBy(process.execPath, [`--stack-size=${SMALL_STACK}`]);
    expectAgreement(said);
    expect(said.faults).toBeGreaterThan(0);
  });

  it.skipIf("missing" in bun)(
    "says the same in Bun, with its own stack and a small one",
    async () => {
      if ("missing" in bun) return;
      expectAgreement(await saidBy(bun.path));
      const said = await saidBy(bun.path, [], { BUN_JSC_maxPerThreadStackUsage: "200000" });
      expectAgreement(said);
      expect(said.faults).toBeGreaterThan(0);
    },
  );

  it("may be imported by a script without running as a command", async () => {
    const script = `import { versions } from ${JSON.stringify(ONE_FILE)}; console.log(versions.format);`;
    const run = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    expect(run).toEqual({ stdout: "1\n", stderr: "" });
  });
});

describe("node plasma-verify.mjs FILE", () => {
  it.each([
    ["token-2.bundle", 0],
    ["wrong-gas.bundle", 3],
    ["forged-witness.bundle", 1],
    ["text.bundle", 1],
  ])("%s: exit code %i and the words of plasma replay", async (file, code) => {
    // One of each form: what makes the other is the same code for all files.
    const form = code === 3 ? ["--json"] : [];
    const said = await verify(process.execPath, file, ...form);
    const replayed = await callCli(["replay", file, ...form], { cwd: folder });
    expect(said).toMatchObject({ code, stdout: replayed.stdout });
    expect(replayed.code).toBe(code);
  });

  it.each([
    ["step proof", "stands", 0],
    ["step proof that claims another state", "refuted", 3],
    ["step proof with a changed leaf", "unusable", 1],
    ["state proof of a stored value", "stands", 0],
  ])("%s: what plasma verify says, %s, with exit code %i", async (name, word, code) => {
    const vector = proofFileVectors().find((one) => one.name === name)!;
    writeFileSync(join(folder, "one.proof"), fromHex(vector.file));
    const form = code === 3 ? ["--json"] : [];
    const said = await verify(process.execPath, "one.proof", ...form);
    const verified = await callCli(["verify", "one.proof", ...form], { cwd: folder });
    expect(said).toMatchObject({ code, stdout: verified.stdout });
    expect(said.stdout).toContain(word);
  });

  it("takes a state proof as unusable where it is of another block than the expected one", async () => {
    const vector = proofFileVectors().find(({ name }) => name === "state proof of a stored value")!;
    writeFileSync(join(folder, "one.proof"), fromHex(vector.file));
    const right = ["--expect", String(vector.shows.block)];
    expect(await verify(process.execPath, "one.proof", ...right)).toMatchObject({ code: 0 });
    const wrong = await verify(process.execPath, "one.proof", "--expect", `0x${"22".repeat(32)}`);
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain("finding[BLOCK_NOT_EXPECTED]");
  });

  it("is anchored where the block hash is the expected one, and finds another block unusable", async () => {
    const right = (expected["token-2.bundle"] as Verify.ReplayResult).shown?.block as string;
    const anchored = await verify(process.execPath, "token-2.bundle", "--expect", right);
    expect(anchored).toMatchObject({ code: 0, stdout: expect.stringContaining("anchored: yes") });
    const other = await verify(process.execPath, "other-block.bundle", "--expect", right);
    expect(other.code).toBe(1);
    expect(other.stdout).toContain("finding[BLOCK_NOT_EXPECTED]");
    const parent = ["--expect-parent", `0x${"11".repeat(32)}`];
    const orphan = await verify(process.execPath, "token-2.bundle", ...parent);
    expect(orphan.stdout).toContain("finding[PARENT_NOT_EXPECTED]");
  });

  it.each([
    [[], "CLI_ARGUMENT_MISSING"],
    [["a", "b"], "CLI_ARGUMENT_EXTRA"],
    [["--wat"], "CLI_OPTION_UNKNOWN"],
    [["a", "--expect", "0x12"], "CLI_ARGUMENT_INVALID"],
    [["nowhere.bundle"], "FILE_NOT_FOUND"],
    [["."], "FILE_NOT_READABLE"],
  ])("answers %j with %s", async (args, code) => {
    const text = await verify(process.execPath, ...args);
    expect(text).toMatchObject({ code: 1, stdout: "" });
    expect(text.stderr).toContain(`error[${code}]`);
  });

  it("answers with a document under --json, whatever is wrong", async () => {
    for (const args of [
      ["--json", "--wat"],
      ["nowhere.bundle", "--json"],
    ]) {
      const json = await verify(process.execPath, ...args);
      expect(json).toMatchObject({ code: 1, stderr: "" });
      const document = JSON.parse(json.stdout);
      expect(validator("error")(document), json.stdout).toBe(true);
    }
  });

  it("has a help that fits 40 lines, and tells its version", async () => {
    const help = await verify(process.execPath, "--help");
    expect(help.code).toBe(0);
    expect(help.stdout.split("\n").length).toBeLessThanOrEqual(40);
    expect(await verify(process.execPath, "--version")).toMatchObject({
      stdout: expect.stringMatching(/^plasma-verify \d+\.\d+\.\d+ \(format 1, semantics 0\)\n$/),
    });
  });

  it.skipIf("missing" in bun)("has the same exit codes in Bun", async () => {
    if ("missing" in bun) return;
    const said = ["token-2.bundle", "wrong-gas.bundle", "cut.bundle"].map((file) =>
      verify(bun.path, file, "--json"),
    );
    const ran = await Promise.all(said);
    expect(ran.map(({ code }) => code)).toEqual([0, 3, 1]);
    expect(ran[1]).toEqual(await verify(process.execPath, "wrong-gas.bundle", "--json"));
  });
});

describe("plasmavm/verify", () => {
  it("answers a worker's requests with progress and the same verdict", async () => {
    const { serveVerifier, verifierIn } = await built<typeof Verify>("host/verify/index.js");
    const { port1, port2 } = new MessageChannel();
    serveVerifier(port2 as unknown as Verify.MessageEnd);
    port2.start();
    const verifyInWorker = verifierIn(port1 as unknown as Verify.MessageEnd);
    port1.start();
    const file = files.find(({ name }) => name === "dives.bundle")!;
    const done: number[] = [];
    const answer = await verifyInWorker(file.bytes, {}, (count) => done.push(count));
    expect(answer).toMatchObject({ verified: { kind: "bundle", result: { verdict: "valid" } } });
    expect(done.length).toBeGreaterThan(10);
    expect(await verifyInWorker(file.bytes, { expect: "0x12" })).toMatchObject({
      failure: { code: "HEX_INVALID" },
    });
    port1.close();
  });
});
