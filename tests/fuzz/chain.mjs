// A short chain for the fuzzer to stand on: two contracts deployed and called, transfers, skipped entries.
// Blocks can also be executed on its head without being kept, so that an input means the same whenever
// it runs.

const BALANCE = 10n ** 24n;
const PRODUCER = new Uint8Array(20).fill(0xee);

export class FuzzChain {
  bundles = [];
  #time = 1n;

  /** `contracts`: [{ wasm, abi, init: arguments }]. */
  static async open(engine, contracts) {
    const chain = new FuzzChain();
    chain.engine = engine;
    chain.rules = engine.presetRules("general");
    chain.signers = new Map(
      ["alice", "bob", "carol"].map((name) => [
        name,
        engine.nativeSigner(engine.deriveKey("fuzz", name)),
      ]),
    );
    await chain.#genesis();
    await chain.#firstBlocks(contracts);
    return chain;
  }

  async #genesis() {
    const { engine, rules } = this;
    this.hasher = engine.nativeStateHasher();
    this.store = engine.memoryStore({ hasher: this.hasher });
    const overlay = new engine.Overlay(this.store.source());
    const accounts = [...this.signers.values()].map(({ address }) => ({
      address,
      balance: BALANCE,
    }));
    engine.writeGenesis(overlay, rules, accounts);
    const root = this.store.apply(overlay.changes());
    this.store.putBlob(engine.bytesHash(engine.prepareBytes), engine.prepareBytes);
    this.rulesBytes = engine.encodeRules(rules);
    const rulesHash = engine.keccak256(this.rulesBytes);
    this.environmentId = engine.environmentIdOf(new Uint8Array(32), 0n, rulesHash, root);
    await this.store.initialise({ environment: this.environmentId, genesis: this.rulesBytes });
    this.head = {
      height: 0n,
      orderHash: new Uint8Array(32),
      result: engine.genesisResult(root),
      time: 0n,
      inboxNext: 0n,
    };
    const blob = engine.prepareRulesBlob(rules);
    const library = { wasm: (hash) => this.store.blob(hash), prepareRules: () => blob };
    this.runner = new engine.V8Runner();
    this.programs = new engine.ProgramSource(library, new engine.ProgramCache());
    this.ground = {
      hasher: this.hasher,
      crypto: engine.nativeHostCrypto,
      signatures: engine.nativeSignatureChecker,
      runner: this.runner,
      programs: new engine.ProgramCache(),
    };
  }

  async #firstBlocks(contracts) {
    const { engine } = this;
    const deploys = contracts.map(({ wasm, abi, init }, i) =>
      this.sign("alice", {
        kind: "deploy",
        nonce: BigInt(i),
        input: engine.joinDeployInput(wasm, engine.encodeInit(abi, init)),
      }),
    );
    const alice = this.signers.get("alice").address;
    this.contracts = contracts.map(({ abi }, i) => ({
      abi,
      address: engine.contractAddress(this.environmentId, alice, BigInt(i)),
    }));
    await this.#keep(deploys);
    const calls = this.contracts.flatMap(({ abi, address }, i) =>
      abi.methods
        .filter(({ kind, params }) => kind !== "init" && params.length < 2)
        .map(({ name, params }, j) => {
          const args = params.map(({ type }) => (type === "address" ? engine.toHex(alice) : "3"));
          const input = engine.encodeCall(abi, name, args);
          return this.sign(j % 2 === 0 ? "bob" : "carol", {
            kind: "call",
            to: address,
            input,
            nonce: BigInt((j >> 1) + 4 * i),
          });
        }),
    );
    const transfer = this.sign("alice", { kind: "call", to: PRODUCER, value: 5n, nonce: 2n });
    await this.#keep([...calls, transfer, transfer, Uint8Array.of(1, 2, 3)]);
    const state = new engine.Overlay(this.store.source());
    /** Next nonce of each account. */
    this.nonces = new Map(
      [...this.signers].map(([name, { address }]) => [
        name,
        engine.readAccount(state, address).nonce,
      ]),
    );
  }

  /** A signed transaction; fields as of transaction.ts. */
  sign(name, fields) {
    return this.engine.signTransaction(
      {
        environmentId: this.environmentId,
        value: 0n,
        nonce: 0n,
        gasLimit: Number(this.rules.gas.perTransaction) >> 3,
        price: this.rules.fees.priceMin,
        input: new Uint8Array(0),
        ...fields,
      },
      this.signers.get(name),
    );
  }

  /** Executes a body on the head and makes its bundle; nothing is kept. */
  execute(body) {
    const { engine, store } = this;
    const overlay = new engine.Overlay(store.source());
    const use = new engine.ProgramUse(this.programs, engine.prepareRulesBlob(this.rules));
    const read = engine.bodyReader(this.ground.signatures)(body);
    const block = engine.produceBlock({
      head: this.head,
      body,
      read,
      context: {
        rules: this.rules,
        environmentId: this.environmentId,
        time: this.#time,
        producer: PRODUCER,
        state: overlay,
        programs: use,
        runner: this.runner,
        crypto: this.ground.crypto,
        signatureHolds: (transaction, index) => read.signatureHolds(transaction, index),
        onDeploy: (wasm, wasmHash) => {
          use.deployed(wasmHash);
          store.putBlob(wasmHash, wasm);
        },
      },
    });
    const witness = store.witness(overlay.touches());
    const parentResult = this.head.result;
    const seen = engine.WitnessState.decode(witness, parentResult.stateRoot, this.hasher);
    const { receipts, root } = engine.blockReceipts(block.executions);
    const result = engine.sealResult(block, root, seen.rootAfter(overlay));
    const { order } = block;
    const parts = { transactions: body, receipts, witness, code: use.needed() };
    const bundle = engine.encodeBundle({
      ...parts,
      order,
      parentResult,
      result,
      rules: this.rulesBytes,
      prepareRules: use.prepareRules(),
      debug: [],
    });
    return { block, receipts, overlay, result, bundle };
  }

  async #keep(body) {
    const { block, overlay, result, bundle } = this.execute(body);
    this.store.apply(overlay.changes());
    await this.store.commit({ height: block.order.height, block: bundle });
    this.head = this.engine.headAfter(block.order, result);
    this.#time += 1n;
    this.bundles.push(bundle);
    const outcomes = block.executions.map(({ outcome }) => outcome);
    if (!outcomes.includes(0))
      throw new TypeError(`no entry of the fuzzer's chain succeeds: ${outcomes}`);
  }

  replay(bytes) {
    return this.engine.replayBundle(bytes, this.ground);
  }
}
