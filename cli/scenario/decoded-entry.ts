// What came of an entry in words: results, events and revert data by the ABIs of the run. What a contract
// gave may not fit its ABI; then the bytes are shown, since the outcome stands all the same.
import type { ContractAbi } from "../../host/abi/abi.ts";
import { decodeEvent } from "../../host/abi/decode-event.ts";
import { decodeResult } from "../../host/abi/decode-result.ts";
import {
  type DecodedRevert,
  decodeRevert,
  describeRevert,
  placeText,
} from "../../host/abi/decode-revert.ts";
import type { AbiValue } from "../../host/abi/decode-value.ts";
import { fromHex, type Hex, toHex } from "../../host/codec/hex.ts";
import type { ExecutedEntry, ExecutedEvent } from "../../host/environment/environment-core.ts";
import { EngineError } from "../../host/errors.ts";
import { describeOutcome, Outcome } from "../../host/outcome.ts";
import { refusalKinds } from "../../host/program/refusals.ts";
import { counted } from "../output.ts";
import type { Actors } from "./actors.ts";
import type { BuiltEntry } from "./build-body.ts";

export interface EntryEvent {
  readonly emitter: Hex;
  /** Absent where no ABI has the event. */
  readonly name?: string;
  readonly fields?: Readonly<Record<string, AbiValue>>;
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

export interface DecodedEntry {
  /** Such as `success` or `skipped(nonce)`. */
  readonly outcome: string;
  /** The result by the ABI; absent where there is none or it does not decode. */
  readonly result?: AbiValue;
  /** What a revert says. */
  readonly revert?: DecodedRevert;
  readonly events: readonly EntryEvent[];
}

/** Decodes what came of an entry. Never throws for what a contract gave. */
export function decodeEntry(
  built: Pick<BuiltEntry, "to" | "method">,
  executed: ExecutedEntry,
  actors: Actors,
): DecodedEntry {
  const abi = built.to === undefined ? undefined : actors.abi(built.to);
  const outcome = executed.outcome as Outcome;
  const described = {
    outcome: describeOutcome(outcome, executed.code),
    events: executed.events.map((event) => entryEvent(event, actors)),
  };
  if (outcome === Outcome.revert) {
    const abis = [...(abi === undefined ? [] : [abi]), ...actors.abis()];
    return { ...described, revert: decodeRevert(abis, executed.output) };
  }
  const { method } = built;
  if (outcome !== Outcome.success || abi === undefined || method === undefined) return described;
  const result = orNothing(() => decodeResult(abi, method, executed.output));
  return result === undefined ? described : { ...described, result };
}

function entryEvent(event: ExecutedEvent, actors: Actors): EntryEvent {
  const { emitter, topics } = event;
  const abi: ContractAbi | undefined = actors.abi(emitter);
  const bytes = topics.map((topic) => fromHex(topic, 32));
  const decoded =
    abi === undefined ? undefined : orNothing(() => decodeEvent(abi, bytes, event.data));
  return { emitter, ...decoded, topics, data: toHex(event.data) };
}

function orNothing<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof EngineError) return undefined;
    throw error;
  }
}

/** A value on one line, addresses by their names. */
export function valueText(value: AbiValue, actors: Actors): string {
  if (typeof value === "string") {
    const name = value.length === 42 ? actors.nameOf(value as Hex) : undefined;
    return name === undefined ? value : `@${name}`;
  }
  if (Array.isArray(value)) {
    return `[${value.map((item: AbiValue) => valueText(item, actors)).join(", ")}]`;
  }
  if (typeof value !== "object" || value === null) return String(value);
  return `{${fieldsText(value as Readonly<Record<string, AbiValue>>, actors)}}`;
}

const fieldsText = (fields: Readonly<Record<string, AbiValue>>, actors: Actors): string =>
  Object.entries(fields)
    .map(([name, item]) => `${name}: ${valueText(item, actors)}`)
    .join(", ");

/** An event on one line. */
export function eventText(event: EntryEvent, actors: Actors): string {
  const { emitter, name, fields } = event;
  if (name !== undefined && fields !== undefined) return `${name}(${fieldsText(fields, actors)})`;
  const from = actors.nameOf(emitter) ?? emitter;
  return `event of ${from}: ${counted(event.topics.length, "topic")}, ${counted(event.data.length / 2 - 1, "byte")}`;
}

/** What a revert says on one line: addresses by their names, refusals of prepare by their codes. */
export function revertText(revert: DecodedRevert, actors: Actors): string {
  if (revert.kind === "refusal") return `${refusalCode(revert)}: ${placeText(revert)}`;
  if (revert.kind !== "error") return describeRevert(revert);
  return `${revert.name}(${fieldsText(revert.fields, actors)})`;
}

const refusalCode = ({ code }: { readonly code: number }): string =>
  refusalKinds.get(code)?.code ?? `refusal ${code}`;

/** What an expectation of an error names: the message, the typed error, or the refusal's code. */
export function revertName(revert: DecodedRevert): string | undefined {
  if (revert.kind === "error") return revert.name;
  if (revert.kind === "refusal") return refusalCode(revert);
  return "message" in revert ? revert.message : undefined;
}
