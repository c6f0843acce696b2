// Scenarios whose names have no text: found by fixtures/hostile, kept here as the least input that failed.
// String() of such a value throws, and overflows the stack where it is nested; both were reported as bugs.
import { describe, expect, it } from "vitest";
import { parseScenario } from "../../cli/scenario/parse-scenario.ts";

const scenario = (transaction: string): string =>
  `{"rules":"payments","seed":"s","accounts":{"alice":{}},"blocks":[{"transactions":[${transaction}]}]}`;

describe("a scenario of a stranger", () => {
  it.each([
    ['{"toString":1,"valueOf":1}', "has no text"],
    ["[[[[[[[[]]]]]]]]", "is nested"],
  ])("is refused with a code when a name is %s, which %s", (value) => {
    const unknown = expect.objectContaining({ code: "SCENARIO_NAME_UNKNOWN" });
    expect(() => parseScenario(scenario(`{"from":${value},"to":"alice"}`))).toThrowError(unknown);
    expect(() => parseScenario(scenario(`{"from":"alice","to":${value}}`))).toThrowError(unknown);
    const deploy = `{"from":"alice","deploy":"a.wasm","as":${value}}`;
    const invalid = expect.objectContaining({ code: "SCENARIO_NAME_INVALID" });
    expect(() => parseScenario(scenario(deploy))).toThrowError(invalid);
  });

  it("is refused with a code however deep it nests", () => {
    const nested = "[".repeat(20_000) + "]".repeat(20_000);
    const syntax = expect.objectContaining({ code: "SCENARIO_SYNTAX" });
    expect(() => parseScenario(scenario(`{"from":${nested},"to":"alice"}`))).toThrowError(syntax);
  });
});
