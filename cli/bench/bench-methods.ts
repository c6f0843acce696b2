// What can be asked of the bench thread, with parameters and results by method; all of it survives a
// structured clone. The measuring code behind each method is in the file named after it.
import type { DiskParams, DiskResult } from "./measure-disk.ts";
import type { MachineParams, MachineResult } from "./measure-machine.ts";
import type { MeteringParams, MeteringResult } from "./measure-metering.ts";
import type { ProbesParams, ProbesResult } from "./measure-probes.ts";
import type { ProofParams, ProofResult } from "./measure-proof.ts";
import type { ReplayParams, ReplayResult } from "./measure-replay.ts";
import type { ScenarioParams, ScenarioResult } from "./measure-scenario.ts";
import type { StateParams, StateResult } from "./measure-state.ts";
import type { TransfersParams, TransfersResult } from "./measure-transfers.ts";

export interface BenchMethods {
  metering: { params: MeteringParams; result: MeteringResult };
  transfers: { params: TransfersParams; result: TransfersResult };
  scenario: { params: ScenarioParams; result: ScenarioResult };
  replay: { params: ReplayParams; result: ReplayResult };
  machine: { params: MachineParams; result: MachineResult };
  probes: { params: ProbesParams; result: ProbesResult };
  proof: { params: ProofParams; result: ProofResult };
  disk: { params: DiskParams; result: DiskResult };
  state: { params: StateParams; result: StateResult };
}

/** Tells how many units of work are done. */
export type BenchProgress = (done: number) => void;
