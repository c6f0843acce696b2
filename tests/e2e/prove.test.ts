// `plasma prove` from the store that `plasma run` leaves, and what `plasma verify` says of the files; `plasma inspect`
// on a ledger log.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromHex } from "../../host/codec/hex.ts";
import { runCli } from "../support/cli.ts";

let folder: string;
let addresses: Record<string, string>;
let blocks: readonly { readonly block: string; readonly stateRoot: string }[];
const plasma = (...args: string[]) => runCli(args, { cwd: folder });

const transfer = { from: "alice", to: "bob", value: "1000" };
const scenario = (count: number) => ({
  rules: "general",
  seed: "prove",
  accounts: { alice: { balance: "1000000000000" }, bob: {} },
  blocks: Array.from({ length: count }, () => ({ transactions: [transfer] })),
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-prove-"));
  for (const count of [1, 2]) {
    writeFileSync(join(folder, `${count}.json`), JSON.stringify(scenario(count)));
    const { code, json } = await plasma("run", `${count}.json`, "-o", `out${count}`, "--json");
    expect(code).toBe(0);
    blocks = json.blocks;
  }
  const receipts = JSON.parse(readFileSync(join(folder, "out2/receipts.json"), "utf8"));
  addresses = receipts.addresses;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("plasma prove", () => {
  it("writes a proof of an account that verify finds bound to the last block", async () => {
    const bob = addressOf("bob");
    const { code, json } = await plasma(
      ...["prove", bob, "--state", "out2/state", "-o", "bob.state.proof", "--json"],
    );
    const last = blocks.at(-1)!;
    expect({ code, ...json }).toMatchObject({ code: 0, kind: "account", address: bob });
    expect(json).toMatchObject({ height: "2", block: last.block, stateRoot: last.stateRoot });
    const verified = await plasma("verify", "bob.state.proof", "--json");
    expect({ code: verified.code, ...verified.json }).toMatchObject({ code: 0, claim: "stands" });
    expect(verified.json.about).toMatchObject({ block: last.block, address: bob });
    // nonce 0, balance 2,000
    expect(json.value.slice(0, 50)).toBe(
      `0x${"0".repeat(16)}${(2_000).toString(16).padStart(32, "0")}`,
    );
  });

  it("proves at the first block too, whose parent is genesis", async () => {
    const { code, json } = await plasma(
      ...["prove", addressOf("alice"), "--state", "out1/state", "-o", "first.proof", "--json"],
    );
    expect({ code, height: json.height }).toEqual({ code: 0, height: "1" });
    const verified = await plasma("verify", "first.proof", "--json");
    expect(verified.json.about.block).toBe(json.block);
  });

  it("proves that there is nothing", async () => {
    const key = `${addressOf("bob")}:0x${"11".repeat(32)}`;
    const { code, stdout } = await plasma(
      ...["prove", key, "--state", "out2/state", "-o", "nothing.state.proof"],
    );
    expect(code).toBe(0);
    expect(stdout).toContain("that there is nothing");
    const verified = await plasma("verify", "nothing.state.proof", "--json");
    expect(verified.json.about).toMatchObject({ kind: "storage", value: null });
  });

  it("refuses what is no key, no store, or there already", async () => {
    const failure = async (...args: string[]) => {
      const { code, json } = await plasma("prove", ...args, "--json");
      return { code, error: json.error.code };
    };
    const bob = addressOf("bob");
    const fails = (error: string) => ({ code: 1, error });
    expect(await failure("0x12", "-o", "x")).toEqual(fails("CLI_ARGUMENT_INVALID"));
    expect(await failure(`${bob}:0x12`, "-o", "x")).toEqual(fails("CLI_ARGUMENT_INVALID"));
    expect(await failure(bob, "-o", "-")).toEqual(fails("CLI_ARGUMENT_INVALID"));
    expect(await failure(bob, "-o", "x")).toEqual(fails("STATE_NOT_A_STORE"));
    expect(await failure(bob, "-o", "2.json", "--state", "out2/state")).toEqual(
      fails("FILE_EXISTS"),
    );
  });
});

describe("plasma inspect", () => {
  it("says what is in a ledger log", async () => {
    const { file } = JSON.parse(readFileSync("fixtures/vectors/ledger.json", "utf8"));
    writeFileSync(join(folder, "ledger.log"), fromHex(file));
    const { code, json } = await plasma("inspect", "ledger.log", "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: "ledger log", commands: 7, registered: 1, signers: 4 });
    expect(json.kinds).toMatchObject({ register: 1, deposit: 1, order: 1, rules: 1, pause: 1 });
    expect(json.environments).toHaveLength(1);
    const { stdout } = await plasma("inspect", "ledger.log");
    expect(stdout).toContain("7 commands");
  });
});

const addressOf = (name: string): string => addresses[name]!;
