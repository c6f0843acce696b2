// Serves a block run in the machine module from what the reference machine of the tests knows.
import { decodeBundle } from "../../host/chain/bundle.ts";
import { splitDeployInput } from "../../host/chain/transaction.ts";
import { fromHex, toHex } from "../../host/codec/hex.ts";
import { initialRun } from "../../host/dispute/judge-run.ts";
import type { PieceRequest, RunPieces } from "../../host/machine/run-pieces.ts";
import { type Prepared, prepareModule } from "../../host/program/prepare.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import { prepareRulesBlob } from "../../host/rules/prepare-rules.ts";
import { KnownPieces } from "./judge-pieces.ts";
import type { MachineBlock } from "./machine-chain.ts";

export class KnownRunPieces implements RunPieces<Prepared> {
  /** The first state's record, 2,048 bytes. */
  readonly record: Uint8Array;
  readonly prepareRules: Uint8Array;
  readonly #known: KnownPieces;
  readonly #programs = new Map<string, Prepared>();

  constructor({ bundle: bytes, state }: MachineBlock) {
    const bundle = decodeBundle(bytes);
    const rules = decodeRules(bundle.rules);
    const { deployers } = rules;
    this.#known = new KnownPieces({
      body: bundle.transactions,
      deployers: deployers === "anyone" ? [] : deployers.map((address) => fromHex(address, 20)),
      receipts: bundle.receipts,
      state,
    });
    this.record = new Uint8Array(2_048);
    const start = initialRun(bundle.order, bundle.parentResult, rules);
    start.record.forEach((leaf, i) => {
      this.record.set(leaf, 128 * i);
    });
    const deployed = bundle.transactions.flatMap((entry) =>
      entry[1] === 2 && entry.length > 260 ? [splitDeployInput(entry.subarray(256)).wasm] : [],
    );
    const blob = prepareRulesBlob(rules);
    this.prepareRules = blob;
    for (const wasm of [...bundle.code, ...deployed]) {
      try {
        const prepared = prepareModule(wasm, blob);
        this.#programs.set(toHex(prepared.codeRecord.codeRoot), prepared);
      } catch {
        // A deployment that prepare refuses: nothing of it runs.
      }
    }
  }

  serve(request: PieceRequest): Uint8Array {
    if (request.kind === "head") return this.#known.head(request.index);
    if (request.kind === "outbox path") return this.#known.outboxPath(request.root);
    if (request.kind === "output") return this.#known.bytes(request.root, request.length);
    return this.#known.serve(request, { index: 0 });
  }

  program(codeRoot: Uint8Array): Prepared {
    const found = this.#programs.get(toHex(codeRoot));
    if (found === undefined) throw new RangeError(`no program with code root ${toHex(codeRoot)}`);
    return found;
  }

  noteBytes(bytes: Uint8Array): void {
    this.#known.noteBytes(bytes);
  }

  noteValue(value: Uint8Array): void {
    this.#known.noteValue(value);
  }

  /** The host's receipts are known already. */
  receiptWritten(): void {}

  messageSent(outboxRoot: Uint8Array, leaf: Uint8Array): void {
    this.#known.noteMessage(outboxRoot, leaf);
  }

  stateWritten(root: Uint8Array, path: Uint8Array, value: Uint8Array | undefined): void {
    if (value !== undefined) this.#known.noteValue(value);
    this.#known.noteState(this.#known.state(root).with(path, value));
  }
}
