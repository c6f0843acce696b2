// What can be asked of a run worker (run-worker.ts), with parameters and results by method; all of it survives a
// structured clone. A worker holds any number of runs, by the number that `open` was given.
import type { Falsehood } from "../dispute/false-run.ts";
import type { ProvenStep, RunEnd, StateAt } from "../machine/bundle-run.ts";

export interface RunMethods {
  /** A run of the bundle's order, or one that lies about it. */
  open: {
    params: {
      readonly run: number;
      readonly bundle: Uint8Array;
      readonly falsehood: Falsehood | undefined;
    };
    result: undefined;
  };
  end: { params: { readonly run: number }; result: RunEnd };
  stateAt: { params: { readonly run: number; readonly step: bigint }; result: StateAt };
  prove: { params: { readonly run: number; readonly step: bigint }; result: ProvenStep };
  commit: {
    params: {
      readonly run: number;
      readonly from: bigint;
      readonly stride: bigint;
      readonly count: number;
    };
    result: Uint8Array;
  };
  close: { params: { readonly run: number }; result: undefined };
}
