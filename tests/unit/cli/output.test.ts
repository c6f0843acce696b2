// The forms of results and failures, and what each kind of thrown value means for the exit code.

import picocolors from "picocolors";
import { describe, expect, it } from "vitest";
import { ExitCode } from "../../../cli/exit-codes.ts";
import {
  documentText,
  failureDocument,
  failureOf,
  failureText,
  hostFaultLines,
  tableText,
  whereText,
} from "../../../cli/output.ts";
import { AssertionError, EngineError } from "../../../host/errors.ts";

const plain = picocolors.createColors(false);

describe("a failure", () => {
  it("is the user's to fix when it is an EngineError: exit 1, with where and fix", () => {
    const failure = failureOf(
      new EngineError({
        code: "RULES_RANGE",
        message: "gas.perBlock: got 0, expected 1 to 9",
        where: { file: "rules.json", field: "gas.perBlock" },
      }),
    );
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failureText(failure, plain)).toBe(
      "error[RULES_RANGE]: gas.perBlock: got 0, expected 1 to 9\n" +
        "  where: rules.json, gas.perBlock\n" +
        "  fix:   choose a value inside the range; docs/rules.md gives the reason for it\n",
    );
    expect(failureDocument(failure)).toEqual({
      error: {
        code: "RULES_RANGE",
        message: "gas.perBlock: got 0, expected 1 to 9",
        where: { file: "rules.json", field: "gas.perBlock" },
        hint: "choose a value inside the range; docs/rules.md gives the reason for it",
      },
    });
  });

  it("is our bug otherwise: exit 70, code BUG, and a stack for the report", () => {
    for (const thrown of [new TypeError("x is undefined"), new AssertionError("impossible")]) {
      const failure = failureOf(thrown);
      expect([failure.code, failure.exitCode]).toEqual(["BUG", 70]);
      expect(failure.stack).toContain("output.test.ts");
      expect(failureText(failure, plain)).toContain("report the command");
    }
    expect(failureOf("a string").message).toBe("a string");
  });

  it("tells its place from the file inward, and the file once", () => {
    expect(
      whereText({
        file: "token.wasm",
        function: 12,
        functionName: "transfer",
        byteOffset: 0x3a1,
        source: "assembly/token.ts:48:3",
      }),
    ).toBe("token.wasm, function 12 (transfer), byte 0x3a1, assembly/token.ts:48:3");
    expect(whereText({ file: "a.ts", source: "a.ts:1:2" })).toBe("a.ts:1:2");
    expect(whereText({ file: "-", height: 3n, transaction: 4 })).toBe(
      "stdin, height 3, transaction 4",
    );
    expect(whereText({})).toBe("");
  });
});

describe("a result", () => {
  it("is one line of JSON with v first and bigints as decimal strings", () => {
    expect(documentText({ gas: 2n ** 64n, list: [1n] })).toBe(
      '{"v":1,"gas":"18446744073709551616","list":["1"]}\n',
    );
  });

  it("tells which transaction the machine executed, and of which program", () => {
    expect(
      hostFaultLines([{ transaction: 3, program: "0x12", message: "no memory" }])[0],
    ).toContain("V8 failed on transaction 3 in the program 0x12 (no memory); the machine");
    expect(hostFaultLines([{ transaction: 0, message: "m" }])[0]).toContain("transaction 0 (m)");
  });

  it("aligns tables without borders or trailing spaces", () => {
    expect(
      tableText(
        ["name", "value"],
        [
          ["a", "1"],
          ["long name", "22"],
        ],
      ),
    ).toBe("name       value\na          1\nlong name  22");
  });
});
