// Every example that a command's help ends with, run as printed in one folder that looks like what
// `plasma new` makes. A help that shows what does not work is worse than none.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CliCommand } from "../../cli/command.ts";
import { loadCommands } from "../../cli/commands.ts";
import { callCli } from "../support/cli.ts";

/** Minutes long or in need of an installed project, with a test of their own. */
const elsewhere = ["demo", "test"];

const scenario = {
  rules: "payments",
  seed: "examples",
  accounts: { alice: { balance: "1000000" } },
  blocks: [
    {
      time: "1700000000",
      transactions: [
        { from: "alice", deploy: "build/counter.wasm", args: ["0"], as: "counter" },
        { from: "alice", to: "counter", call: "increment", args: ["5"] },
      ],
    },
  ],
};

const commands = await loadCommands();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-examples-"));
  mkdirSync(join(folder, "assembly"));
  cpSync("fixtures/contracts/counter.ts", join(folder, "assembly/counter.ts"));
  writeFileSync(join(folder, "scenario.json"), JSON.stringify(scenario));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Words of a line as a shell would split it; the examples use double quotes only. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]!);

const examplesOf = (command: CliCommand): readonly string[] => [
  ...(command.subcommands ?? []).flatMap(examplesOf),
  ...(command.examples ?? []),
];

describe("the examples in the help", () => {
  for (const command of commands) {
    if (elsewhere.includes(command.name)) continue;
    for (const line of examplesOf(command)) {
      it(`${line} works`, { timeout: 180_000 }, async () => {
        const [program, ...args] = wordsOf(line);
        expect(program).toBe("plasma");
        const { code, stderr } = await callCli(args, { cwd: folder });
        expect({ code, stderr }).toMatchObject({ code: 0 });
      });
    }
  }
});
