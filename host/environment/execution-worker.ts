// The execution thread: answers one request at a time over the parent port. It holds at most one open
// environment, and replays and tampers bundles with the same programs and runner. Before the first
// request it proves to itself that its stack carries the whole depth budget (DESIGN 5).

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { orderHash } from "../chain/order.ts";
import { replayBundle } from "../chain/replay-bundle.ts";
import { tamperBundle } from "../chain/tamper.ts";
import { toHex } from "../codec/hex.ts";
import { proveStep } from "../dispute/prove-step.ts";
import { verifyDispute } from "../dispute/verify-dispute.ts";
import { typescriptJudge, verifyProof } from "../dispute/verify-proof.ts";
import { EngineError } from "../errors.ts";
import { FallbackRunner } from "../machine/fallback-runner.ts";
import { StepVerifier } from "../machine/verify-step.ts";
import { decodeRules, encodeRules } from "../rules/encode-rules.ts";
import { ProgramCache } from "../sandbox/program-source.ts";
import { testStack } from "../sandbox/stack-test.ts";
import { V8Runner } from "../sandbox/v8-runner.ts";
import { openStore } from "../state/lmdb-store.ts";
import { memoryStore } from "../state/memory-store.ts";
import { traceState } from "../trace/trace-state.ts";
import { traceTransaction } from "../trace/trace-transaction.ts";
import { BundlesAhead } from "./bundles-ahead.ts";
import { EnvironmentCore, HostFault } from "./environment-core.ts";
import { type CommittedBlock, shownMessage } from "./executed-block.ts";
import { KeptBundles } from "./kept-bundles.ts";
import { nativeHostCrypto, nativeSignatureChecker, nativeStateHasher } from "./native.ts";
import { ScratchCore } from "./scratch-core.ts";
import { SharedBodies } from "./shared-bodies.ts";
import { sharedReceipts } from "./shared-receipts.ts";
import { SharedTree } from "./shared-tree.ts";
import type { PackedBlock, WorkerMethods } from "./worker-methods.ts";
import { serveRequests, type WorkerHandlers, type WorkerProgress } from "./worker-server.ts";

const runner = new V8Runner();
const machineRunner = new FallbackRunner();
const programs = new ProgramCache();
const hasher = nativeStateHasher();
const signatures = nativeSignatureChecker;
const crypto = nativeHostCrypto;
const bodies = new SharedBodies();
const bundlesAhead = new BundlesAhead(bodies.read);
const plain = { runner, machineRunner, crypto, signatures, programs };
const ground = { ...plain, readBody: bodies.read, makeReceipts: sharedReceipts };
const replayGround = { ...ground, hasher };
const PROGRESS_ENTRIES = 100;

/** Made for the first proof: its regions take address space. */
let verifier: StepVerifier | undefined;
const judges = {
  typescript: typescriptJudge,
  assemblyscript: (pre: Uint8Array, proof: Uint8Array) => {
    verifier ??= new StepVerifier();
    return verifier.verify(pre, proof);
  },
};

let environment: EnvironmentCore | undefined;
let scratch: ScratchCore | undefined;
let folder: string | undefined;
let kept: KeptBundles | undefined;
/** Whether an environment is open that has the second thread. */
let readsAhead = false;

/** Leaves the bundle of a host fault beside the store, where it has one. */
function withBundleFile(fault: HostFault, core: EnvironmentCore): EngineError {
  if (folder === undefined) return fault;
  const height = core.head().height + 1n;
  const file = join(folder, `host-fault-${height}.bundle`);
  writeFileSync(file, fault.bundle);
  const { code, message, where, cause } = fault;
  const hint = `the engine failed, not the contract; nothing was committed; "plasma inspect ${file}" shows the block`;
  return new EngineError({ code, message, where: { ...where, file, height }, hint, cause });
}

function opened(): EnvironmentCore {
  const core = scratch?.core ?? environment;
  if (core !== undefined) return core;
  throw new EngineError({ code: "ENVIRONMENT_CLOSED", message: "the environment is closed" });
}

function openedScratch(): ScratchCore {
  if (scratch !== undefined) return scratch;
  throw new EngineError({ code: "ENVIRONMENT_CLOSED", message: "the world is closed" });
}

