// EDR (revm behind Hardhat's JSON-RPC): blocks of ERC-20 transfers, each block with its state root.
// `unsigned` is evm_mine alone; `signed` adds eth_sendRawTransaction of transactions that were signed
// before (decoding, recovery of the sender, queue); `ownKeys` lets EDR sign and queue them itself.
import edr from "@nomicfoundation/edr";
import { EVM_VERSION } from "../evm/compile-token.mjs";
import {
  CHAIN_ID,
  EvmLoad,
  GAS_LIMIT,
  GAS_PRICE,
  NATIVE_BALANCE,
  TOKEN_ADDRESS,
} from "../evm/evm-load.mjs";

/** Accounts that EDR holds the keys of. */
const OWNED = 1_000;
const FUNDING_GAS = 50_000_000;
const BLOCK_GAS = 10_000_000_000n;

const hex = (bytes) => `0x${Buffer.from(bytes).toString("hex")}`;
const quantity = (value) => `0x${BigInt(value).toString(16)}`;

async function openProvider(load, tokenCode) {
  const context = new edr.EdrContext();
  await context.registerProviderFactory(edr.L1_CHAIN_TYPE, edr.l1ProviderFactory());
  const accounts = load.addresses.map((address) => ({ address, balance: NATIVE_BALANCE }));
  const token = { address: TOKEN_ADDRESS, balance: 0n, code: Buffer.from(tokenCode, "hex") };
  const config = {
    allowBlocksWithSameTimestamp: true,
    allowUnlimitedContractSize: false,
    bailOnCallFailure: true,
    bailOnTransactionFailure: true,
    chainId: BigInt(CHAIN_ID),
    coinbase: Buffer.alloc(20, 0xfe),
    defaultTransactionGasLimit: BigInt(GAS_LIMIT),
    genesisState: [...accounts, token],
    hardfork: EVM_VERSION,
    initialBaseFeePerGas: 1n,
    initialParentBeaconBlockRoot: Buffer.alloc(32),
    minGasPrice: 0n,
    mining: { autoMine: false, blockGasLimit: BLOCK_GAS, memPool: { order: "Fifo" } },
    network: { genesisBlockGasLimit: BLOCK_GAS },
    networkId: BigInt(CHAIN_ID),
    observability: {},
    ownedAccounts: load.keys.slice(0, OWNED).map(hex),
    precompileOverrides: [],
    transactionGasCap: false,
  };
  const logger = {
    enable: false,
    decodeConsoleLogInputsCallback: () => [],
    printLineCallback: () => undefined,
  };
  const subscriptions = { subscriptionCallback: () => undefined };
  const decoder = new edr.ContractDecoder();
  return context.createProvider(edr.L1_CHAIN_TYPE, config, logger, subscriptions, decoder);
}

function caller(provider) {
  let id = 0;
  return async (method, ...params) => {
    id += 1;
    const request = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const { data } = await provider.handleRequest(request);
    const answer = typeof data === "string" ? JSON.parse(data) : data;
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  };
}

export async function open({ accounts, blockSize, seed, tokenCode }) {
  const load = new EvmLoad({ accounts, seed });
  const call = caller(await openProvider(load, tokenCode));
  const send = (transfer) => call("eth_sendRawTransaction", hex(load.sign(transfer)));
  for (const data of load.fundingInputs()) {
    await send({ from: 0, nonce: load.takeNonce(0), data, gasLimit: FUNDING_GAS });
    await call("evm_mine");
  }

  /** Queues with `queue`, then mines; both in milliseconds. */
  const timedBlock = async (items, queue) => {
    const start = performance.now();
    for (const item of items) await queue(item);
    const queued = performance.now();
    await call("evm_mine");
    const end = performance.now();
    const block = await call("eth_getBlockByNumber", "latest", false);
    if (block.transactions.length !== items.length) {
      throw new Error(`got a block of ${block.transactions.length}, expected ${items.length}`);
    }
    return { mine: end - queued, all: end - start };
  };

  return {
    facts: { accounts, blockSize, stateRoot: "per block", metering: "gas" },
    async round() {
      const raw = load.transfers(blockSize).map((transfer) => hex(load.sign(transfer)));
      const signed = await timedBlock(raw, (bytes) => call("eth_sendRawTransaction", bytes));
      const owned = load.transfers(blockSize, Math.min(OWNED, accounts)).map(({ from, data }) => ({
        from: hex(load.addresses[from]),
        to: hex(TOKEN_ADDRESS),
        gas: quantity(GAS_LIMIT),
        gasPrice: quantity(GAS_PRICE),
        data: hex(data),
      }));
      const own = await timedBlock(owned, (fields) => call("eth_sendTransaction", fields));
      const perSecond = (millis) => (blockSize * 1_000) / millis;
      return {
        unsigned: perSecond(signed.mine),
        signed: perSecond(signed.all),
        ownKeys: perSecond(own.all),
      };
    },
    async check() {
      for (const account of load.sample()) {
        const to = hex(TOKEN_ADDRESS);
        const data = hex(load.balanceInput(account));
        const got = Number(BigInt(await call("eth_call", { to, data }, "latest")));
        const expected = load.balances[account];
        if (got !== expected)
          throw new Error(`account ${account}: got ${got}, expected ${expected}`);
      }
    },
  };
}
