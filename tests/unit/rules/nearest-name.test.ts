// Suggestions for mistyped names.
import { describe, expect, it } from "vitest";
import { nearestName } from "../../../host/rules/nearest-name.ts";

describe("nearestName", () => {
  it("finds the name a few keystrokes away, whatever the case", () => {
    const names = ["build", "bench", "inspect", "replay"];
    expect(nearestName("biuld", names)).toBe("build");
    expect(nearestName("INSPCT", names)).toBe("inspect");
    expect(nearestName("replya", names)).toBe("replay");
  });

  it("finds nothing for what resembles no name, the empty word and very long words", () => {
    expect(nearestName("zzzzz", ["build"])).toBeUndefined();
    expect(nearestName("", ["a"])).toBeUndefined();
    expect(nearestName("b".repeat(65), ["b".repeat(65)])).toBeUndefined();
  });
});
