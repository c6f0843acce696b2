// What is made of measured samples: medians, quartiles, geometric means. Pure arithmetic, used on both
// sides of the bench thread; it must never drop a sample.
import { assert } from "../../host/errors.ts";

/** The three quartiles of a set of samples. */
export interface Quartiles {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
}

/** The value below which the fraction `at` of the samples lies, linear between neighbours. */
export function quantile(samples: readonly number[], at: number): number {
  assert(samples.length > 0, "a quantile needs at least one sample");
  const sorted = [...samples].sort((a, b) => a - b);
  const place = at * (sorted.length - 1);
  const low = Math.floor(place);
  const below = sorted[low]!;
  const above = sorted[Math.min(low + 1, sorted.length - 1)]!;
  return below + (above - below) * (place - low);
}

export function quartiles(samples: readonly number[]): Quartiles {
  return {
    q1: quantile(samples, 0.25),
    median: quantile(samples, 0.5),
    q3: quantile(samples, 0.75),
  };
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function geometricMean(values: readonly number[]): number {
  assert(values.length > 0, "a mean needs at least one value");
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Rounded to `digits` significant digits: what lies behind them is noise. */
export function significant(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

export function significantQuartiles(q: Quartiles): Quartiles {
  return { q1: significant(q.q1), median: significant(q.median), q3: significant(q.q3) };
}

/** 12345 as 12,345. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");
