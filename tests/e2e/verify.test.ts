// `plasma verify` on every kind of file, and the step proofs that `plasma trace --at STEP --prove FILE` writes: exit
// codes that speak about the claim, JSON by its schema, and what damaged files are answered with.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { joinDeployInput } from "../../host/chain/transaction.ts";
import { fromHex } from "../../host/codec/hex.ts";
import { decodeStepProof, encodeStepProof } from "../../host/dispute/step-proof-file.ts";
import { callCli } from "../support/cli.ts";
import { addressOfName, TestChain } from "../support/test-chain.ts";
import { wasmOf } from "../support/wat.ts";

let folder: string;
let chain: TestChain;
const BOB = fromHex(addressOfName("bob"), 20);
/** Steps of the block: 11 of a transfer, then those of a small deployment. */
const STEP = "7";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-verify-"));
  chain = await TestChain.open();
  const wasm = wasmOf(
    `(module (func (export "main") (drop (i32.add (i32.const 4) (i32.const 5)))))`,
  );
  const input = joinDeployInput(wasm, new Uint8Array(0));
  const { bundle } = await chain.block([
    chain.sign("alice", { kind: "call", to: BOB, value: 5n }),
    chain.sign("alice", { kind: "deploy", input }),
  ]);
  write("1.bundle", bundle);
  write("fraud.bundle", chain.tamper(bundle, { kind: "wrong-gas", seed: "verify" }));
  write("forged.bundle", chain.tamper(bundle, { kind: "forged-witness", seed: "verify" }));
  const address = addressOfName("bob");
  write("bob.state.proof", chain.core.proveState({ kind: "account", address }));
  await plasma("trace", "1.bundle", "--at", STEP, "--prove", "7.step.proof");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, bytes: Uint8Array) => writeFileSync(join(folder, name), bytes);
const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const plasma = (...args: string[]) => callCli(args, { cwd: folder });
const verify = async (name: string, ...args: string[]) => {
  const { code, json } = await plasma("verify", name, "--json", ...args);
  return { exit: code, ...json };
};
const changed = (from: string, to: string, at: number, bit = 1) => {
  const bytes = read(from);
  bytes.set([bytes.at(at)! ^ bit], (bytes.length + at) % bytes.length);
  write(to, bytes);
  return to;
};

const STANDS = { exit: 0, valid: true, claim: "stands", reason: null };
const unusable = (code: string) => ({ exit: 1, valid: false, claim: null, reason: { code } });

describe("plasma verify", () => {
  it("judges a bundle as replay does", async () => {
    const bundle = { kind: "bundle", judge: "replay" };
    expect(await verify("1.bundle")).toMatchObject({ ...bundle, ...STANDS });
    const fraud = { exit: 3, valid: true, claim: "refuted", reason: { code: "RECEIPT_MISMATCH" } };
    expect(await verify("fraud.bundle")).toMatchObject({ ...bundle, ...fraud });
    expect(await verify("forged.bundle")).toMatchObject({ ...bundle, exit: 1, claim: null });
    const { stdout } = await plasma("verify", "fraud.bundle");
    expect(stdout).toContain("fraud.bundle: bundle, the claim is refuted\n");
    expect(stdout).toContain("look:     plasma trace fraud.bundle --tx");
  });

  it("judges a step proof by both judges, or one", async () => {
    const file = { kind: "step proof", ...STANDS };
    expect(await verify("7.step.proof")).toMatchObject({ ...file, judge: "both" });
    for (const judge of ["typescript", "assemblyscript"]) {
      expect(await verify("7.step.proof", "--judge", judge)).toMatchObject({ ...file, judge });
    }
    const { stdout } = await plasma("verify", "7.step.proof");
    expect(stdout).toContain("7.step.proof: step proof, the claim stands\n");
    expect(stdout).toContain(`not shown  that the first state is the one before step ${STEP}`);
  });

  it("refutes a step proof that claims another state", async () => {
    const name = changed("7.step.proof", "lie.step.proof", -1);
    const refuted = { exit: 3, valid: true, claim: "refuted", reason: { code: "STEP_MISMATCH" } };
    expect(await verify(name)).toMatchObject({ kind: "step proof", ...refuted });
    const { stdout } = await plasma("verify", name);
    expect(stdout).toContain("the claim is refuted");
    expect(stdout).toContain("finding[STEP_MISMATCH]");
  });

  it("says nothing about the claim of a damaged step proof", async () => {
    const cases: readonly [name: string, code: string][] = [
      [changed("7.step.proof", "byte.step.proof", 500), "PROOF_REFUSED"],
      [changed("7.step.proof", "format.step.proof", 10), "FILE_FORMAT"],
      ["cut.step.proof", "BYTES_TRUNCATED"],
      ["long.step.proof", "BYTES_TRAILING"],
    ];
    write("cut.step.proof", read("7.step.proof").subarray(0, 400));
    write("long.step.proof", Uint8Array.from([...read("7.step.proof"), 0]));
    for (const [name, code] of cases) {
      expect(await verify(name), name).toMatchObject({ kind: "step proof", ...unusable(code) });
    }
    const { stdout } = await plasma("verify", "byte.step.proof");
    expect(stdout).toContain("byte.step.proof: step proof, unusable\n");
  });

  it("judges a state proof, and names the block that it speaks of", async () => {
    const { block } = (await plasma("inspect", "1.bundle", "--json")).json;
    const about = { block, height: "1", kind: "account", address: addressOfName("bob") };
    expect(await verify("bob.state.proof")).toMatchObject({
      kind: "state proof",
      ...STANDS,
      about,
    });
    const { stdout } = await plasma("verify", "bob.state.proof");
    expect(stdout).toContain(`block      ${block}, height 1\n`);
    const name = changed("bob.state.proof", "lie.state.proof", -1);
    expect(await verify(name)).toMatchObject(unusable("STATE_PROOF_ROOT"));
  });

  it("refuses what is no evidence, and judges that are none", async () => {
    write("dispute", Uint8Array.from([...new TextEncoder().encode("PLASMAVM"), 4, 0, 1]));
    write("text", new TextEncoder().encode("hello"));
    const errorOf = async (...args: string[]) => {
      const { exit, error } = await verify(...(args as [string]));
      return [exit, error.code];
    };
    expect(await verify("dispute")).toMatchObject({ kind: "dispute log", valid: false });
    expect(await errorOf("text")).toEqual([1, "FILE_MAGIC"]);
    expect(await errorOf("nowhere")).toEqual([1, "FILE_NOT_FOUND"]);
    expect(await errorOf("7.step.proof", "--judge", "x")).toEqual([1, "CLI_ARGUMENT_INVALID"]);
    expect(await errorOf("1.bundle", "--judge", "both")).toEqual([1, "CLI_ARGUMENT_INVALID"]);
  });

  it("is understood by inspect, which judges nothing", async () => {
    const step = await plasma("inspect", "lie.step.proof", "--json");
    expect(step.json).toMatchObject({ kind: "step proof", height: "1", step: STEP });
    expect(step.code).toBe(0);
    const state = await plasma("inspect", "bob.state.proof", "--json");
    expect(state.json).toMatchObject({ kind: "state proof", class: "account" });
    expect((await plasma("inspect", "bob.state.proof")).stdout).toContain("state proof");
  });
});

