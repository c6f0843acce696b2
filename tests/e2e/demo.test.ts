// The demo as a user meets it: everything as expected, and the three commands that it prints work as
// printed. It takes half a minute alone and more beside other tests.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lie, lieKinds, lies } from "../../host/chain/lies.ts";
import { type CliRun, runCli } from "../support/cli.ts";

let folder: string;
let demo: CliRun;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "plasma-demo-"));
  demo = await runCli(["demo", "--json"], { cwd: folder });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The exit code and output of a line that was printed for a shell. */
async function shell(line: string): Promise<{ code: number; stdout: string }> {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd: folder });
    return { code: 0, stdout };
  } catch (error) {
    return error as { code: number; stdout: string };
  }
}

describe("plasma demo", () => {
  it("executes 10 blocks of 1,000 transfers and replays them elsewhere", () => {
    expect(demo.code, demo.stderr).toBe(0);
    expect(demo.json).toMatchObject({ blocks: 10, transactions: 10_000, replayed: 10, ok: true });
    // The deployment and the 999 transfers that fund the accounts are replayed too.
    expect(demo.json.signaturesChecked).toBe(11_000);
  });

  it("tells every lie and finds each as the table of lies says", () => {
    expect(demo.json.lies.map(({ kind }: { kind: string }) => kind)).toEqual(lieKinds);
    for (const { kind, verdict, code, asExpected } of demo.json.lies) {
      const lie: Lie = lies[kind as keyof typeof lies];
      expect([verdict, asExpected], kind).toEqual([lie.verdict, true]);
      expect(code?.startsWith(lie.code ?? "") ?? lie.code === undefined, `${kind}: ${code}`).toBe(
        true,
      );
    }
  });

  it("prints three commands that work as printed", async () => {
    const [whole, lie, tamper] = demo.json.next as string[];
    expect(await shell(whole!)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("anchored: yes"),
    });
    expect(await shell(lie!)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining("finding[RECEIPT_MISMATCH]"),
    });
    expect((await shell(tamper!)).code).toBe(0);
    const told = await runCli(["replay", ".plasma/demo/mine.bundle", "--json"], { cwd: folder });
    expect([told.code, told.json.blocks[0].finding.code]).toEqual([3, "STATE_ROOT_MISMATCH"]);
  });

  it("leaves bundles, lies, contracts, state and what it found", () => {
    for (const name of [
      "blocks/12.bundle",
      "lies/wrong-gas.bundle",
      "contracts/token.wasm",
      "state",
    ]) {
      expect(existsSync(join(folder, ".plasma/demo", name)), name).toBe(true);
    }
    const report = JSON.parse(readFileSync(join(folder, ".plasma/demo/demo.json"), "utf8"));
    expect(report).toEqual(demo.json);
  });

  it("refuses to replace a folder that is no demo", async () => {
    const other = join(folder, "other");
    mkdirSync(join(other, ".plasma/demo"), { recursive: true });
    writeFileSync(join(other, ".plasma/demo/mine.txt"), "dear");
    const { code, json } = await runCli(["demo", "--json"], { cwd: other });
    expect([code, json.error.code]).toEqual([1, "FOLDER_NOT_EMPTY"]);
  });
});
