// The second thread as it is in the built package: a real one, which works while this one goes on.
import { expect, it } from "vitest";
import { SeededRandom } from "../../cli/bench/random.ts";
import type * as Keys from "../../host/chain/key.ts";
import type * as Transactions from "../../host/chain/transaction.ts";
import type * as Trees from "../../host/environment/shared-tree.ts";
import type * as Hashers from "../../host/state/state-hasher.ts";
import type * as Images from "../../host/state/state-image.ts";
import { built, library } from "../support/built.ts";
import { toChanges } from "../unit/state/reference.ts";

const { SharedTree } = await built<typeof Trees>("host/environment/shared-tree.js");
const { StateImage } = await built<typeof Images>("host/state/state-image.js");
const { pureStateHasher: hasher } = await built<typeof Hashers>("host/state/state-hasher.js");
const { deriveKey, keySigner } = await built<typeof Keys>("host/chain/key.js");
const { signTransaction } = await built<typeof Transactions>("host/chain/transaction.js");

/** Signers, and the balances that an environment begins with. */
function funded(count: number, seed: string) {
  const signers = Array.from({ length: count }, (_, i) => keySigner(deriveKey(seed, String(i))));
  const genesis = signers.map(({ address }) => ({
    address: `0x${Buffer.from(address).toString("hex")}` as const,
    balance: 10n ** 20n,
  }));
  return { signers, genesis };
}

it("comes to the roots of one thread, however the two of them meet", () => {
  const random = new SeededRandom("two threads");
  const tree = new SharedTree(hasher);
  const image = new StateImage({ hasher, treeThread: tree });
  const plain = new StateImage({ hasher });
  for (let block = 0; block < 120; block++) {
    const count = 40 + random.below(400);
    const first = random.below(3_000);
    const changes = toChanges(
      Array.from({ length: count }, (_, i) => ({
        n: first + i,
        value: random.below(4) === 0 ? undefined : new Uint8Array(random.below(90)).fill(block),
      })),
    );
    image.applyWithUndo(changes);
    const root = plain.apply(changes);
    // Sometimes at once, sometimes after the other thread has had time, sometimes with the next batch.
    const wait = random.below(3);
    if (wait === 0) expect(image.root()).toEqual(root);
    if (wait === 1) {
      const end = performance.now() + random.below(4);
      while (performance.now() < end);
      expect(image.root()).toEqual(root);
    }
  }
  expect(image.root()).toEqual(plain.root());
  image.close();
});

it("gives blocks that are asked for ahead the hashes of blocks that were waited for", async () => {
  const rules = library.presetRules("payments");
  const { signers, genesis } = funded(60, "ahead");
  const open = () => library.createEnvironment({ rules, genesis, store: library.memoryStore() });
  const [ahead, waited] = [await open(), await open()];
  const environmentId = Buffer.from(ahead.id.slice(2), "hex");
  const blocks = Array.from({ length: 8 }, (_, block) => ({
    time: BigInt(block),
    producer: genesis[0]!.address,
    transactions: signers.map((signer, i) =>
      signTransaction(
        {
          ...{ kind: "call", environmentId: new Uint8Array(environmentId), gasLimit: 60_000 },
          ...{ to: signers[(i + block) % 60]!.address, value: BigInt(i), nonce: BigInt(block) },
          ...{ price: rules.fees.priceMin, input: new Uint8Array(i) },
        },
        signer,
      ),
    ),
  }));
  try {
    const all = blocks.map((block) => ahead.executeBlock(block));
    // Asked in between: answered where it stands in the row.
    const account = ahead.account(genesis[1]!.address);
    const heads = (await Promise.all(all)).map(({ blockHash, stateRoot }) => [
      blockHash,
      stateRoot,
    ]);
    const expected = [];
    for (const block of blocks) {
      const { blockHash, stateRoot, entries } = await waited.executeBlock(block);
      expect(entries.every(({ outcome }) => outcome === 0)).toBe(true);
      expected.push([blockHash, stateRoot]);
    }
    expect(heads).toEqual(expected);
    expect(await account).toMatchObject({ nonce: 8n });
  } finally {
    await Promise.all([ahead.close(), waited.close()]);
  }
});

it("replays what was announced as if it had not been, whatever came in between", async () => {
  const rules = library.presetRules("payments");
  const { signers, genesis } = funded(40, "next");
  const environment = await library.createEnvironment({
    ...{ rules, genesis, store: library.memoryStore() },
  });
  const environmentId = new Uint8Array(Buffer.from(environment.id.slice(2), "hex"));
  const bundles: Uint8Array[] = [];
  for (let block = 0; block < 5; block++) {
    const transactions = signers.map((signer, i) =>
      signTransaction(
        {
          ...{ kind: "call", environmentId, gasLimit: 60_000, to: signers[(i + 1) % 40]!.address },
          ...{ value: 1n, nonce: BigInt(block), price: rules.fees.priceMin },
          input: new Uint8Array(block),
        },
        signer,
      ),
    );
    const executed = await environment.executeBlock({
      ...{ time: BigInt(block), producer: genesis[0]!.address, transactions, bundle: true },
    });
    bundles.push(executed.bundle!);
  }
  await environment.close();
  // In a row; announced and changed before it comes; announced and never asked for.
  for (const [i, bytes] of bundles.entries()) {
    const result = await library.replayBundle(bytes, { next: bundles[i + 1] });
    expect(result).toMatchObject({ verdict: "valid", signaturesChecked: 40 });
  }
  const [first, second, third] = bundles as [Uint8Array, Uint8Array, Uint8Array];
  const start = Buffer.from(second).indexOf(Buffer.from(signers[5]!.publicKey));
  expect(start).toBeGreaterThan(0);
  const shared = new Uint8Array(new SharedArrayBuffer(second.length));
  shared.set(second);
  await library.replayBundle(first, { next: shared });
  shared[start]! ^= 1;
  const [ahead, plain] = [
    await library.replayBundle(shared, { next: third }),
    await library.replayBundle(new Uint8Array(shared)),
  ];
  expect(plain.verdict).toBe("unusable");
  expect(ahead).toEqual(plain);
  expect((await library.replayBundle(third)).verdict).toBe("valid");
});

it("tells heads in their order, and outlives bodies that are none", async () => {
  const rules = library.presetRules("payments");
  const environment = await library.createEnvironment({
    ...{ rules, genesis: [], store: library.memoryStore() },
  });
  const producer = `0x${"0".repeat(40)}` as const;
  const blocks = Array.from({ length: 9 }, (_, i) => ({
    ...{ time: BigInt(i), producer, bundle: i % 3 === 1 },
    transactions: Array.from({ length: 20 }, () => new Uint8Array(i)),
  }));
  try {
    const heads: bigint[] = [];
    const all = blocks.map((block) =>
      environment.executeBlock(block).then(() => heads.push(environment.head.height)),
    );
    await Promise.all(all);
    expect(heads).toEqual(blocks.map((_, i) => BigInt(i + 1)));
    const none = Array(20).fill(null) as Uint8Array[];
    const refused = environment.executeBlock({ time: 9n, producer, transactions: none });
    await expect(refused).rejects.toThrow();
    const next = await environment.executeBlock({ time: 9n, producer, transactions: [] });
    expect(next.height).toBe(10n);
  } finally {
    await environment.close();
  }
});
