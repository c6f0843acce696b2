// The gas snapshot as a file: stable text, what is compared, and files that are none.
import { describe, expect, it } from "vitest";
import {
  gasChanges,
  gasChangesText,
  gasSnapshot,
  gasSnapshotText,
  readGasSnapshot,
} from "../../../cli/gas-snapshot.ts";

const log = "Token.transfer\t300\ndeploy Token\t9000\nToken.transfer\t100\nToken.transfer\t110\n";
const snapshot = gasSnapshot(log);

describe("a gas snapshot", () => {
  it("has a line for each method, sorted, whatever the order of the calls", () => {
    const text = gasSnapshotText(snapshot);
    expect(text).toBe(`{
  "v": 1,
  "methods": {
    "Token.transfer": { "calls": 3, "min": 100, "median": 110, "max": 300 },
    "deploy Token": { "calls": 1, "min": 9000, "median": 9000, "max": 9000 }
  }
}
`);
    const shuffled = log.trimEnd().split("\n").reverse().join("\n");
    expect(gasSnapshotText(gasSnapshot(shuffled))).toBe(text);
    expect(gasChanges(readGasSnapshot(text, "gas.json"), snapshot)).toEqual([]);
  });

  it("differs by figure, by a new method and by one that is gone, but not by how often", () => {
    const now = gasSnapshot(
      "Token.transfer\t100\nToken.transfer\t110\nToken.transfer\t310\nToken.burn\t5\n",
    );
    expect(gasChanges(snapshot, now)).toEqual([
      { method: "Token.burn", figure: "median", was: null, is: 5 },
      { method: "Token.transfer", figure: "max", was: 300, is: 310 },
      { method: "deploy Token", figure: "median", was: 9000, is: null },
    ]);
    expect(gasChangesText(gasChanges(snapshot, now)).split("\n")).toEqual([
      "method                was   is   delta",
      "Token.burn            -     5    new",
      "Token.transfer (max)  300   310  +10 (+3.3 %)",
      "deploy Token          9000  -    gone",
    ]);
    const more = gasSnapshot(`${log}Token.transfer\t110\n`);
    expect(gasChanges(snapshot, more)).toEqual([]);
  });

  it.each([
    ["no JSON", "{"],
    ["another version", '{"v": 2, "methods": {}}'],
    ["no methods", '{"v": 1}'],
    [
      "a figure that is no number",
      '{"v":1,"methods":{"a":{"calls":1,"min":1,"median":"1","max":1}}}',
    ],
    ["null", "null"],
  ])("is refused with %s", (_, text) => {
    expect(() => readGasSnapshot(text, "gas.json")).toThrowError(
      expect.objectContaining({ code: "GAS_SNAPSHOT_INVALID" }),
    );
  });
});
