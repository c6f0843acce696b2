// ethereumjs (EVM in JavaScript): ERC-20 transfers, one state root per block. `unsigned` is bare runCall;
// `signed` is runTx of transactions parsed from bytes: recovery of the sender, nonce, fee, receipt.
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { MerkleStateManager } from "@ethereumjs/statemanager";
import { createTxFromRLP } from "@ethereumjs/tx";
import { Account, Address, bytesToBigInt } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import { EVM_VERSION } from "../evm/compile-token.mjs";
import { CHAIN_ID, EvmLoad, GAS_LIMIT, NATIVE_BALANCE, TOKEN_ADDRESS } from "../evm/evm-load.mjs";

const FUNDING_GAS = 50_000_000n;

export async function open({ accounts, blockSize, seed, tokenCode }) {
  const load = new EvmLoad({ accounts, seed });
  const chain = { ...Mainnet, chainId: CHAIN_ID };
  const common = new Common({ chain, hardfork: Hardfork[capital(EVM_VERSION)] });
  const stateManager = new MerkleStateManager({ common });
  const vm = await createVM({ common, stateManager });
  const token = new Address(TOKEN_ADDRESS);
  await stateManager.checkpoint();
  await stateManager.putAccount(token, new Account());
  await stateManager.putCode(token, Buffer.from(tokenCode, "hex"));
  for (const address of load.addresses) {
    await stateManager.putAccount(new Address(address), new Account(0n, NATIVE_BALANCE));
  }
  const call = async (from, data, gasLimit = BigInt(GAS_LIMIT)) => {
    const caller = new Address(load.addresses[from]);
    const { execResult } = await vm.evm.runCall({ caller, to: token, data, gasLimit });
    if (execResult.exceptionError !== undefined) throw new Error(execResult.exceptionError.error);
    return execResult.returnValue;
  };
  for (const data of load.fundingInputs()) {
    load.takeNonce(0);
    await call(0, data, FUNDING_GAS);
  }
  await stateManager.commit();
  await stateManager.getStateRoot();

  /** Transfers per second of a block: `run` for each item, then commit and root. */
  const timedBlock = async (items, run) => {
    const start = performance.now();
    await stateManager.checkpoint();
    for (const item of items) await run(item);
    await stateManager.commit();
    await stateManager.getStateRoot();
    return (items.length * 1_000) / (performance.now() - start);
  };

  return {
    facts: { accounts, blockSize, stateRoot: "per block", metering: "gas" },
    async round() {
      const signed = load.transfers(blockSize).map((transfer) => load.sign(transfer));
      const signedRate = await timedBlock(signed, async (bytes) => {
        const tx = createTxFromRLP(bytes, { common });
        const { execResult } = await runTx(vm, { tx, skipBlockGasLimitValidation: true });
        if (execResult.exceptionError !== undefined) throw new Error("a transfer failed");
      });
      // A bare call counts the caller's nonce up, as a transaction does.
      const bare = load.transfers(blockSize);
      const unsigned = await timedBlock(bare, ({ from, data }) => call(from, data));
      return { unsigned, signed: signedRate };
    },
    async check() {
      for (const account of load.sample()) {
        const got = Number(bytesToBigInt(await call(0, load.balanceInput(account))));
        const expected = load.balances[account];
        if (got !== expected)
          throw new Error(`account ${account}: got ${got}, expected ${expected}`);
      }
    },
  };
}

const capital = (name) => name[0].toUpperCase() + name.slice(1);
