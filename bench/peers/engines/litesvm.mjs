// litesvm (Solana's runtime as a library): SPL token transfers, one transaction each, given as bytes to
// its native class, which is faster than its JavaScript one. `unsigned` has signature checks off,
// `signed` on. There is no state root and there are no blocks.
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { createRequire } from "node:module";
import { seededRandom } from "../random.mjs";

const internal = createRequire(import.meta.url)("litesvm/dist/internal.js");

// TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA
const TOKEN_PROGRAM = Buffer.from(
  "06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9",
  "hex",
);
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");
const TOKENS_EACH = 1_000_000_000;
const LAMPORTS = 1_000_000_000n;
const AMOUNT_MAX = 1_000;
/** SPL token instruction number of `Transfer`. */
const TRANSFER = 3;

const sha256 = (text) => createHash("sha256").update(text).digest();

function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** An initialised mint: no authorities. */
function mintData(supply) {
  const data = Buffer.alloc(82);
  u64(supply).copy(data, 36);
  data[45] = 1;
  return data;
}

/** An initialised token account. */
function tokenData(mint, owner, amount) {
  const data = Buffer.alloc(165);
  mint.copy(data, 0);
  owner.copy(data, 32);
  u64(amount).copy(data, 64);
  data[108] = 1;
  return data;
}

/** A legacy message with one SPL transfer; the owner pays the fee. */
function transferMessage({ owner, source, target, amount, blockhash }) {
  const keys = [owner, source, target, TOKEN_PROGRAM];
  const data = Buffer.concat([Buffer.of(TRANSFER), u64(amount)]);
  // Header: 1 signature, 0 read-only signers, 1 read-only other; then keys, blockhash, instruction.
  return Buffer.concat([
    Buffer.of(1, 0, 1, keys.length),
    ...keys,
    blockhash,
    Buffer.of(1, 3, 3, 1, 2, 0, data.length),
    data,
  ]);
}

function makeAccounts(accounts, seed) {
  return Array.from({ length: accounts }, (_, i) => {
    const secret = Buffer.concat([PKCS8_ED25519, sha256(`${seed} owner ${i}`)]);
    const key = createPrivateKey({ key: secret, format: "der", type: "pkcs8" });
    const owner = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
    return { key, owner, token: sha256(`${seed} token ${i}`), balance: TOKENS_EACH };
  });
}

function openMachine(owners, mint, isChecking) {
  // As LiteSVM's constructor does; duplicate transactions are let through (no history).
  const svm = new internal.LiteSvm();
  svm.setSigverify(isChecking);
  svm.setBlockhashCheck(false);
  svm.setTransactionHistory(0n);
  const put = (address, data, program, lamports) =>
    svm.setAccount(address, new internal.Account(lamports, data, program, false, 0n));
  put(mint, mintData(TOKENS_EACH * owners.length), TOKEN_PROGRAM, LAMPORTS);
  for (const { owner, token } of owners) {
    put(owner, Buffer.alloc(0), Buffer.alloc(32), LAMPORTS);
    put(token, tokenData(mint, owner, TOKENS_EACH), TOKEN_PROGRAM, LAMPORTS);
  }
  return svm;
}

export async function open({ accounts, blockSize, seed }) {
  const owners = makeAccounts(accounts, seed);
  const mint = sha256(`${seed} mint`);
  const blockhash = sha256(`${seed} blockhash`);
  const random = seededRandom(seed);
  const machines = {
    unsigned: openMachine(owners, mint, false),
    signed: openMachine(owners, mint, true),
  };

  const signedTransfer = () => {
    const from = random.below(accounts);
    const to = (from + 1 + random.below(accounts - 1)) % accounts;
    const amount = 1 + random.below(AMOUNT_MAX);
    owners[from].balance -= amount;
    owners[to].balance += amount;
    const { owner, token: source, key } = owners[from];
    const target = owners[to].token;
    const message = transferMessage({ owner, source, target, amount, blockhash });
    return Buffer.concat([Buffer.of(1), sign(null, message, key), message]);
  };

  const timed = (svm, transactions) => {
    const start = performance.now();
    for (const bytes of transactions) {
      const result = svm.sendLegacyTransaction(bytes);
      if (result instanceof internal.FailedTransactionMetadata) {
        throw new Error(`a transfer failed: ${result.toString()}`);
      }
    }
    return (transactions.length * 1_000) / (performance.now() - start);
  };

  return {
    facts: { accounts, blockSize, stateRoot: "none", metering: "compute units" },
    round() {
      const transactions = Array.from({ length: blockSize }, signedTransfer);
      return {
        unsigned: timed(machines.unsigned, transactions),
        signed: timed(machines.signed, transactions),
      };
    },
    check() {
      for (const svm of Object.values(machines)) {
        for (let i = 0; i < accounts; i += Math.max(1, Math.floor(accounts / 50))) {
          const { token, balance } = owners[i];
          const got = Number(Buffer.from(svm.getAccount(token).data()).readBigUInt64LE(64));
          if (got !== balance) throw new Error(`account ${i}: got ${got}, expected ${balance}`);
        }
      }
    },
  };
}
