// What is measured: each engine with its package, its modes in words, and its load at each size. The
// slower an engine, the fewer accounts and transfers it gets; the table says how many.

/** Name of ours; the others are its peers. */
export const OURS = "plasma";

/**
 * modes: mode -> what one unit is, and the mode of ours that it stands beside.
 * packageName: read for its version. Loads: [accounts, transfers per block].
 */
export const engines = [
  {
    name: OURS,
    modes: {
      unsigned: {
        what: "eight blocks with receipts, root and fee, signatures off",
        beside: "unsigned",
      },
      signed: { what: "the same, signatures checked", beside: "signed" },
      durable: { what: "the same, flushed to disk", beside: "durable" },
    },
    small: [1_000, 100],
    large: [100_000, 1_000],
  },
  {
    name: "edr",
    packageName: "@nomicfoundation/edr",
    modes: {
      unsigned: { what: "evm_mine of a queued block, with root", beside: "unsigned" },
      signed: { what: "pre-signed: decode, recover, queue, mine, root", beside: "signed" },
      ownKeys: { what: "EDR signs, queues, mines, with root", beside: "signed" },
    },
    small: [1_000, 100],
    large: [100_000, 1_000],
  },
  {
    name: "litesvm",
    packageName: "litesvm",
    modes: {
      unsigned: { what: "SPL transfer, signatures off, no root", beside: "unsigned" },
      signed: { what: "SPL transfer, Ed25519 verified, no root", beside: "signed" },
    },
    small: [1_000, 100],
    large: [2_000, 1_000],
  },
  {
    name: "ethereumjs",
    packageName: "@ethereumjs/vm",
    modes: {
      unsigned: { what: "bare runCall, one root per block", beside: "unsigned" },
      signed: { what: "runTx, sender recovered, one root per block", beside: "signed" },
    },
    small: [500, 50],
    large: [5_000, 250],
  },
  {
    name: "cosmwasm",
    packageName: "@terran-one/cosmwasm-vm-js",
    modes: {
      unsigned: { what: "cw20 message, one instance, no gas, no root", beside: "unsigned" },
      newInstance: { what: "cw20 message, new instance, no gas, no root", beside: "unsigned" },
    },
    small: [500, 100],
    large: [10_000, 1_000],
  },
];
