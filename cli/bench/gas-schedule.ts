// Prices out of measured time: so much gas that every class takes the same time per gas, which is the median of
// what they take now. Prices are whole, in the ranges that rules allow, and round, since
// the figures behind them are not exact. Where an instruction is faster than its least price, it stays there.
import { blockGasMax, messageGasMin } from "../../host/rules/conflicts.ts";
import { fields, setAt, valueAt } from "../../host/rules/fields.ts";
import { rulesToJson } from "../../host/rules/parse-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import type { GasRules, Rules } from "../../host/rules/rules.ts";
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

/** The number at `instructions.alu` or `hostCalls.emit.unit`. */
export function priceAt(gas: GasRules, path: string): number {
  return valueAt(gas, path.split(".")) as number;
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

/** Rules with these prices, whose limits may contradict them. */
function pricedRules(rules: Rules, prices: readonly MeasuredPrice[]): Rules {
  const priced = structuredClone(rules);
  for (const { price, measured } of prices) {
    setAt(priced.gas as unknown as Record<string, unknown>, price.split("."), measured);
  }
  return priced;
}

/**
 * The limits of `general` that do not hold under these prices, and what does, moved no further than needed: a block
 * stays within the machine's steps, and the gas of a message pays for the longest one, or there is no inbox.
 * By path, as in a rules file.
 */
export function movedLimits(
  prices: readonly MeasuredPrice[],
): [path: string, limit: string | number][] {
  const general = presetRules("general");
  const rules = pricedRules(general, prices);
  const perBlock = lesser(rules.gas.perBlock, blockGasMax(rules, [rules]));
  const perTransaction = lesser(rules.gas.perTransaction, perBlock);
  const messageGas = greater(rules.messages.gas, messageGasMin(rules));
  const inbox = messageGas > perTransaction ? 0n : perBlock / messageGas;
  const limits: [path: string, limit: string | number][] = [
    ["gas.perTransaction", String(perTransaction)],
    ["gas.perBlock", String(perBlock)],
    ["messages.gas", String(inbox === 0n ? rules.messages.gas : messageGas)],
    ["messages.inboxPerBlockMax", Math.min(rules.messages.inboxPerBlockMax, Number(inbox))],
  ];
  const present = rulesToJson(general);
  return limits.filter(([path, limit]) => valueAt(present, path.split(".")) !== limit);
}

const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const greater = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** A rules file: `general` with these prices and the limits that hold under them, so that rules accept it. */
export function scheduleDocument(prices: readonly MeasuredPrice[]): Record<string, unknown> {
  const document = { preset: "general" };
  for (const { price, measured } of prices) {
    setAt(document, ["gas", ...price.split(".")], measured);
  }
  for (const [path, limit] of movedLimits(prices)) {
    setAt(document, path.split("."), limit);
  }
  return document;
}
