// The opcode table and what is generated from it: the table in docs/machine.md and the dispatch numbers of
// the AssemblyScript machine. UPDATE_GOLDEN=1 rewrites both.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeDispatch, describeOpcodes, opcodeTable } from "../../host/machine/opcode-table.ts";
import { operandCount } from "../oracle/numeric.ts";
import { root } from "../support/source-files.ts";

const update = process.env.UPDATE_GOLDEN === "1";
const marked = /(<!-- words: .* -->\n)[\s\S]*(<!-- end of words -->)/;

function expectFile(path: string, wanted: (now: string) => string): void {
  const file = join(root, path);
  const now = readFileSync(file, { encoding: "utf8", flag: "a+" });
  const text = wanted(now);
  if (update) writeFileSync(file, text);
  else
    expect(now, "run UPDATE_GOLDEN=1 npx vitest run tests/golden/opcode-table.test.ts").toBe(text);
}

describe("the opcode table", () => {
  it("is the table of docs/machine.md", () => {
    expectFile("docs/machine.md", (page) =>
      page.replace(marked, (_, open, close) => `${open}\n${describeOpcodes()}\n\n${close}`),
    );
  });

  it("gives the machine its dispatch numbers", () => {
    expectFile("assembly/machine/opcodes.ts", () => describeDispatch());
  });

  it("pops as many operands as the oracle's numeric instructions take", () => {
    const numeric = opcodeTable.filter(({ opcode }) => opcode >= 0x45 && opcode <= 0xc4);
    for (const { opcode, pops } of numeric) expect(pops.length).toBe(operandCount(opcode));
    expect(numeric).toHaveLength(66);
  });

  it("traps only where docs/program.md says so", () => {
    const trapping = opcodeTable.filter(({ traps }) => traps.length > 0);
    expect(trapping.map(({ name }) => name).join(" ")).toBe(
      "unreachable call_indirect i32.load i64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u " +
        "i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u i32.store i64.store " +
        "i32.store8 i32.store16 i64.store8 i64.store16 i64.store32 i32.div_s i32.div_u i32.rem_s i32.rem_u " +
        "i64.div_s i64.div_u i64.rem_s i64.rem_u memory.copy memory.fill charge_check charge_units depth host",
    );
  });
});
