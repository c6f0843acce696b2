// Words of other tools, as far as the commands that exist can serve them.
import { describe, expect, it } from "vitest";
import { foreignHint } from "../../../cli/foreign-words.ts";

describe("foreignHint", () => {
  it("sends users of other tools to the command that does it here", () => {
    const commands = ["build", "new", "run", "view", "send", "dev"];
    expect(foreignHint("compile", commands)).toBe('"plasma build" compiles contracts');
    expect(foreignHint("call", commands)).toBe(
      '"plasma view" reads, "plasma send" makes a transaction',
    );
    expect(foreignHint("anvil", commands)).toContain("plasma dev");
  });

  it("falls back to commands that exist, and says nothing rather than name one that does not", () => {
    expect(foreignHint("call", ["run"])).toContain("plasma run");
    expect(foreignHint("call", [])).toBeUndefined();
    expect(foreignHint("wallet", ["run"])).toBeUndefined();
    expect(foreignHint("frobnicate", ["run"])).toBeUndefined();
    expect(foreignHint("constructor", ["run"])).toBeUndefined();
  });
});
