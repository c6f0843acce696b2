// The messages of a dispute (docs/dispute.md section 3) and their one encoding. A command names what it speaks of
// by hash, so that one made for this dispute means nothing in another. Names (disputes, tournaments, matches,
// accounts) are hex, contents are bytes. Decoding checks form only; whether a command is a legal move is for
// dispute.ts to say.
import { type BlockResult, decodeResult, encodeResult, RESULT_BYTES } from "../chain/result.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { ByteReader } from "../codec/reader.ts";
import { ByteWriter } from "../codec/writer.ts";
import { EngineError } from "../errors.ts";
import { STEP_PROOF_BYTES_MAX } from "../limits.ts";
import { type CommitmentShape, PRODUCTION_SHAPE, treeDepth } from "./commitment-shape.ts";
import { HEADER_BYTES } from "./judge-header.ts";

/** The two claims of a match: `one` was there before `two`, which moves first. */
export const Side = { one: 0, two: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** The other side of a match. */
export function otherSide(side: Side): Side {
  return side === Side.one ? Side.two : Side.one;
}

/** How a claim of level A ends: in a halted machine whose host record holds the claimed result. */
export interface HaltedEnd {
  readonly kind: "halted";
  readonly result: BlockResult;
  /** Header [256] of the state that the last leaf commits to. */
  readonly header: Uint8Array;
  /** Siblings of the last leaf, from the leaf upwards [32 × tree depth]. */
  readonly path: Uint8Array;
  /** Leaves 0 and 9 of the host record, 128 bytes each [256]. */
  readonly recordLeaves: Uint8Array;
  /** Siblings of those two leaves, level by level from the leaves, the left one first [6 × 32]. */
  readonly recordSiblings: Uint8Array;
}

/** How a claim of level B ends: one step before the state that its parent claims. */
export interface LastStepEnd {
  readonly kind: "lastStep";
  /** The last leaf [32]. */
  readonly leaf: Uint8Array;
  /** Siblings of the last leaf [32 × tree depth]. */
  readonly path: Uint8Array;
  /** Step proof from the last leaf to the contested state. */
  readonly proof: Uint8Array;
}

/** Enters a claim into a tournament: that of the dispute, or that of a sealed match, by the match's id. */
export interface ClaimCommand {
  readonly kind: "claim";
  readonly account: Hex;
  readonly tournament: Hex;
  /** Most that the account is ready to lock; what is asked for is taken. */
  readonly bondMax: bigint;
  /** Root [32] of the tree of state hashes. */
  readonly root: Uint8Array;
  /** The nodes one move below the root [32 × arity]. */
  readonly children: Uint8Array;
  /** Siblings of leaf 0 [32 × tree depth]. Leaf 0 itself is known to all. */
  readonly firstPath: Uint8Array;
  readonly end: HaltedEnd | LastStepEnd;
}

/** A move of the side whose turn it is. */
export interface AdvanceCommand {
  readonly kind: "advance";
  readonly account: Hex;
  readonly match: Hex;
  /** Children of the mover's node at the disagreed place [32 × arity], if the other side has shown its own. */
  readonly own?: Uint8Array;
  /** Children of the mover's node one move further down, unless that is a leaf. */
  readonly below?: Uint8Array;
}

/** Shows the last leaf that both sides agree on and opens level B between it and the next one. */
export interface SealCommand {
  readonly kind: "seal";
  readonly account: Hex;
  readonly match: Hex;
  /** Whose tree `path` belongs to. */
  readonly side: Side;
  readonly agreedLeaf: Uint8Array;
  readonly path: Uint8Array;
}

/** Shows the last state that both sides agree on and proves the step from it. */
export interface StepCommand {
  readonly kind: "step";
  readonly account: Hex;
  readonly match: Hex;
  readonly side: Side;
  readonly agreedLeaf: Uint8Array;
  readonly path: Uint8Array;
  readonly proof: Uint8Array;
}

/** Ends a match whose mover has no time left. */
export interface TimeoutCommand {
  readonly kind: "timeout";
  readonly account: Hex;
  readonly match: Hex;
}

/** Ends a tournament: level B decides its match, level A the dispute. */
export interface ResolveCommand {
  readonly kind: "resolve";
  readonly account: Hex;
  readonly tournament: Hex;
}

export type Command =
  | ClaimCommand
  | AdvanceCommand
  | SealCommand
  | StepCommand
  | TimeoutCommand
  | ResolveCommand;

export const COMMAND_VERSION = 1;
const kinds = ["claim", "advance", "seal", "step", "timeout", "resolve"] as const;
const ends = ["halted", "lastStep"] as const;
const OWN = 1;
const BELOW = 2;
/** Two leaves of the host record, and the siblings that lead from both to its root. */
export const RECORD_LEAVES_BYTES = 256;
export const RECORD_SIBLINGS_BYTES = 192;

function writeClaim(out: ByteWriter, command: ClaimCommand, shape: CommitmentShape): void {
  const pathBytes = 32 * treeDepth(shape);
  const { end } = command;
  out.raw(fromHex(command.tournament, 32)).u128(command.bondMax).fixed(command.root, 32);
  out.fixed(command.children, 32 * shape.arity).fixed(command.firstPath, pathBytes);
  out.u8(1 + ends.indexOf(end.kind));
  if (end.kind === "lastStep") {
    out.fixed(end.leaf, 32).fixed(end.path, pathBytes).bytes(end.proof);
    return;
  }
  out.raw(encodeResult(end.result)).fixed(end.header, HEADER_BYTES).fixed(end.path, pathBytes);
  out.fixed(end.recordLeaves, RECORD_LEAVES_BYTES).fixed(end.recordSiblings, RECORD_SIBLINGS_BYTES);
}

function writeAdvance(out: ByteWriter, command: AdvanceCommand, shape: CommitmentShape): void {
  const { own, below } = command;
  out.raw(fromHex(command.match, 32));
  out.u8((own === undefined ? 0 : OWN) + (below === undefined ? 0 : BELOW));
  if (own !== undefined) out.fixed(own, 32 * shape.arity);
  if (below !== undefined) out.fixed(below, 32 * shape.arity);
}

function writeAgreedLeaf(
  out: ByteWriter,
  command: SealCommand | StepCommand,
  shape: CommitmentShape,
): void {
  out.raw(fromHex(command.match, 32)).u8(command.side);
  out.fixed(command.agreedLeaf, 32).fixed(command.path, 32 * treeDepth(shape));
}

/**
 * The canonical bytes of a command (docs/formats.md section 16).
 * @throws BYTES_OUT_OF_RANGE, HEX_INVALID when a field has not the size that the shape asks for
 */
export function encodeCommand(
  command: Command,
  shape: CommitmentShape = PRODUCTION_SHAPE,
): Uint8Array {
  const out = new ByteWriter(2_048);
  out
    .u8(COMMAND_VERSION)
    .u8(1 + kinds.indexOf(command.kind))
    .raw(fromHex(command.account, 20));
  switch (command.kind) {
    case "claim":
      writeClaim(out, command, shape);
      break;
    case "advance":
      writeAdvance(out, command, shape);
      break;
    case "seal":
      writeAgreedLeaf(out, command, shape);
      break;
    case "step":
      writeAgreedLeaf(out, command, shape);
      out.bytes(command.proof);
      break;
    case "timeout":
      out.raw(fromHex(command.match, 32));
      break;
    case "resolve":
      out.raw(fromHex(command.tournament, 32));
  }
  return out.finish();
}

/** Reads a number that names one of a list, counted from `first`. */
function readName<T>(input: ByteReader, what: string, names: readonly T[], first: number): T {
  const at = input.offset;
  const got = input.u8();
  const name = names[got - first];
  if (name !== undefined) return name;
  const expected = `${first} to ${first + names.length - 1}`;
  throw input.error("DISPUTE_COMMAND_INVALID", what, got, expected, at);
}

const readId = (input: ByteReader): Hex => toHex(input.fixed(32));
// Copies, not views: a state keeps hashes of commands whose bytes belong to somebody else.
const readBytes = (input: ByteReader, size: number): Uint8Array => input.fixed(size).slice();
const readProof = (input: ByteReader): Uint8Array => input.bytes(STEP_PROOF_BYTES_MAX).slice();

function readEnd(input: ByteReader, pathBytes: number): HaltedEnd | LastStepEnd {
  const kind = readName(input, "end of a claim", ends, 1);
  if (kind === "lastStep") {
    const leaf = readBytes(input, 32);
    const path = readBytes(input, pathBytes);
    return { kind, leaf, path, proof: readProof(input) };
  }
  const result = decodeResult(input.fixed(RESULT_BYTES));
  const header = readBytes(input, HEADER_BYTES);
  const path = readBytes(input, pathBytes);
  const recordLeaves = readBytes(input, RECORD_LEAVES_BYTES);
  const recordSiblings = readBytes(input, RECORD_SIBLINGS_BYTES);
  return { kind, result, header, path, recordLeaves, recordSiblings };
}

function readClaim(input: ByteReader, account: Hex, shape: CommitmentShape): ClaimCommand {
  const pathBytes = 32 * treeDepth(shape);
  const tournament = readId(input);
  const bondMax = input.u128();
  const root = readBytes(input, 32);
  const children = readBytes(input, 32 * shape.arity);
  const firstPath = readBytes(input, pathBytes);
  const end = readEnd(input, pathBytes);
  return { kind: "claim", account, tournament, bondMax, root, children, firstPath, end };
}

function readAdvance(input: ByteReader, account: Hex, shape: CommitmentShape): AdvanceCommand {
  const match = readId(input);
  const lists = readName(input, "lists of a move", [OWN, BELOW, OWN + BELOW], 1);
  const size = 32 * shape.arity;
  return {
    kind: "advance",
    account,
    match,
    ...(lists === BELOW ? {} : { own: readBytes(input, size) }),
    ...(lists === OWN ? {} : { below: readBytes(input, size) }),
  };
}

function readSealOrStep(
  input: ByteReader,
  kind: "seal" | "step",
  account: Hex,
  shape: CommitmentShape,
): SealCommand | StepCommand {
  const match = readId(input);
  const side = readName(input, "side", [Side.one, Side.two], 0);
  const agreedLeaf = readBytes(input, 32);
  const path = readBytes(input, 32 * treeDepth(shape));
  const shown = { account, match, side, agreedLeaf, path };
  return kind === "seal" ? { kind, ...shown } : { kind, ...shown, proof: readProof(input) };
}

function readBody(
  input: ByteReader,
  kind: Command["kind"],
  account: Hex,
  shape: CommitmentShape,
): Command {
  switch (kind) {
    case "claim":
      return readClaim(input, account, shape);
    case "advance":
      return readAdvance(input, account, shape);
    case "seal":
    case "step":
      return readSealOrStep(input, kind, account, shape);
    case "timeout":
      return { kind, account, match: readId(input) };
    case "resolve":
      return { kind, account, tournament: readId(input) };
  }
}

/**
 * A command from its canonical bytes.
 * @throws DISPUTE_COMMAND_INVALID for another version, kind or choice · RESULT_INVALID ·
 * BYTES_TRUNCATED, BYTES_TOO_LONG, BYTES_TRAILING
 */
export function decodeCommand(
  bytes: Uint8Array,
  shape: CommitmentShape = PRODUCTION_SHAPE,
): Command {
  const input = new ByteReader(bytes, { field: "command" });
  const version = input.u8();
  if (version !== COMMAND_VERSION) {
    throw input.error("DISPUTE_COMMAND_INVALID", "command version", version, COMMAND_VERSION, 0);
  }
  const kind = readName(input, "kind of command", kinds, 1);
  const account = toHex(input.fixed(20));
  const command = readBody(input, kind, account, shape);
  input.end();
  return command;
}

/** An error about a field of a command. */
export function refusal(
  code: EngineError["code"],
  field: string,
  message: string,
  details: EngineError["details"] = {},
): EngineError {
  return new EngineError({ code, message: `${field}: ${message}`, where: { field }, details });
}
