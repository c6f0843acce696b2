// Prices out of measured time: so much gas that every class takes the same time per gas, which is the median of
// what they take now. Prices are whole, in the ranges that rules allow, and round, since
// the figures behind them are not exact. Where an instruction is faster than its least price, it stays there.
import { fields } from "../../host/rules/fields.ts";
import type { GasRules } from "../../host/rules/rules.ts";
import type { ProbeResult } from "./measure-probe.ts";

/** A price of the schedule, as it is and as measured time would have it. */
export interface MeasuredPrice {
  /** Field of `gas`, such as `hostCalls.emit.unit`. */
  readonly price: string;
  readonly present: number;
  readonly measured: number;
  /** The probe that asks for most. */
  readonly probe: string;
}

/** Prices closer than this to what they are say nothing. */
export const DIFFERS = 0.25;

/** What `plasma rules` reads as a preset with changes. */
export type ScheduleDocument = {
  readonly preset: "general";
  readonly gas: Groups;
};

type Groups = Record<string, Record<string, number | Record<string, number>>>;

/** The number at `instructions.alu` or `hostCalls.emit.unit`. */
export function priceAt(gas: GasRules, path: string): number {
  let value: unknown = gas;
  for (const key of path.split(".")) value = (value as Record<string, unknown>)[key];
  return value as number;
}

/** The price as rules allow it. */
function withinRange(path: string, price: number): number {
  const field = fields.find((one) => one.path.join(".") === `gas.${path}`);
  return field?.form === "integer" ? Math.min(field.max, Math.max(field.min, price)) : price;
}

/** Two significant digits, up. */
export function rounded(value: number): number {
  const whole = Math.max(1, Math.ceil(value - 0.3));
  if (whole < 20) return whole;
  const step = 10 ** (Math.floor(Math.log10(whole)) - 1);
  return Math.ceil(whole / step) * step;
}

/**
 * The price of every class that was timed. `nanosPerGas` is what a gas shall take; bases come before units,
 * which are paid beside them.
 */
export function measuredPrices(
  gas: GasRules,
  probes: readonly ProbeResult[],
  nanosPerGas: number,
): MeasuredPrice[] {
  const paths = [...new Set(probes.map(({ price }) => price))];
  const bases = new Map<string, number>();
  return paths
    .toSorted((a, b) => Number(a.endsWith(".unit")) - Number(b.endsWith(".unit")))
    .map((price) => {
      const present = priceAt(gas, price);
      const moved = bases.get(price.replace(".unit", ".base")) ?? 0;
      const wanted = probes
        .filter((probe) => probe.price === price)
        .map(({ name, nanos, gas: paid, units }) => ({
          probe: name,
          price: present + (nanos.median / nanosPerGas - paid - moved) / units,
        }))
        .reduce((a, b) => (b.price > a.price ? b : a));
      const measured = withinRange(price, rounded(wanted.price));
      if (price.endsWith(".base")) bases.set(price, measured - present);
      return { price, present, measured, probe: wanted.probe };
    });
}

/** A rules file: a preset with these prices. */
export function scheduleDocument(prices: readonly MeasuredPrice[]): ScheduleDocument {
  const gas: Groups = {};
  for (const { price, measured } of prices) {
    const [group, name, part] = price.split(".") as [string, string, string?];
    const members = (gas[group] ??= {});
    if (part === undefined) members[name] = measured;
    else members[name] = { ...(members[name] as Record<string, number>), [part]: measured };
  }
  return { preset: "general", gas };
}
