// kill -9 of a process that keeps a ledger: what was acknowledged is there when the log is opened again, with the log
// hash that was announced, and a record that was cut short at any byte is left out. The child runs dist/, so
// `npm run build` first.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { toHex } from "../../host/codec/hex.ts";
import { LedgerFile } from "../../host/environment/ledger-file.ts";
import { ledgerRoot } from "../../host/settlement/ledger-root.ts";
import { person, signerOf, TestLedger } from "../support/test-ledger.ts";

const child = join(import.meta.dirname, "ledger-child.mjs");
const built = join(import.meta.dirname, "../../dist/host/environment/ledger-file.js");
const ROUNDS = 5;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-ledger-"));
  path = join(folder, "ledger.log");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the child until it has said `lines` lines, kills it; the last whole line that it said. */
function runAndKill(lines: number): Promise<readonly [commands: bigint, logHash: string]> {
  return new Promise((resolve, reject) => {
    const run = spawn(process.execPath, [child, path], { stdio: ["ignore", "pipe", "inherit"] });
    let told: readonly [bigint, string] | undefined;
    let heard = 0;
    createInterface({ input: run.stdout }).on("line", (line) => {
      const [commands, hash] = line.split(" ");
      if (hash?.length === 66) told = [BigInt(commands!), hash];
      if (++heard === lines) run.kill("SIGKILL");
    });
    run.on("close", () =>
      heard >= lines && told !== undefined ? resolve(told) : reject(new Error("it ended before")),
    );
  });
}

it(`loses no acknowledged command in ${ROUNDS} rounds of kill -9`, async () => {
  expect(existsSync(built), "run `npm run build` first").toBe(true);
  const { ground } = new TestLedger();
  const { address } = signerOf("alice");
  const genesis = { salt: new Uint8Array(32), accounts: [{ address, balance: 10n ** 18n }] };
  for (let round = 0; round < ROUNDS; round++) {
    const [commands, logHash] = await runAndKill(1 + 7 * round);
    const ledger = await LedgerFile.open(path, genesis, ground);
    expect(ledger.state.commands).toBeGreaterThanOrEqual(commands);
    // One more may be in the log that the child had no time to speak of.
    if (ledger.state.commands === commands) expect(toHex(ledger.state.logHash)).toBe(logHash);
    else expect(ledger.state.commands).toBe(commands + 1n);
    await ledger.close();
  }
}, 60_000);

/** A log of three transfers: where each record ends, and the root behind it. */
async function threeTransfers() {
  const test = new TestLedger();
  const file = await LedgerFile.open(path, test.genesis, test.ground);
  const ends = [readFileSync(path).length];
  const roots = [toHex(ledgerRoot(file.state))];
  for (const value of [1n, 2n, 3n]) {
    const command = test.sign("alice", { kind: "transfer", to: person("bob"), value });
    expect(test.tryBytes(command)).toBeUndefined();
    await file.apply(test.time, command);
    ends.push(readFileSync(path).length);
    roots.push(toHex(ledgerRoot(file.state)));
  }
  await file.close();
  return { test, ends, roots, bytes: readFileSync(path) };
}

it("leaves out a last record that was cut at any byte, and goes on behind what is whole", async () => {
  const { test, ends, roots, bytes } = await threeTransfers();
  const command = test.log[2]!.command;
  for (let length = ends[2]!; length < bytes.length; length += length % 16 === 0 ? 1 : 13) {
    writeFileSync(path, bytes.subarray(0, length));
    const file = await LedgerFile.open(path, test.genesis, test.ground);
    expect(toHex(ledgerRoot(file.state))).toBe(roots[2]);
    await file.apply(test.time, command);
    await file.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
});

it("begins anew where only a part of the beginning was written, and nothing was acknowledged", async () => {
  const { test, ends, bytes } = await threeTransfers();
  for (const length of [0, 1, ends[0]! - 1]) {
    writeFileSync(path, bytes.subarray(0, length));
    await (await LedgerFile.open(path, test.genesis, test.ground)).close();
    expect(readFileSync(path).equals(bytes.subarray(0, ends[0]))).toBe(true);
  }
});

it("leaves out zeros and garbage of one unfinished write, and refuses damage before the end", async () => {
  const { test, ends, bytes } = await threeTransfers();
  const open = async (content: Uint8Array) => {
    writeFileSync(path, content);
    const file = await LedgerFile.open(path, test.genesis, test.ground);
    await file.close();
    return file.state.commands;
  };
  const zeros = new Uint8Array(bytes.length);
  zeros.set(bytes.subarray(0, ends[2]));
  expect(await open(zeros)).toBe(2n);
  const changed = (at: number) => Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte));
  expect(await open(changed(bytes.length - 1))).toBe(2n);
  for (const at of [ends[0]! + 40, ends[1]! - 1]) {
    await expect(open(changed(at))).rejects.toMatchObject({ code: "SETTLEMENT_LOG_INVALID" });
  }
});

it("refuses the log of another ledger", async () => {
  const { test } = await threeTransfers();
  const other = { ...test.genesis, salt: new Uint8Array(32) };
  await expect(LedgerFile.open(path, other, test.ground)).rejects.toMatchObject({
    code: "SETTLEMENT_OTHER",
  });
});

it("takes commands one after the other, in the order in which they were given", async () => {
  const test = new TestLedger();
  const file = await LedgerFile.open(path, test.genesis, test.ground);
  const commands = [5n, 6n, 7n].map((value) => {
    const command = test.sign("alice", { kind: "transfer", to: person("bob"), value });
    test.tryBytes(command);
    return command;
  });
  await Promise.all(commands.map((command) => file.apply(test.time, command)));
  expect(toHex(ledgerRoot(file.state))).toBe(toHex(ledgerRoot(test.state)));
  await file.close();
});
