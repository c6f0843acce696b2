// The comparison of engines must be able to fail: every way in which an answer can be another is a mismatch.
import { describe, expect, it } from "vitest";
import type { CaseResult } from "./cases.ts";
import { compareAnswers } from "./compare-answers.ts";

type Fields = CaseResult["fields"];
const engine = { name: "E", produces: false, again: (name: string) => `again ${name}` };
const answers = (cases: Record<string, Fields>) => ({
  version: "",
  cases: new Map(Object.entries(cases)),
  repeats: 0,
});
const expected = new Map<string, Fields>([
  ["module/1", { gas: "7", memory: "m" }],
  ["produce/a.json/1", { block: "0x1" }],
]);
const compare = (cases: Record<string, Fields>) =>
  compareAnswers(engine, answers(cases), expected).map(
    ({ case: name, field, got, expected: wanted }) => [name, field, got, wanted],
  );

describe("the comparison of engines", () => {
  it("finds nothing where every field is equal, and asks for no scenario of an engine that runs none", () => {
    expect(compare({ "module/1": { gas: "7", memory: "m" } })).toEqual([]);
  });

  it("names the field that differs, with both values and the command", () => {
    const other = { "module/1": { gas: "8", memory: "m" } };
    expect(compare(other)).toEqual([["module/1", "gas", "8", "7"]]);
    expect(compareAnswers(engine, answers(other), expected)[0]?.again).toBe("again module/1");
  });

  it("takes a case without an answer, a field too few or too many, and a case too many as mismatches", () => {
    expect(compare({})).toHaveLength(2);
    expect(compare({ "module/1": { gas: "7" } })).toHaveLength(1);
    expect(compare({ "module/1": { gas: "7", memory: "m", more: "1" } })).toHaveLength(1);
    expect(compare({ "module/1": { gas: "7", memory: "m" }, other: { a: "1" } })).toHaveLength(1);
  });

  it("passes over a field that the engine cannot tell", () => {
    expect(compare({ "module/1": { gas: "7", memory: null } })).toEqual([]);
  });

  it("asks for scenarios where the engine runs them", () => {
    const producing = { ...engine, produces: true };
    const cases = answers({ "module/1": { gas: "7", memory: "m" } });
    expect(compareAnswers(producing, cases, expected)).toHaveLength(1);
  });
});
