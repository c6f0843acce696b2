// Environments in processes of their own, as a node runs them: the built package, a folder each. What is killed at any
// point goes on behind its last block, and what exhausts its memory harms nobody else. Runs dist/.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { buildFixture } from "../../cli/bench/fixtures.ts";
import { SeededRandom } from "../../cli/bench/random.ts";
import { encodeCall } from "../../host/abi/encode-call.ts";
import { deriveKey } from "../../host/chain/key.ts";
import {
  contractAddress,
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../host/codec/hex.ts";
import type * as Process from "../../host/environment/environment-process.ts";
import { mempoolLimits } from "../../host/environment/mempool.ts";
import { MessageStream } from "../../host/environment/message-stream.ts";
import { nativeSigner } from "../../host/environment/native.ts";
import { residentBytes } from "../../host/environment/resident-memory.ts";
import { encodeRules } from "../../host/rules/encode-rules.ts";
import { presetRules } from "../../host/rules/presets.ts";
import { built, library } from "../support/built.ts";

const { EnvironmentProcess } = await built<typeof Process>(
  "host/environment/environment-process.js",
);
type Options = Process.EnvironmentProcessOptions;

const rules = presetRules("general");
const alice = nativeSigner(deriveKey("test", "alice"));
const ALICE = toHex(alice.address);
const genesis = [{ address: ALICE, balance: 10n ** 24n }];
const PRODUCER = toHex(new Uint8Array(20).fill(0xee));
const MEBIBYTE = 1_048_576;

let folder: string;
const open: Process.EnvironmentProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "plasma-process-"));
});
afterEach(async () => {
  for (const environment of open.splice(0)) await environment.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(name: string, options: Partial<Options> = {}) {
  const environment = await EnvironmentProcess.open({
    folder: join(folder, name),
    rules,
    genesis,
    ...options,
  });
  open.push(environment);
  return environment;
}

function sign(id: string, nonce: bigint, fields: Partial<TransactionFields> = {}): Uint8Array {
  return signTransaction(
    {
      ...{
        kind: "call",
        environmentId: fromHex(id as `0x${string}`, 32),
        to: new Uint8Array(20).fill(7),
      },
      ...{ value: 1n, nonce, gasLimit: 100_000, price: 1n, input: new Uint8Array(0) },
      ...fields,
    },
    alice,
  );
}

const orderOf = (height: bigint, body: readonly Uint8Array[]) => ({
  ...{ time: height, producer: PRODUCER, body, inboxCount: 0, height },
});

it("takes transactions into its mempool, makes bodies of them and keeps what a dispute needs", async () => {
  const environment = await start("life");
  const { id } = environment;
  const offered = [0n, 1n, 3n, 0n].map((nonce) => sign(id, nonce));
  const answers = await environment.submitAll(offered);
  expect(answers.map((answer) => (answer.admitted ? "admitted" : answer.code))).toEqual([
    ...["admitted", "admitted", "admitted", "MEMPOOL_KNOWN"],
  ]);
  const forged = sign(id, 2n).slice();
  forged[255]! ^= 1;
  expect(await environment.submit(forged)).toMatchObject({ code: "MEMPOOL_SIGNATURE" });
  const body = await environment.body({ inbox: [] });
  expect(body).toEqual(offered.slice(0, 2));
  const block = await environment.execute(orderOf(1n, body));
  expect(block.entries.map(({ outcome }) => outcome)).toEqual([0, 0]);
  expect(await environment.body({ inbox: [] })).toEqual([]);
  expect(await environment.submit(sign(id, 1n))).toMatchObject({ code: "MEMPOOL_NONCE_LOW" });
  expect(await environment.submit(sign(id, 2n))).toMatchObject({ admitted: true });
  // The gap is closed: what stood behind it comes too.
  expect(await environment.body({ inbox: [] })).toHaveLength(2);

  const { blockHash, result, messages, bundle } = block;
  expect(await environment.executed(1n)).toEqual({
    height: 1n,
    orderHash: block.orderHash,
    blockHash,
    result,
    messages,
    bundle,
  });
  expect(await library.replayBundle(bundle!, { expect: blockHash })).toMatchObject({
    verdict: "valid",
  });
  await expect(environment.execute(orderOf(1n, body))).rejects.toMatchObject({
    code: "ENVIRONMENT_HEIGHT",
  });
  for (const height of [0n, 2n]) expect(await environment.executed(height)).toBeUndefined();

  const dear = { ...rules, fees: { priceMin: 2n } };
  // A body is for the rules of its order, which the first block under new ones has not brought yet.
  const tight = { ...rules, block: { ...rules.block, bodyBytesMax: 400 } };
  expect(await environment.body({ inbox: [], rules: tight })).toEqual([sign(id, 2n)]);
  expect(await environment.body({ inbox: [], rules })).toHaveLength(2);
  expect(await environment.body({ inbox: [], rules: dear })).toEqual([]);
  // A merge does not wait for blocks, nor blocks for a merge.
  const order = { ...orderOf(2n, []), rules: dear };
  await Promise.all([environment.execute(order), environment.finalise(1n)]);
  expect(environment.rules.fees.priceMin).toBe(2n);
  expect(await environment.submit(sign(id, 4n))).toMatchObject({ code: "MEMPOOL_PRICE" });
  expect(await environment.body({ inbox: [] })).toEqual([]);

  expect(readdirSync(join(folder, "life", "bundles"))).toEqual(["2.bundle"]);
  expect(await environment.executed(1n)).toMatchObject({ blockHash, bundle: undefined });
  expect(await environment.account(ALICE)).toMatchObject({ nonce: 2n });
  const proof = await environment.proveState({ kind: "account", address: ALICE });
  expect(await library.verifyProof(proof)).toMatchObject({ verdict: "stands" });
}, 60_000);

it("refuses the folder of another environment, and to open one twice", async () => {
  await start("own");
  const other = { ...rules, fees: { priceMin: 2n } };
  await expect(start("own")).rejects.toMatchObject({ code: "STATE_LOCKED" });
  for (const environment of open.splice(0)) await environment.close();
  await expect(start("own", { rules: other })).rejects.toMatchObject({
    code: "STATE_OTHER_GENESIS",
  });
}, 60_000);

describe("kill -9", () => {
  /** Where in the life of a block the process is killed; turns of this thread's loop are drawn from a seed. */
  const points = ["executing", "bundle written", "acknowledged", "merging"] as const;
  type Point = (typeof points)[number];

  const turns = async (count: number) => {
    for (let i = 0; i < count; i++) await nextTurn();
  };

  async function killAt(
    point: Point,
    environment: Process.EnvironmentProcess,
    height: bigint,
    random: SeededRandom,
  ) {
    const kill = () => process.kill(environment.pid!, "SIGKILL");
    const nonce = (await environment.account(ALICE)).nonce;
    const body = Array.from({ length: 200 }, (_, i) => sign(environment.id, nonce + BigInt(i)));
    const order = orderOf(height, body);
    const file = join(folder, "killed", "bundles", `${height}.bundle`);
    const executing = environment.execute(order).then(
      () => true,
      (error) => {
        expect(error).toMatchObject({ code: "ENVIRONMENT_ENDED" });
        return false;
      },
    );
    if (point === "executing") await turns(random.below(20));
    if (point === "bundle written") while (!existsSync(file)) await nextTurn();
    if (point === "acknowledged" || point === "merging") expect(await executing).toBe(true);
    let merged = Promise.resolve(true);
    if (point === "merging") {
      merged = environment.finalise(height).then(
        () => true,
        () => false,
      );
      await turns(random.below(20));
    }
    kill();
    await merged;
    return { order, acknowledged: await executing };
  }

  it("loses nothing acknowledged at any point, and comes to the blocks of one that nobody kills", async () => {
    const ends: Process.ProcessEnd[] = [];
    const random = new SeededRandom("kill -9");
    const environment = await start("killed", { onEnd: (end) => ends.push(end) });
    const twin = await library.createEnvironment({ rules, genesis, store: library.memoryStore() });
    for (const [round, point] of points.entries()) {
      const { height } = environment.head;
      const { order, acknowledged } = await killAt(point, environment, height + 1n, random);
      await expect.poll(() => ends.length, { timeout: 30_000 }).toBe(round + 1);
      await environment.ready();
      if (acknowledged) expect(environment.head.height).toBe(height + 1n);
      // An order that is not committed is executed again, and can be told from one that is.
      if (environment.head.height === height) await environment.execute(order);
      else {
        await expect(environment.execute(order)).rejects.toMatchObject({
          code: "ENVIRONMENT_HEIGHT",
        });
      }
      const { body, ...rest } = order;
      const expected = await twin.executeBlock({ ...rest, transactions: body });
      expect(environment.head.blockHash).toBe(expected.blockHash);
      if (point === "merging") continue;
      const bundle = (await environment.executed(height + 1n))?.bundle;
      const replayed = await library.replayBundle(bundle!, { expect: expected.blockHash });
      expect(replayed).toMatchObject({ verdict: "valid" });
    }
    await environment.finalise(environment.head.height);
    expect(readdirSync(join(folder, "killed", "bundles"))).toEqual([]);
    await twin.close();
  }, 120_000);
});

// Where the system does not tell what a process holds, the process tells it, with all its mapped files.
describe.runIf(residentBytes(process.pid) !== undefined)("an environment out of memory", () => {
  it("is ended and started again while another goes on unharmed", async () => {
    const ends: Process.ProcessEnd[] = [];
    const other = await start("unharmed");
    const { wasm, abi } = await buildFixture("kernels/scatter");
    const first = await start("greedy");
    const { id } = first;
    const deploy = {
      kind: "deploy",
      gasLimit: 20_000_000,
      input: joinDeployInput(wasm, new Uint8Array(0)),
    } as const;
    await first.execute(
      orderOf(1n, [sign(id, 0n, { ...deploy, to: new Uint8Array(20), value: 0n })]),
    );
    const held = residentBytes(first.pid!)!;
    await first.close();

    // Its contract fills 16 MiB, and the limit leaves it less.
    const limits = { residentMebibytes: Math.floor(held / MEBIBYTE) + 4, restartsMax: 1_000 };
    const greedy = await start("greedy", { limits, onEnd: (end) => ends.push(end) });
    const to = contractAddress(fromHex(id, 32), alice.address, 0n);
    const gasLimit = Number(rules.gas.perTransaction);
    const call = {
      to,
      gasLimit,
      price: 0n,
      value: 0n,
      input: encodeCall(abi, "run", [String(2 ** 31)]),
    };
    let height = 1n;
    while (ends.length === 0) {
      const nonce = (await greedy.account(ALICE).catch(() => undefined))?.nonce;
      if (nonce === undefined) break;
      const body = [sign(id, nonce, call), sign(id, nonce + 1n, call)];
      await greedy.execute(orderOf(greedy.head.height + 1n, body)).catch(() => {});
      height = other.head.height + 1n;
      await other.execute(orderOf(height, [sign(other.id, height - 1n)]));
    }
    expect(ends[0]).toMatchObject({ reason: "memory", signal: "SIGKILL", restartMs: 100 });
    await greedy.ready();
    expect(greedy.head.height).toBeGreaterThanOrEqual(1n);
    await other.execute(orderOf(height + 1n, [sign(other.id, height)]));
    expect(await other.account(ALICE)).toMatchObject({ nonce: height + 1n });
  }, 120_000);
});

describe("the script of the process", () => {
  const script = resolve("dist/host/environment/environment-child.js");

  /** Runs it with a stream, and says how it ended. */
  async function ended(act: (stream: Duplex) => void) {
    const child = spawn(process.execPath, [script], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    act(child.stdio[3] as Duplex);
    const [code, signal] = await new Promise<[number | null, string | null]>((done) =>
      child.once("close", (...end) => done(end)),
    );
    return { code, signal, said };
  }

  it("tells its memory where its parent cannot see it", async () => {
    const heard: unknown[] = [];
    const { signal } = await ended((stream) => {
      const messages = new MessageStream(stream, {
        ...{ onEnd: () => {}, onFault: (error) => heard.push(error) },
        onMessage: (message) => {
          heard.push(message);
          if ((message as { kind: string }).kind === "memory") messages.close();
        },
      });
      const params = { folder: join(folder, "told"), rules: encodeRules(rules), accounts: genesis };
      const rest = { mempool: mempoolLimits, secondThread: false, tellsMemory: true };
      messages.send({ id: 1, method: "open", params: { ...params, ...rest } });
    });
    expect(heard).toMatchObject([
      { id: 1, kind: "result", value: { head: { height: 0n } } },
      { kind: "memory", bytes: expect.any(Number) },
    ]);
    expect((heard[1] as { bytes: number }).bytes).toBeGreaterThan(MEBIBYTE);
    expect(signal).toBe("SIGKILL");
  }, 60_000);

  it("ends when its parent is gone", async () => {
    expect(await ended((stream) => stream.destroy())).toMatchObject({
      code: null,
      signal: "SIGKILL",
    });
  }, 60_000);

  it("ends with a protocol error on what is no message, and on methods that it does not have", async () => {
    const garbage = Uint8Array.of(0, 0, 0, 1, 0xc1);
    // {id: 1, method: "constructor"}
    const method = Buffer.from("\x82\xa2id\x01\xa6method\xabconstructor", "latin1");
    for (const bytes of [garbage, Uint8Array.of(0, 0, 0, method.length, ...method)]) {
      const { code, said } = await ended((stream) => stream.write(bytes));
      expect([code, said.slice(0, 27)]).toEqual([64, "error[ENVIRONMENT_PROTOCOL]"]);
    }
  }, 60_000);
});
