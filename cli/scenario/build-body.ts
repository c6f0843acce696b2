// Turns the entries of one scenario block into body bytes: names, arguments, gas limits, nonces,
// signatures. Nonces are counted as the chain will count them, so it must foresee which entries will be
// skipped: those that break a rule on their face, and those that the scenario expects to be skipped.

import { encodeCall, encodeInit, isCallable } from "../../host/abi/encode-call.ts";
import { intrinsicGas } from "../../host/chain/check-entry.ts";
import {
  contractAddress,
  encodeTransaction,
  joinDeployInput,
  signTransaction,
  type TransactionFields,
} from "../../host/chain/transaction.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import { TRANSACTION_BYTES_MAX } from "../../host/limits.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { atPath, resolveNames } from "./abi-arguments.ts";
import type { Actors } from "./actors.ts";
import { scenarioError } from "./json-field.ts";
import type { LoadedModule } from "./load-scenario.ts";
import type { CallEntry, DeployEntry, ScenarioEntry, SignedEntry } from "./scenario.ts";

const NONCE_MAX = 2n ** 64n - 1n;

/** What a body is built from beside its entries. */
export interface BodyGround {
  readonly rules: Rules;
  readonly environmentId: Uint8Array;
  readonly actors: Actors;
  readonly modules: ReadonlyMap<string, LoadedModule>;
  /** Next nonce by account name, as of the head. */
  readonly nonces: ReadonlyMap<string, bigint>;
}

/** One entry of a body. */
export interface BuiltEntry {
  readonly entry: ScenarioEntry;
  readonly bytes: Uint8Array;
  /** Recipient, or the address of the contract that it deploys; absent for raw bytes. */
  readonly to?: Hex;
  /** The called method. */
  readonly method?: string;
}

/**
 * The bytes of every entry, in order.
 * @throws SCENARIO_NAME_UNKNOWN, SCENARIO_ABI_MISSING, ABI_…, SCENARIO_RANGE, with the JSON path
 */
export function buildBody(ground: BodyGround, entries: readonly ScenarioEntry[]): BuiltEntry[] {
  const nonces = new Map(ground.nonces);
  return entries.map((entry) => {
    if (entry.kind === "raw") return { entry, bytes: entry.bytes };
    const expected = nonces.get(entry.from) ?? 0n;
    const nonce = entry.nonce ?? expected;
    const fields = fieldsOf(ground, entry, nonce);
    const { actors, environmentId } = ground;
    const signer = actors.signer(entry.from);
    const bytes =
      entry.signature === undefined
        ? signTransaction(fields, signer)
        : encodeTransaction({
            ...fields,
            publicKey: signer.publicKey,
            signature: fromHex(entry.signature, 64),
          });
    refuseLong(bytes, entry.path);
    if (!willBeSkipped(ground, entry, fields, nonce === expected)) {
      nonces.set(entry.from, nonce < NONCE_MAX ? nonce + 1n : nonce);
    }
    if (entry.kind !== "deploy") {
      const to = actors.address(entry.to);
      return { entry, bytes, to, ...(entry.kind === "call" ? { method: entry.method } : {}) };
    }
    const to = toHex(contractAddress(environmentId, signer.address, nonce));
    actors.addContract(entry.as, to, moduleOf(ground, entry).abi);
    return { entry, bytes, to };
  });
}

/** @throws SCENARIO_RANGE for an entry that no node would pass on */
function refuseLong(bytes: Uint8Array, path: string): void {
  if (bytes.length <= TRANSACTION_BYTES_MAX) return;
  const message = `got a transaction of ${bytes.length} bytes, expected at most ${TRANSACTION_BYTES_MAX}`;
  throw scenarioError("SCENARIO_RANGE", path, message);
}

const moduleOf = (ground: BodyGround, entry: DeployEntry): LoadedModule =>
  ground.modules.get(entry.file)!;

