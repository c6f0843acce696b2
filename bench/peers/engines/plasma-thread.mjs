// The thread in which Plasma's transfers are measured, in the three modes of `plasma bench transfers` and
// with its load: without signature checks, with them, and with them and a flush to the default store.
// All three must come to the same state root.
import { buildFixture } from "../../../dist/cli/bench/fixtures.js";
import { benchStore, TransferEnvironment } from "../../../dist/cli/bench/transfer-environment.js";
import { TransferLoad } from "../../../dist/cli/bench/transfer-load.js";
import { serveRequests } from "../../../dist/host/environment/worker-server.js";

let load;
let environments;

async function open({ storePath, ...shape }) {
  const { wasm, abi } = await buildFixture("token");
  load = new TransferLoad({ ...shape, tokenWasm: wasm, tokenAbi: abi });
  const unsigned = await TransferEnvironment.open(load, await benchStore(undefined));
  load.environmentId = unsigned.id.slice();
  environments = {
    unsigned,
    signed: await TransferEnvironment.open(load, await benchStore(undefined)),
    durable: await TransferEnvironment.open(load, await benchStore(storePath)),
  };
  for (const body of load.fundingBodies()) {
    for (const environment of Object.values(environments)) await environment.execute(body);
  }
  environments.signed.signatures.checking = true;
  environments.durable.signatures.checking = true;
}

/** Blocks of a round: the next one is always asked for, as where requests queue up. */
const ROUND_BLOCKS = 8;

async function round() {
  const [bodies] = load.turns(1, ROUND_BLOCKS);
  const transfers = bodies.reduce((sum, { length }) => sum + length, 0);
  const rates = {};
  for (const [mode, environment] of Object.entries(environments)) {
    const start = performance.now();
    await environment.executeAll(bodies);
    rates[mode] = (transfers * 1_000) / (performance.now() - start);
  }
  return rates;
}

async function check() {
  const roots = Object.values(environments).map(({ stateRoot }) => stateRoot);
  if (new Set(roots).size !== 1) throw new Error(`the modes differ: ${roots.join(", ")}`);
  for (const environment of Object.values(environments)) await environment.close();
}

serveRequests({ open, round, check });
