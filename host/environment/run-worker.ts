// A thread that runs blocks in the machine for the player of a dispute: each run goes forward on its own, so that
// several threads commit to parts of the same one (parallel-states.ts).
import { decodeBundle } from "../chain/bundle.ts";
import { falseRun } from "../dispute/false-run.ts";
import { EngineError } from "../errors.ts";
import { BundleRun } from "../machine/bundle-run.ts";
import type { RunStates } from "../machine/run-states.ts";
import { nativeStateHasher } from "./native.ts";
import type { RunMethods } from "./run-methods.ts";
import { serveRequests } from "./worker-server.ts";

const runs = new Map<number, RunStates>();

function opened(run: number): RunStates {
  const states = runs.get(run);
  if (states !== undefined) return states;
  throw new EngineError({
    code: "HOST_FAULT",
    message: `run ${run} was not opened in this thread`,
  });
}

serveRequests<RunMethods>({
  open({ run, bundle: bytes, falsehood }) {
    const bundle = decodeBundle(bytes);
    const hasher = nativeStateHasher();
    const states =
      falsehood === undefined ? new BundleRun(bundle, hasher) : falseRun(bundle, falsehood, hasher);
    runs.set(run, states);
    return undefined;
  },
  end: ({ run }) => opened(run).end(),
  stateAt: ({ run, step }) => opened(run).stateAt(step),
  prove: ({ run, step }) => opened(run).prove(step),
  commit: ({ run, from, stride, count }) => opened(run).commit(from, stride, count),
  close({ run }) {
    runs.get(run)?.close();
    runs.delete(run);
    return undefined;
  },
});