function fieldsOf(ground: BodyGround, entry: SignedEntry, nonce: bigint): TransactionFields {
  const { rules, actors, environmentId } = ground;
  const kind = entry.kind === "deploy" ? "deploy" : "call";
  const input = inputOf(ground, entry);
  return {
    kind,
    environmentId: entry.environment === undefined ? environmentId : fromHex(entry.environment, 32),
    ...(entry.kind === "deploy" ? {} : { to: fromHex(actors.address(entry.to), 20) }),
    value: entry.value,
    nonce,
    gasLimit: Number(entry.gasLimit ?? defaultGasLimit(rules, kind)),
    price: entry.price ?? rules.fees.priceMin,
    input,
  };
}

/**
 * Gas limit of an entry that names none. A limit counts against what is left of the block before the
 * entry runs, so calls ask for a small part of it; a deployment runs prepare over the whole module.
 */
export function defaultGasLimit({ gas }: Rules, kind: TransactionFields["kind"]): bigint {
  const share = kind === "deploy" ? gas.perBlock / 2n : gas.perBlock / 32n;
  return share < gas.perTransaction ? share : gas.perTransaction;
}

function inputOf(ground: BodyGround, entry: SignedEntry): Uint8Array {
  if (entry.kind === "send") return entry.input;
  if (entry.kind === "call") return callInput(ground, entry);
  const { wasm } = moduleOf(ground, entry);
  return joinDeployInput(wasm, entry.input ?? initArguments(ground, entry));
}

function callInput(ground: BodyGround, entry: CallEntry): Uint8Array {
  const { actors } = ground;
  const abi = actors.abi(actors.address(entry.to));
  if (abi === undefined) {
    const message = `got a call of ${entry.method} on ${entry.to}, whose ABI is not known`;
    throw scenarioError("SCENARIO_ABI_MISSING", `${entry.path}.call`, message);
  }
  const method = abi.methods.find((one) => one.name === entry.method && isCallable(one));
  const path = `${entry.path}.args`;
  const args = entry.args.map((arg, i) => {
    const type = method?.params[i]?.type;
    return type === undefined ? arg : resolveNames(arg, type, abi, actors, `${path}[${i}]`);
  });
  return atPath(method === undefined ? `${entry.path}.call` : path, () =>
    encodeCall(abi, entry.method, args),
  );
}

function initArguments(ground: BodyGround, entry: DeployEntry): Uint8Array {
  const { actors } = ground;
  const { abi } = moduleOf(ground, entry);
  if (abi === undefined) {
    if (entry.args.length === 0) return new Uint8Array(0);
    const message = `got arguments for ${entry.file}, which carries no ABI`;
    throw scenarioError("SCENARIO_ABI_MISSING", `${entry.path}.args`, message);
  }
  const init = abi.methods.find(({ kind }) => kind === "init");
  const path = `${entry.path}.args`;
  const args = entry.args.map((arg, i) => {
    const type = init?.params[i]?.type;
    return type === undefined ? arg : resolveNames(arg, type, abi, actors, `${path}[${i}]`);
  });
  return atPath(path, () => encodeInit(abi, args));
}

/** Whether the entry fails a check that its fields and the rules decide, or is expected to fail one. */
function willBeSkipped(
  ground: BodyGround,
  entry: SignedEntry,
  fields: TransactionFields,
  isNextNonce: boolean,
): boolean {
  const { rules, actors } = ground;
  if (entry.expect.outcome !== undefined) return entry.expect.outcome === "skipped";
  const deployers = rules.deployers;
  const mayDeploy =
    fields.kind !== "deploy" ||
    deployers === "anyone" ||
    deployers.includes(actors.address(entry.from));
  return (
    entry.environment !== undefined ||
    entry.signature !== undefined ||
    !isNextNonce ||
    BigInt(fields.gasLimit) > rules.gas.perTransaction ||
    intrinsicGas(rules, fields) > fields.gasLimit ||
    fields.price < rules.fees.priceMin ||
    !mayDeploy
  );
}
