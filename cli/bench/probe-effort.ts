// How long the suites that run probes stay with each, by size.
import type { ProbeEffort } from "./measure-probe.ts";
import type { BenchSize } from "./suite.ts";

export const PROBE_EFFORTS: Readonly<Record<BenchSize, ProbeEffort>> = {
  small: {
    ...{ rounds: 1, blockMillis: 0.2, warmMillis: 0 },
    ...{ firstGas: 50_000, valuesMax: 1_024, modulesDividedBy: 16 },
  },
  large: {
    ...{ rounds: 15, blockMillis: 3, warmMillis: 80 },
    ...{ firstGas: 4_000_000, valuesMax: 2 ** 20, modulesDividedBy: 1 },
  },
};

export const PROBE_SEED = "none: the probes are fixed";