describe("plasma trace --at", () => {
  it("prints JSON of its schema, with the proof that it wrote", async () => {
    const at = ["trace", "1.bundle", "--at", STEP, "--json"];
    const { code, json } = await plasma(...at, "--prove", "again.step.proof");
    expect(code).toBe(0);
    const { pre, step } = decodeStepProof(read("again.step.proof"));
    expect(json).toMatchObject({
      step: String(step),
      stateHash: `0x${Buffer.from(pre).toString("hex")}`,
      transaction: 0,
      firstStep: "0",
      kind: "phase",
      pc: null,
      proof: "again.step.proof",
    });
    const again = encodeStepProof(decodeStepProof(read("again.step.proof")));
    expect(again).toEqual(read("7.step.proof"));
  });

  it("shows words, with or without the transaction's number", async () => {
    const { json: trace } = await plasma("trace", "1.bundle", "--tx", "1", "--json");
    // Far enough behind the first step to be inside prepare.
    const at = String(BigInt(trace.firstStep) + 400n);
    const { json } = await plasma("trace", "1.bundle", "--at", at, "--json");
    expect(json).toMatchObject({ transaction: 1, callDepth: 1, step: at });
    expect(json.kind).toMatch(/^(word|host call)$/);
    const named = await plasma("trace", "1.bundle", "--tx", "1", "--at", at, "--json");
    expect(named.json).toEqual(json);
  });

  it("writes the proof alone to stdout for -", async () => {
    const { code, stdout } = await plasma("trace", "1.bundle", "--at", STEP, "--prove", "-");
    expect(code).toBe(0);
    expect(stdout.startsWith("PLASMAVM\u0002")).toBe(true);
  });

  it("refuses steps that are none, and --prove without --at", async () => {
    const errorOf = async (...args: string[]) => {
      const { code, json } = await plasma("trace", "1.bundle", "--json", ...args);
      return [code, json.error.code];
    };
    expect(await errorOf("--at", "1e3")).toEqual([1, "CLI_ARGUMENT_INVALID"]);
    expect(await errorOf("--at", "-1")).toEqual([1, "CLI_ARGUMENT_INVALID"]);
    expect(await errorOf("--at", "4294967297")).toEqual([1, "TRACE_STEP"]);
    expect(await errorOf("--at", STEP, "--tx", "1")).toEqual([1, "TRACE_STEP"]);
    expect(await errorOf("--at", STEP, "--tx", "2")).toEqual([1, "TRACE_TRANSACTION"]);
    expect(await errorOf("--tx", "0", "--prove", "x")).toEqual([1, "CLI_ARGUMENT_MISSING"]);
    expect(await errorOf()).toEqual([1, "CLI_ARGUMENT_MISSING"]);
  });
});
