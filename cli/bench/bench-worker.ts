// The bench thread: answers one measurement. It stands in for the execution thread of an environment
// and must not do anything an environment would not do, or the figures are not those of one.
import { serveRequests } from "../../host/environment/worker-server.ts";
import type { BenchMethods } from "./bench-methods.ts";
import { measureDisk } from "./measure-disk.ts";
import { measureMachine } from "./measure-machine.ts";
import { measureMetering } from "./measure-metering.ts";
import { measureProbes } from "./measure-probes.ts";
import { measureProof } from "./measure-proof.ts";
import { measureReplay } from "./measure-replay.ts";
import { measureScenario } from "./measure-scenario.ts";
import { measureState } from "./measure-state.ts";
import { measureTransfers } from "./measure-transfers.ts";

serveRequests<BenchMethods>({
  metering: measureMetering,
  transfers: measureTransfers,
  replay: measureReplay,
  scenario: measureScenario,
  machine: measureMachine,
  probes: measureProbes,
  proof: measureProof,
  disk: measureDisk,
  state: measureState,
});
