// What a player of a dispute asks of a run, whoever computes it: this thread (BundleRun), several threads
// (environment/parallel-states.ts), or a liar. And the form in which it waits for the answers, since threads take their
// time. Every answer must be that of one run: the same step has the same state whenever it is asked for.
import type { ProvenStep, RunEnd, StateAt } from "./bundle-run.ts";

/** A run at hand. BundleRun is one; its docs say what each method gives and throws. */
export interface RunStates {
  end(): RunEnd;
  stateAt(step: bigint): StateAt;
  prove(step: bigint): ProvenStep;
  commit(from: bigint, stride: bigint, count: number): Uint8Array;
  close(): void;
}

/** The same, later. */
export type LaterStates = {
  [Name in keyof RunStates]: (
    ...parameters: Parameters<RunStates[Name]>
  ) => Promise<ReturnType<RunStates[Name]>>;
};

/** A run at hand, for whoever waits. */
export function later(states: RunStates): LaterStates {
  return {
    end: async () => states.end(),
    stateAt: async (step) => states.stateAt(step),
    prove: async (step) => states.prove(step),
    commit: async (from, stride, count) => states.commit(from, stride, count),
    close: async () => states.close(),
  };
}
