// Prices out of measured time: in proportion, whole, round, and never below what rules allow.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  measuredPrices,
  movedLimits,
  priceAt,
  rounded,
  scheduleDocument,
} from "../../../cli/bench/gas-schedule.ts";
import type { ProbeResult } from "../../../cli/bench/measure-probe.ts";
import { fields } from "../../../host/rules/fields.ts";
import { hostCallCostMin } from "../../../host/rules/least-costs.ts";
import { parseRules } from "../../../host/rules/parse-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";

const { gas } = presetRules("general");
const even = (value: number) => ({ q1: value, median: value, q3: value });

/** A probe that pays its price `units` times and `beside` other gas. */
const result = (price: string, nanos: number, beside = 0, units = 1, name = price): ProbeResult => {
  const paid = beside + units * priceAt(gas, price);
  return {
    ...{ name, price, units, gas: paid, nanos: even(nanos), nanosPerGas: even(nanos / paid) },
    ...{ firstNanosPerGas: 0, loops: 1, gasFixed: 0, output: new Uint8Array(0) },
  };
};

describe("measured prices", () => {
  it("make a body take the wanted time per gas, what it pays beside its price included", () => {
    const [price] = measuredPrices(gas, [result("instructions.divide", 60, 10)], 2);
    expect(price).toMatchObject({ price: "instructions.divide", present: 8, measured: 20 });
  });

  it("follow the probe that asks for most, and name it", () => {
    const probes = [
      result("instructions.alu", 6, 0, 1, "fast"),
      result("instructions.alu", 20, 0, 1, "slow"),
    ];
    expect(measuredPrices(gas, probes, 2)).toEqual([
      { price: "instructions.alu", present: gas.instructions.alu, measured: 10, probe: "slow" },
    ]);
  });

  it("take what a base pays off the price of its units", () => {
    const { base, unit } = gas.hostCalls.emit;
    // The base alone should be twice what it is; ten units then cost what is left.
    const probes = [
      result("hostCalls.emit.unit", 4 * base + 10 * unit * 2 + 2_000, base, 10),
      result("hostCalls.emit.base", 4 * base),
    ];
    const prices = new Map(measuredPrices(gas, probes, 2).map((one) => [one.price, one.measured]));
    expect(prices.get("hostCalls.emit.base")).toBe(2 * base);
    expect(prices.get("hostCalls.emit.unit")).toBe(rounded(unit + 100));
  });

  it("stay at the greatest price that rules allow where the work is slower", () => {
    const [grow] = measuredPrices(gas, [result("instructions.memory_grow", 140_000)], 2);
    expect(grow!.measured).toBe(65_535);
  });

  it("stay at the least price where the work is faster", () => {
    const [price] = measuredPrices(gas, [result("hostCalls.storage_open.base", 1)], 2);
    expect(price!.measured).toBe(hostCallCostMin.storage_open.base);
    const [alu] = measuredPrices(gas, [result("instructions.alu", 0.01)], 2);
    expect(alu!.measured).toBe(1);
  });

  it("are rounded up to two digits above twenty", () => {
    expect([0.2, 1.2, 1.4, 19.2, 20.4, 101, 1_234, 99_001].map(rounded)).toEqual([
      1, 1, 2, 19, 21, 110, 1_300, 100_000,
    ]);
  });

  it("make a rules file that keeps everything else of the preset", () => {
    const probes = [result("instructions.divide", 60), result("hostCalls.keccak256.unit", 9_000)];
    const rules = parseRules(scheduleDocument(measuredPrices(gas, probes, 2)));
    const { instructions, hostCalls } = rules.gas;
    expect(instructions).toEqual({ ...gas.instructions, divide: 30 });
    expect(hostCalls).toEqual({
      ...gas.hostCalls,
      keccak256: { base: gas.hostCalls.keccak256.base, unit: 4_500 },
    });
  });

  it("move the limits that they contradict, no further than rules ask for", () => {
    // As a machine would have them that was busy while it measured bytes of input.
    const slow = { price: "intrinsic.transactionLeaf", present: 450, measured: 55_000, probe: "" };
    expect(movedLimits([slow])).toEqual([
      ["messages.gas", "1790000"],
      ["messages.inboxPerBlockMax", 74],
    ]);
    const quick = [
      { price: "entry.base", present: gas.entry.base, measured: 300, probe: "" },
      { price: "hostCalls.call.base", present: 4_000, measured: 200, probe: "" },
    ];
    const { perBlock, perTransaction } = parseRules(scheduleDocument(quick)).gas;
    expect([perBlock < gas.perBlock, perTransaction]).toEqual([true, perBlock]);
    expect(movedLimits([])).toEqual([]);
  });

  it("make a rules file that rules accept, whatever was measured", () => {
    const paths = fields.flatMap((field) => {
      const [group, ...path] = field.path;
      return group === "gas" && field.form === "integer"
        ? [{ price: path.join("."), min: field.min, max: field.max }]
        : [];
    });
    const measuredOf = ({ price, min, max }: (typeof paths)[number]) =>
      fc
        .oneof(
          fc.constantFrom(min, max),
          fc.integer({ min, max }),
          fc.integer({ min, max: Math.min(max, 100 * min) }),
        )
        .map((measured) => ({ price, present: priceAt(gas, price), measured, probe: "" }));
    const schedules = fc.subarray(paths).chain((some) => fc.tuple(...some.map(measuredOf)));
    fc.assert(
      fc.property(schedules, (prices) => {
        const rules = parseRules(scheduleDocument(prices));
        for (const { price, measured } of prices) expect(priceAt(rules.gas, price)).toBe(measured);
      }),
      { seed: 77_005, numRuns: 300 },
    );
  });
});