function packed(block: CommittedBlock): PackedBlock {
  const { height, blockHash, orderHash, resultHash, stateRoot, gasUsed, bundle } = block;
  const { hostFaults, messages, result, packedEntries } = block;
  return {
    ...{ height, blockHash, orderHash, resultHash, stateRoot, result, gasUsed, messages },
    hostFaults,
    packedEntries,
    ...(bundle === undefined ? {} : { bundle }),
  };
}

/** A progress message at most every so many entries: a message costs as much as a transfer. */
const sparing =
  (progress: WorkerProgress): WorkerProgress =>
  (done) => {
    if (done % PROGRESS_ENTRIES === 0) progress(done);
  };

const methods: WorkerHandlers<WorkerMethods> = {
  async open({ storePath, rules, bundleFolder, secondThread, ...genesis }) {
    const options = {
      hasher,
      ...(secondThread === false ? {} : { treeThread: new SharedTree(hasher) }),
    };
    const store =
      storePath === undefined ? memoryStore(options) : await openStore(storePath, options);
    folder = storePath;
    const bundles = bundleFolder === undefined ? undefined : new KeptBundles(bundleFolder);
    bundles?.open();
    environment = await EnvironmentCore.open(
      store,
      { rules: decodeRules(rules), ...genesis },
      {
        ...(secondThread === false ? plain : ground),
        ...(bundles === undefined ? {} : { keepBundle: bundles.write.bind(bundles) }),
      },
    );
    kept = bundles;
    readsAhead = secondThread !== false;
    const { id, rules: rulesNow } = environment;
    return { id, head: environment.head(), rules: encodeRules(rulesNow) };
  },
  async openScratch({ start }) {
    scratch = await ScratchCore.open(start, ground, hasher);
    const { core } = scratch;
    const { time } = core.standing().head;
    return { id: core.id, rules: encodeRules(core.rules), head: core.head(), time };
  },
  mark: ({ mark }) => openedScratch().mark(mark),
  rewind({ mark }) {
    const head = openedScratch().rewind(mark);
    return { head, rules: encodeRules(opened().rules) };
  },
  setBalances: ({ balances }) => ({ head: openedScratch().setBalances(balances) }),
  async executeBlock(input, progress, release) {
    try {
      return packed(await opened().executeBlock(input, sparing(progress), release));
    } catch (error) {
      throw error instanceof HostFault ? withBundleFile(error, opened()) : error;
    } finally {
      bodies.forget(input.transactions);
    }
  },
  view: (input) => opened().view(input),
  account: ({ address }) => opened().account(address),
  accounts: ({ addresses }) => opened().accounts(addresses),
  executed({ height }) {
    const block = opened().executed(height);
    if (block === undefined) return undefined;
    const { order, result, messages } = block;
    const hashes = { orderHash: toHex(orderHash(order)), blockHash: toHex(block.blockHash) };
    return { height, ...hashes, result, messages: messages.map(shownMessage) };
  },
  async finalise({ height }) {
    const core = opened();
    const head = core.head().height;
    await core.finalise(height);
    await kept?.removeUpTo(height, head);
    return undefined;
  },
  proveState: (query) => opened().proveState(query),
  async close() {
    await environment?.close();
    environment = undefined;
    scratch = undefined;
    readsAhead = false;
  },
  replay({ bytes, options, next }, progress) {
    const readBody = bundlesAhead.reader(bytes, next);
    return replayBundle(bytes, { ...replayGround, readBody, onEntry: sparing(progress) }, options);
  },
  trace: ({ bytes, request }, progress) =>
    traceTransaction(bytes, request, { ...replayGround, onEntry: sparing(progress) }),
  traceState: ({ bytes, request }) => traceState(bytes, request, hasher),
  proveStep: ({ bytes, step }) => proveStep(bytes, step, hasher),
  verifyProof: ({ bytes, judge }) => verifyProof(bytes, judges, judge),
  verifyDispute: ({ bytes, judge }) => verifyDispute(bytes, judges, judge),
  tamper: ({ bytes, lie }) =>
    tamperBundle(bytes, lie, { hasher, signatures, runner, machineRunner, crypto, programs }),
};

testStack(runner);
// A merge goes on between other requests.
serveRequests(methods, ["finalise"], {
  executeBlock: ({ transactions }) => {
    if (readsAhead) bodies.readAhead(transactions);
  },
});
