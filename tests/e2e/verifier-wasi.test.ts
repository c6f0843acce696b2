// judge.wasm, the judge as a WASI command, in two runtimes that are not ours: Wasmer (through `--judge wasi` and
// the function behind it) and Node's own. Both say what the two judges of the host say to every step proof.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openWasiJudge, verdictOf, type WasiJudge } from "../../cli/judge-wasi.ts";
import { fromHex, type Hex } from "../../host/codec/hex.ts";
import { decodeStepProof, encodeStepProof } from "../../host/dispute/step-proof-file.ts";
import { STEP_PROOF_BYTES_MAX } from "../../host/limits.ts";
import { RejectionCode } from "../../host/outcome.ts";
import { stepJudges } from "../../host/verify/verify-proof.ts";
import { runCli } from "../support/cli.ts";
import { proofFileVectors, stepProofVectors } from "../support/verifier-files.ts";

const UNCLAIMED: Hex = `0x${"00".repeat(32)}`;

const fileOf = (name: string): Uint8Array =>
  fromHex(proofFileVectors().find((vector) => vector.name === name)!.file);

/** A raw proof as a file: on the order of a real one, which no judge of steps looks at. */
function wrapped({ pre, proof, post = UNCLAIMED }: { pre: Hex; proof: Hex; post?: Hex }) {
  const head = decodeStepProof(fileOf("step proof"));
  return encodeStepProof({
    ...head,
    pre: fromHex(pre, 32),
    proof: fromHex(proof),
    post: fromHex(post, 32),
  });
}

interface Ran {
  readonly code: number;
  readonly line: string;
}

let folder: string;
let wasmer: WasiJudge;
let module: WebAssembly.Module;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-wasi-"));
  module = new WebAssembly.Module(readFileSync("dist/judge.wasm"));
  wasmer = await openWasiJudge();
}, 120_000);
afterAll(async () => {
  await wasmer.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Hex digits of the longest proof that a file holds. */
const PROOF_DIGITS = 2 + 2 * STEP_PROOF_BYTES_MAX;
const NODE_EVERY = 8;

/** Runs the command in Node's WASI with `file` as stdin. */
async function inNode(file: Uint8Array): Promise<Ran> {
  const { WASI } = await import("node:wasi");
  const stdinPath = join(folder, "stdin");
  const stdoutPath = join(folder, "stdout");
  writeFileSync(stdinPath, file);
  const stdin = openSync(stdinPath, "r");
  const stdout = openSync(stdoutPath, "w");
  try {
    const wasi = new WASI({ version: "preview1", stdin, stdout, returnOnExit: true });
    const instance = new WebAssembly.Instance(
      module,
      wasi.getImportObject() as WebAssembly.Imports,
    );
    const code = wasi.start(instance) as unknown as number;
    return { code, line: readFileSync(stdoutPath, "utf8") };
  } finally {
    closeSync(stdin);
    closeSync(stdout);
  }
}

const expectedOf = (file: Uint8Array) => {
  const { pre, proof } = decodeStepProof(file);
  const verdict = stepJudges.typescript(pre, proof);
  expect(stepJudges.assemblyscript(pre, proof)).toEqual(verdict);
  return verdict;
};

describe("judge.wasm", () => {
  it("imports three calls of WASI and nothing else", () => {
    expect(
      WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`),
    ).toMatchInlineSnapshot(`
      [
        "wasi_snapshot_preview1.proc_exit",
        "wasi_snapshot_preview1.fd_write",
        "wasi_snapshot_preview1.fd_read",
      ]
    `);
  });

  it("says in Wasmer and in Node what both judges say to all vectors that fit a file", {
    timeout: 300_000,
  }, async () => {
    const vectors = stepProofVectors().filter(({ proof }) => proof.length <= PROOF_DIGITS);
    expect(vectors.length).toBeGreaterThan(90);
    for (const [i, vector] of vectors.entries()) {
      const file = wrapped(vector);
      const expected = expectedOf(file);
      expect(await wasmer.judge(file), vector.name).toEqual(expected);
      // Each instance reserves 10 GiB of Node's address space until it is collected.
      if (i % NODE_EVERY !== 0) continue;
      const said = await inNode(file);
      expect(verdictOf(said.code, said.line), vector.name).toEqual(expected);
      if (vector.post !== undefined) expect(said).toEqual({ code: 0, line: `${vector.post}\n` });
    }
  });

  it("knows the name of every rejection", () => {
    const source = readFileSync("assembly/judge/index.ts", "utf8");
    const names = /const NAMES =([^;]*);/.exec(source)![1]!.replace(/["+\n]/g, " ");
    expect(names.trim().split(/\s+/)).toEqual(Object.keys(RejectionCode));
    expect(Object.values(RejectionCode)).toEqual(Object.keys(RejectionCode).map((_, i) => i + 1));
  });

  it("exits with 3 where the step leads to another state than the file claims", async () => {
    const file = fileOf("step proof that claims another state");
    const { code, line } = await inNode(file);
    expect(code).toBe(3);
    expect(verdictOf(code, line)).toEqual(expectedOf(file));
  });

  it("shows nothing for bytes that are no step proof file", async () => {
    const good = fileOf("step proof");
    const edited = (at: number, value: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    };
    const bad = [
      new Uint8Array(0),
      good.slice(0, -1),
      Uint8Array.from([...good, 0]),
      edited(0, 0x71),
      edited(8, 3),
      edited(10, 2),
      edited(340, good[340]! ^ 1),
      new Uint8Array(20_000).fill(1),
      fileOf("state proof of an account"),
    ];
    for (const file of bad)
      expect(await inNode(file)).toEqual({ code: 1, line: "NO_STEP_PROOF\n" });
    expect(await wasmer.judge(good.slice(0, -1))).toBeUndefined();
  });
});

describe("plasma verify --judge wasi", () => {
  it.each([
    ["step proof", 0],
    ["step proof that claims another state", 3],
    ["step proof with a changed leaf", 1],
  ])(
    "judges %s as the judges of the host do, exit %i",
    { timeout: 120_000 },
    async (name, code) => {
      writeFileSync(join(folder, "one.step.proof"), fileOf(name));
      const wasi = await runCli(["verify", "one.step.proof", "--judge", "wasi", "--json"], {
        cwd: folder,
      });
      const host = await runCli(["verify", "one.step.proof", "--json"], { cwd: folder });
      expect(wasi.code).toBe(code);
      expect(wasi.json).toEqual({ ...host.json, judge: "wasi" });
    },
  );

  it("finds a cut file unusable and does not take a state proof", {
    timeout: 120_000,
  }, async () => {
    writeFileSync(join(folder, "cut.step.proof"), fileOf("step proof").slice(0, -1));
    const cut = await runCli(["verify", "cut.step.proof", "--judge", "wasi"], { cwd: folder });
    expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining("BYTES_TRUNCATED") });
    writeFileSync(join(folder, "a.state.proof"), fileOf("state proof of an account"));
    const state = await runCli(["verify", "a.state.proof", "--judge", "wasi"], { cwd: folder });
    expect(state).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("CLI_ARGUMENT_INVALID"),
    });
  });

  it("says how to install the runtime where it is missing", async () => {
    vi.doMock("@wasmer/sdk/node", () => {
      throw new TypeError("Cannot find package '@wasmer/sdk'");
    });
    try {
      await expect(openWasiJudge()).rejects.toMatchObject({
        code: "JUDGE_WASI_MISSING",
        hint: expect.stringContaining("npm install @wasmer/sdk"),
      });
    } finally {
      vi.doUnmock("@wasmer/sdk/node");
    }
  });
});
