// cosmwasm-vm-js (CosmWasm's host in JavaScript on V8): cw20 transfers as JSON messages. `unsigned` keeps
// one instance; `newInstance` builds one per call from the Wasm, as CosmWasm itself gives each call its
// own. It meters nothing, checks no signatures and has no state root.
import { createRequire } from "node:module";
import { compileAssemblyScript } from "../compile-assemblyscript.mjs";
import { seededRandom } from "../random.mjs";

const require = createRequire(import.meta.url);
const {
  BasicBackendApi,
  BasicKVIterStorage,
  BasicQuerier,
  VMInstance,
} = require("@terran-one/cosmwasm-vm-js");

const TOKENS_EACH = 1_000_000_000;
const AMOUNT_MAX = 1_000;
const ENV = {
  block: { height: 1_337, time: "2000000000", chain_id: "peers-1" },
  contract: { address: "wasm1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqtoken" },
};
/** New instances are an order of magnitude slower: a part of a block is enough. */
const NEW_INSTANCE_PART = 10;

const addressOf = (account) => `wasm1${String(account).padStart(38, "q")}`;
const keyOf = (account) => Buffer.from(`\0\x07balance${addressOf(account)}`, "latin1");

export async function open({ accounts, blockSize, seed }) {
  const wasm = await compileAssemblyScript(new URL("../cosmwasm/token.ts", import.meta.url));
  const random = seededRandom(seed);
  const balances = Array.from({ length: accounts }, () => TOKENS_EACH);
  const backend = {
    backend_api: new BasicBackendApi("wasm"),
    storage: new BasicKVIterStorage(),
    querier: new BasicQuerier(),
  };
  for (let i = 0; i < accounts; i++) backend.storage.set(keyOf(i), Buffer.from(`"${TOKENS_EACH}"`));
  const kept = new VMInstance(backend);
  await kept.build(wasm);

  const transfers = (count) =>
    Array.from({ length: count }, () => {
      const from = random.below(accounts);
      const to = (from + 1 + random.below(accounts - 1)) % accounts;
      const amount = 1 + random.below(AMOUNT_MAX);
      balances[from] -= amount;
      balances[to] += amount;
      const info = { sender: addressOf(from), funds: [] };
      return { info, message: { transfer: { recipient: addressOf(to), amount: String(amount) } } };
    });

  const executeOn = (vm, { info, message }) => {
    const answer = vm.execute(ENV, info, message).json;
    if (answer.ok === undefined) throw new Error(`a transfer failed: ${JSON.stringify(answer)}`);
  };

  return {
    facts: { accounts, blockSize, stateRoot: "none", metering: "none" },
    async round() {
      const all = transfers(blockSize);
      let start = performance.now();
      for (const transfer of all) executeOn(kept, transfer);
      const unsigned = (all.length * 1_000) / (performance.now() - start);
      const some = transfers(Math.max(1, Math.round(blockSize / NEW_INSTANCE_PART)));
      start = performance.now();
      for (const transfer of some) {
        const vm = new VMInstance(backend);
        await vm.build(wasm);
        executeOn(vm, transfer);
      }
      return { unsigned, newInstance: (some.length * 1_000) / (performance.now() - start) };
    },
    check() {
      for (let i = 0; i < accounts; i++) {
        const got = Number(JSON.parse(Buffer.from(backend.storage.get(keyOf(i))).toString()));
        if (got !== balances[i])
          throw new Error(`account ${i}: got ${got}, expected ${balances[i]}`);
      }
    },
  };
}
