// The arithmetic behind benchmark reports, and the comparison with a baseline.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareReports, parsePercent, readBaseline } from "../../../cli/bench/baseline.ts";
import { SeededRandom } from "../../../cli/bench/random.ts";
import { geometricMean, quantile, quartiles } from "../../../cli/bench/samples.ts";

describe("samples", () => {
  it("have the quartiles of the textbook", () => {
    expect(quartiles([4, 1, 3, 2, 5])).toEqual({ q1: 2, median: 3, q3: 4 });
    expect(quartiles([1, 2])).toEqual({ q1: 1.25, median: 1.5, q3: 1.75 });
    expect(quartiles([7])).toEqual({ q1: 7, median: 7, q3: 7 });
  });

  it("have quantiles between their least and greatest, in order", () => {
    const samples = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1 });
    const at = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(samples, at, at, (values, a, b) => {
        const [low, high] = [quantile(values, Math.min(a, b)), quantile(values, Math.max(a, b))];
        return Math.min(...values) <= low && low <= high && high <= Math.max(...values);
      }),
      { seed: 1 },
    );
  });

  it("have a geometric mean that a ratio and its inverse cancel in", () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1);
    expect(geometricMean([1.1, 1.1])).toBeCloseTo(1.1);
  });
});

describe("random numbers of a load", () => {
  it("are the same for a seed, differ between seeds and stay below their bound", () => {
    const draw = (seed: string) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 50 }, () => random.below(1_000));
    };
    expect(draw("a")).toEqual(draw("a"));
    expect(draw("a")).not.toEqual(draw("b"));
    expect(draw("a").every((value) => value >= 0 && value < 1_000)).toBe(true);
    expect(new Set(draw("a")).size).toBeGreaterThan(40);
  });
});

describe("a baseline", () => {
  let folder: string;
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "plasma-baseline-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const metrics = [
    { name: "rate", better: "higher" },
    { name: "ratio", better: "lower" },
  ] as const;

  it("is regressed from by a lower rate and by a higher ratio", () => {
    const changes = compareReports(metrics, { rate: 100, ratio: 1 }, { rate: 80, ratio: 1.25 });
    expect(changes.map(({ worse }) => worse)).toEqual([0.25, 0.25]);
  });

  it("is improved on by the opposite", () => {
    const changes = compareReports(metrics, { rate: 80, ratio: 1.25 }, { rate: 100, ratio: 1 });
    expect(changes.every(({ worse }) => worse < 0)).toBe(true);
  });

  it("leaves out figures that one side lacks", () => {
    expect(compareReports(metrics, { rate: 80 }, { ratio: 1 })).toEqual([]);
  });

  it("is refused when it is of another suite, another size, or no report", () => {
    const other = file("other.json", JSON.stringify({ suite: "replay", size: "small" }));
    const read = (path: string) => () => readBaseline(path, "replay", "large");
    const refused = expect.objectContaining({ code: "BENCH_BASELINE_INVALID" });
    expect(read(other)).toThrow(refused);
    expect(read(file("list.json", "[]"))).toThrow(refused);
    expect(read(file("broken.json", "{"))).toThrow(refused);
    expect(readBaseline(other, "replay", "small")).toMatchObject({ size: "small" });
  });

  it("allows percentages with and without sign and fraction, and nothing else", () => {
    expect([parsePercent("10%"), parsePercent("10"), parsePercent("0.5%")]).toEqual([
      0.1, 0.1, 0.005,
    ]);
    for (const text of ["", "x", "-1%", "1e3", "10 percent"]) {
      expect(() => parsePercent(text)).toThrow(
        expect.objectContaining({ code: "CLI_ARGUMENT_INVALID" }),
      );
    }
  });
});
