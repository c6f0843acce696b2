// The process of one environment: its mempool on this thread, its state and execution on the execution thread, its
// folder on disk. Answers the messages of environment-process.ts over descriptor 3 and does nothing else.
//
// It must never outlive its parent: when the stream ends, it ends at once, as a crash would end it.
import { Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { transactionHash } from "../chain/transaction.ts";
import { equalBytes, fromHex, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import type { Rules } from "../rules/rules.ts";
import { unpackAccounts } from "./account-rows.ts";
import { bodyRoom } from "./body-room.ts";
import { ask } from "./environment.ts";
import type { Head } from "./environment-core.ts";
import { headIn } from "./executed-block.ts";
import { executionWorker } from "./execution-thread.ts";
import { isRefusal, Mempool, type SenderAccount } from "./mempool.ts";
import { MessageStream, shapeFault } from "./message-stream.ts";
import { nativeSignatureChecker } from "./native.ts";
import {
  type PackedOrder,
  type ProcessMethods,
  processExit,
  type Submitted,
} from "./process-methods.ts";
import { failureReply, type WorkerRequest } from "./worker-client.ts";
import { answerRequest, type WorkerHandlers } from "./worker-server.ts";

const MEMORY_TOLD_MS = 500;
const ADDRESS_BYTES = 20;
/** Transactions checked without a look at other messages: about 10 ms. */
const SUBMIT_SLICE = 256;

function endWith(exitCode: number, error: Error): never {
  const code = error instanceof EngineError ? `error[${error.code}]: ` : "";
  const cause = error.cause === undefined ? "" : ` (${String(error.cause)})`;
  process.stderr.write(`${code}${error.message}${cause}\n${error.stack}\n`);
  process.exit(exitCode);
}

// The heap of the execution thread is its own: when it is full, only that thread ends.
const worker = executionWorker((error) => endWith(processExit.thread, error));

interface Opened {
  readonly mempool: Mempool;
  head: Head;
  rules: Rules;
}

let opened: Opened | undefined;
/** The last order that was begun: the next one waits for it and for the mempool behind it. */
let lastOrder: Promise<unknown> = Promise.resolve();

function environment(): Opened {
  if (opened !== undefined) return opened;
  throw new EngineError({ code: "ENVIRONMENT_CLOSED", message: "the environment is not open" });
}

async function accountsOf(senders: readonly Hex[]): Promise<Map<Hex, SenderAccount>> {
  if (senders.length === 0) return new Map();
  const addresses = new Uint8Array(ADDRESS_BYTES * senders.length);
  for (const [i, sender] of senders.entries()) {
    addresses.set(fromHex(sender, ADDRESS_BYTES), i * ADDRESS_BYTES);
  }
  const accounts = unpackAccounts(await ask(worker, "accounts", { addresses }));
  return new Map(senders.map((sender, i) => [sender, accounts[i]!]));
}

/** Offers transactions in their order, in slices between which other messages are answered. */
async function submit(transactions: readonly Uint8Array[]): Promise<Submitted[]> {
  const answers: Submitted[] = [];
  for (let from = 0; from < transactions.length; from += SUBMIT_SLICE) {
    if (from > 0) await nextTurn();
    answers.push(...(await submitSlice(transactions.slice(from, from + SUBMIT_SLICE))));
  }
  return answers;
}

/** Accounts that the mempool does not know are asked for together. */
async function submitSlice(transactions: readonly Uint8Array[]): Promise<Submitted[]> {
  const { mempool } = environment();
  const read = transactions.map((bytes) =>
    // A copy: these bytes are a part of a larger message.
    mempool.read(bytes.slice(), ({ digest, signature, publicKey }) =>
      nativeSignatureChecker.verify(digest, signature, publicKey),
    ),
  );
  const unknown = new Set<Hex>();
  for (const candidate of read) {
    if (isRefusal(candidate)) continue;
    if (mempool.account(candidate.sender) === undefined) unknown.add(candidate.sender);
  }
  const accounts = await accountsOf([...unknown]);
  return read.map((candidate): Submitted => {
    if (isRefusal(candidate)) return { admitted: false, ...candidate };
    const { sender } = candidate;
    // What the mempool knows by now is later than what was asked for.
    const account = mempool.account(sender) ?? accounts.get(sender);
    // Its last transaction went into a block meanwhile: too rare to ask again.
    if (account === undefined) {
      return {
        admitted: false,
        code: "MEMPOOL_NONCE_LOW",
        message: "the account changed meanwhile",
      };
    }
    const answer = mempool.admit(candidate, account);
    if (isRefusal(answer)) return { admitted: false, ...answer };
    return { admitted: true, hash: candidate.hash };
  });
}

/** Those of these bytes; the same object where they are `known`: whoever gives them every time changes nothing. */
function rulesOf(packed: Uint8Array | undefined, known: Rules): Rules {
  const isSame = packed === undefined || equalBytes(packed, encodeRules(known));
  return isSame ? known : decodeRules(packed);
}

type Executed = ProcessMethods["execute"]["result"];

async function execute({ height, rules, ...input }: PackedOrder): Promise<Executed> {
  const now = environment();
  const next = now.head.height + 1n;
  if (height !== undefined && height !== next) {
    throw new EngineError({
      code: "ENVIRONMENT_HEIGHT",
      message: `got an order for height ${height}, expected one for ${next}`,
      where: { height },
    });
  }
  const own = rulesOf(rules, now.rules);
  const changed = own === now.rules ? {} : { rules: own };
  const block = await ask(worker, "executeBlock", { ...input, ...changed });
  const head = headIn(block);
  now.head = head;
  now.rules = own;
  // The bundle is in the folder, where the parent reads it.
  const { bundle, ...rest } = block;
  const accounts = await accountsOf(now.mempool.senders());
  const included = input.transactions.map((bytes) => toHex(transactionHash(bytes)));
  now.mempool.update({ included, accounts, ...changed });
  return { block: rest, head };
}

const methods: WorkerHandlers<ProcessMethods> = {
  async open({ folder, mempool, tellsMemory, ...genesis }) {
    const answer = await ask(worker, "open", {
      ...genesis,
      storePath: join(folder, "state"),
      bundleFolder: join(folder, "bundles"),
    });
    const { id, head } = answer;
    const rules = decodeRules(answer.rules);
    opened = { mempool: new Mempool(id, rules, mempool), head, rules };
    if (tellsMemory) setInterval(tellMemory, MEMORY_TOLD_MS).unref();
    return answer;
  },
  submit: ({ transactions }) => submit(transactions),
  body({ inbox, rules: packed }) {
    const now = environment();
    const rules = rulesOf(packed, now.mempool.rules);
    // Before the first order under new rules: what the old ones allowed might never be taken.
    if (rules !== now.mempool.rules) {
      now.mempool.update({ included: [], accounts: new Map(), rules });
    }
    return now.mempool.select(bodyRoom(rules, inbox));
  },
  execute(order) {
    const done = lastOrder.then(() => execute(order));
    lastOrder = done.catch(() => {});
    return done;
  },
  executed: (query) => ask(worker, "executed", query),
  finalise: (query) => ask(worker, "finalise", query),
  view: (query) => ask(worker, "view", query),
  account: (query) => ask(worker, "account", query),
  proveState: (query) => ask(worker, "proveState", query),
  async close() {
    opened = undefined;
    await lastOrder;
    await ask(worker, "close", undefined);
    return undefined;
  },
};

async function reply(request: WorkerRequest): Promise<void> {
  const made = await answerRequest(methods, request);
  try {
    stream.send(made);
  } catch (error) {
    // Too long to send: say so in its place.
    stream.send(failureReply(made.id, error));
  }
}

function isRequest(message: unknown): message is WorkerRequest {
  const { id, method } = (message ?? {}) as Partial<Record<keyof WorkerRequest, unknown>>;
  return typeof id === "number" && typeof method === "string" && Object.hasOwn(methods, method);
}

function tellMemory(): void {
  stream.send({ kind: "memory", bytes: process.memoryUsage.rss() });
}

const stream = new MessageStream(new Socket({ fd: 3 }), {
  onMessage(message) {
    if (!isRequest(message)) throw shapeFault();
    void reply(message);
  },
  // At once, with whatever the threads are at: the store loses nothing by it.
  onEnd: () => process.kill(process.pid, "SIGKILL"),
  onFault: (error) => endWith(processExit.protocol, error),
});
