// Every failure that reaches a caller as an exception: one class, one code, one place, one fix.
// Outcomes of contract execution are data (outcome.ts) and never thrown out of the engine;
// assertion failures are our own bugs. docs/errors.md has a row for each code (a test compares).

/** Where a failure lies, as far as it is known. Every field is optional; cli/ prints those present. */
export interface ErrorWhere {
  readonly file?: string;
  /** Wasm function index and, where a name section tells it, its name. */
  readonly function?: number;
  readonly functionName?: string;
  /** Byte offset in `file` or in the bytes at hand. */
  readonly byteOffset?: number;
  /** AssemblyScript source as `path:line:column`. */
  readonly source?: string;
  readonly height?: bigint;
  readonly transaction?: number;
  /** A path inside JSON, a flag, an argument, a field of a layout. */
  readonly field?: string;
}

export interface EngineErrorInput {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: ErrorWhere;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** Thrown to the caller for everything that is not an outcome and not our bug. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: ErrorCode;
  readonly where: ErrorWhere;
  readonly hint: string;
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(input: EngineErrorInput) {
    super(input.message, input.cause === undefined ? undefined : { cause: input.cause });
    this.code = input.code;
    this.where = input.where ?? {};
    this.hint = input.hint ?? errorCodes[input.code];
    this.details = input.details ?? {};
  }
}

/** Our bug: an impossible state was reached. Exit code 70 on the command line. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** @throws AssertionError when `condition` does not hold. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new AssertionError(sentence);
}

/** Every code with its general fix; a thrown error may give a more specific hint. Grouped by room. */
export const errorCodes = {
  // codec
  BYTES_TRUNCATED: "the bytes end too early; get a complete copy of the file",
  BYTES_TRAILING: "remove the bytes after the end of the value",
  BYTES_TOO_LONG: "a declared length is over its maximum; the bytes are damaged or hostile",
  BYTES_NOT_CANONICAL: "the value has another, canonical encoding; encode it again with plasmavm",
  HEX_INVALID: "give 0x and an even number of hexadecimal digits of the expected length",
  // rules
  RULES_SYNTAX: "the rules must be one JSON document; a JSON linter shows the place",
  RULES_TYPE: "give a value of the expected JSON type; docs/rules.md lists every field",
  RULES_RANGE: "choose a value inside the range; docs/rules.md gives the reason for it",
  RULES_FIELD_UNKNOWN: "remove the field; docs/rules.md lists all there are",
  RULES_FIELD_MISSING:
    'write the field, or start from a preset: {"preset": "general", ...the fields that differ}',
  RULES_PRESET_UNKNOWN: "use one of the presets payments, general, data-heavy",
  RULES_VERSION_UNKNOWN: "use a plasmavm release that knows this version",
  RULES_DUPLICATE: "list each entry once",
  RULES_CONFLICT: "change one of the two fields",
  RULES_HOST_CALL_UNKNOWN: "docs/host-calls.md lists the host calls",
  RULES_HOST_CALL_REQUIRED:
    "allow input, output, revert, storage_open, value_read and keccak256: deploying needs them",
  RULES_HOST_CALL_RESERVED: "remove send_message and upgrade; they come with later semantics",
  // host faults
  HOST_FAULT:
    "the engine under us failed, not the contract; nothing was committed; see the written bundle",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;
