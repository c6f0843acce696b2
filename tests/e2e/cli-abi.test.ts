// `plasma abi show|diff` from outside: modules and ABI files, text and JSON, and the exit code that a release
// script relies on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callCli } from "../support/cli.ts";

const token = resolve("fixtures/contracts/build/token.wasm");
const tokenAbi = resolve("fixtures/contracts/build/token.abi.json");
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-abi-"));
  const abi = JSON.parse(readFileSync(tokenAbi, "utf8"));
  abi.methods = abi.methods.filter((method: { name: string }) => method.name !== "approve");
  writeFileSync(join(folder, "next.json"), JSON.stringify(abi));
  writeFileSync(join(folder, "broken.json"), "{");
  writeFileSync(join(folder, "bare.wasm"), Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("plasma abi", () => {
  it("shows methods, events, errors and storage of a module", async () => {
    const { code, stdout } = await callCli(["abi", "show", token], { cwd: folder });
    expect(code).toBe(0);
    for (const text of [
      "contract Token",
      "transfer(to: address, amount: u128): bool",
      "0xf33e6a74",
      "indexed from: address",
      "Insufficient(have: u128, need: u128)",
      "map2<address,address,u128>",
    ])
      expect(stdout).toContain(text);
  });

  it("gives the same ABI of a module as of its file", async () => {
    const module = await callCli(["abi", "show", token, "--json"], { cwd: folder });
    const file = await callCli(["abi", "show", tokenAbi, "--json"], { cwd: folder });
    expect(module.json.abi).toEqual(file.json.abi);
    expect(module.json.abi).toEqual(JSON.parse(readFileSync(tokenAbi, "utf8")));
    const same = await callCli(["abi", "diff", token, tokenAbi], { cwd: folder });
    expect(same).toMatchObject({ code: 0 });
    expect(same.stdout).toContain("the same ABI");
  });

  it("exits with 2 where a method is gone, and with 0 where one is new", async () => {
    const gone = await callCli(["abi", "diff", token, "next.json", "--json"], { cwd: folder });
    expect(gone.code).toBe(2);
    expect(gone.json).toMatchObject({
      same: false,
      breaking: 1,
      changes: [{ part: "method", change: "removed", name: "approve", breaking: true }],
    });
    const text = await callCli(["abi", "diff", token, "next.json"], { cwd: folder });
    expect(text.stdout).toContain("1 of 1 changes break calls or stored data");
    expect(await callCli(["abi", "diff", "next.json", token], { cwd: folder })).toMatchObject({
      code: 0,
    });
  });

  it.each([
    ["missing.json", "FILE_NOT_FOUND"],
    ["broken.json", "ABI_SYNTAX"],
    ["bare.wasm", "ABI_SYNTAX"],
  ])("fails with 1 on %s", async (file, code) => {
    const result = await callCli(["abi", "show", file], { cwd: folder });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(code);
  });
});
