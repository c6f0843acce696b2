// Plasma as it is built in dist/: what `plasma bench transfers` measures, one sample per round, so that
// rounds of the peers lie between ours. The work is in plasma-thread.mjs, on the thread that every
// environment executes in.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorkerClient } from "../../../dist/host/environment/worker-client.js";

export async function open({ accounts, blockSize, seed }) {
  const folder = mkdtempSync(join(tmpdir(), "plasma-peers-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on("exit", remove);
  const worker = new WorkerClient(new URL("./plasma-thread.mjs", import.meta.url));
  await worker.call("open", { accounts, blockSize, seed, storePath: join(folder, "store") });
  return {
    facts: { accounts, blockSize, stateRoot: "per block", metering: "gas" },
    round: () => worker.call("round", {}),
    async check() {
      await worker.call("check", {});
      await worker.close();
      remove();
    },
  };
}
