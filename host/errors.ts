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
  BYTES_OUT_OF_RANGE: "the number or byte string does not fit its field; give one that does",
  HEX_INVALID: "give 0x and an even number of hexadecimal digits of the expected length",
  // chain data types
  KEY_INVALID: "a private key is 32 bytes, not zero and below the order of secp256k1",
  TRANSACTION_INVALID: "the bytes are no transaction; encode one with plasmavm (docs/formats.md 3)",
  ORDER_INVALID: "the bytes are no order of this format version (docs/formats.md section 4)",
  RESULT_INVALID: "the bytes are no result of this format version (docs/formats.md section 4)",
  RECEIPT_INVALID: "the bytes are no receipt of this format version (docs/formats.md section 6)",
  FILE_MAGIC: "the file was not written by plasma; give a bundle or proof file of ours",
  FILE_KIND: "the file is another kind of plasma file; see plasma inspect",
  FILE_FORMAT: "the file has another format version; use the release of plasmavm that wrote it",
  BUNDLE_INVALID: "the bundle is damaged or was not written canonically; get another copy",
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
  RULES_PREPARE_REFUSED: "raise the named limit: every deploy runs prepare, so it must fit",
  RULES_HOST_CALL_UNKNOWN: "docs/host-calls.md lists the host calls",
  RULES_HOST_CALL_REQUIRED:
    "allow input, output, revert, storage_open, value_read and keccak256: deploying needs them",
  // state
  STATE_DAMAGED:
    "the store's bytes are not what was written; restore it from a backup or replay the bundles",
  STATE_EMPTY: "initialise the store with a genesis first",
  STATE_NOT_EMPTY: "open an empty directory for a new environment",
  STATE_ORDER:
    "execute, take the witness, apply the changes, then commit: one height after another",
  STATE_PATH: "give a directory that this user can create, read and write",
  STATE_NOT_A_STORE: "give the directory of a store, or an empty or new one",
  STATE_FORMAT_UNKNOWN: "open the store with the plasmavm release that made it, or a newer one",
  STATE_OTHER_ENVIRONMENT: "give the directory of this environment's store",
  STATE_LOCKED: "close the other process that has the store open; one writes at a time",
  STATE_IMPOSSIBLE:
    "the state holds what no execution writes, so its root was made up; get the bundle elsewhere",
  STATE_WRITE:
    "make room or repair the disk, then open the store again: nothing acknowledged is lost",
  STATE_THREAD:
    "open the environment again: a store has every acknowledged block, one in memory begins anew",
  FORK_KEY_UNKNOWN:
    "fork the state folder of a run in place of the bundle, or a bundle whose block touches that key",
  // witness
  WITNESS_MISSING: "the witness does not open what execution touches; get the complete bundle",
  WITNESS_UNUSED: "the witness opens what nothing touched; a block has exactly one witness",
  // cli
  CLI_COMMAND_UNKNOWN: '"plasma --help" lists the commands',
  CLI_OPTION_UNKNOWN: "the command's --help lists its options",
  CLI_ARGUMENT_MISSING: "give the argument; the command's --help shows which",
  CLI_ARGUMENT_EXTRA: "remove the argument, or put quotes around words that belong together",
  CLI_ARGUMENT_INVALID: "give another value; the command's --help says which are allowed",
  FILE_NOT_FOUND: "check the path; it is relative to the folder you are in, or to -C",
  FILE_NOT_READABLE: "give a file that this user may read",
  FILE_NOT_WRITABLE: "give a place that this user may write to, with space left",
  FILE_EXISTS: "give another name with -o, or overwrite it with --force",
  FILE_TOO_LARGE: "give a smaller file; this one cannot be what the command reads",
  FOLDER_NOT_EMPTY: "give a folder that is absent or empty",
  FOLDER_NOT_FOUND: "give a folder that exists",
  CONFIG_SYNTAX: "plasma.config.json must be one JSON object",
  CONFIG_TYPE: "give a string",
  CONFIG_FIELD_UNKNOWN: 'remove the field; "plasma config" lists the settings',
  TEMPLATE_UNKNOWN: '"plasma new --help" shows how to choose a template',
  PACK_FAILED: "run npm pack in the package's folder to see why; npm must be on the PATH",
  EXPLAIN_UNKNOWN: "docs/errors.md lists all codes",
  INSPECT_KIND_UNKNOWN: "give a bundle, a proof, a log, a Wasm module, an ABI or a rules document",
  BUILD_COMPILER: "remove the override of assemblyscript from package.json and install again",
  BUILD_NO_CONTRACT: "put @contract above an exported class in assembly/*.ts",
  SOURCE_CONTRACT_UNKNOWN: "give the folder of the project that the module was built from",
  SOURCE_COMPILER: "install the plasmavm that made the module, and verify with its command",
  SOURCE_MISMATCH:
    "the module is not what these sources build to; get the sources, or the plasmavm, that it was built with",
  INTERRUPTED: "run the command again; nothing was left half-written",
  BUG: 'report the command, its input, "plasma --version --json" and the lines on stderr',
  BENCH_SUITE_UNKNOWN: '"plasma bench" lists the suites; a scenario is a file that ends in .json',
  BENCH_BASELINE_INVALID:
    "give a file that plasma bench --save wrote for the same suite, scenario and --size",
  // contract and abi
  BUILD_FAILED: "fix the source at the marked place; the message is the compiler's own",
  BUILD_ENTRY_NOT_FOUND:
    "give the contract's file relative to the project, such as assembly/counter.ts",
  ABI_SYNTAX: "the ABI must be JSON of version 1, as plasma build writes it",
  ABI_NAME_UNKNOWN:
    "use a name that the contract's ABI has; the .abi.json beside the module lists them",
  ABI_ARGUMENT_COUNT: "give as many arguments as the method has parameters",
  ABI_ARGUMENT: "give a value of the parameter's type; docs/formats.md section 10 lists the types",
  ABI_DATA: "the bytes do not encode what the ABI says; is this the ABI of that contract?",
  // scenario and runs
  SCENARIO_SYNTAX: "a scenario is one JSON document; a JSON linter shows the place",
  SCENARIO_TYPE:
    "give a value of the expected JSON type; schema/scenario.json describes every field",
  SCENARIO_RANGE: "choose a value inside the range",
  SCENARIO_FIELD_UNKNOWN: "remove the field; schema/scenario.json lists all there are",
  SCENARIO_FIELD_MISSING: "write the field",
  SCENARIO_FIELD_CONFLICT: "remove the field that does not belong here",
  SCENARIO_NAME_INVALID: "use a letter and then letters, digits, _ or -",
  SCENARIO_NAME_UNKNOWN:
    'list the account under "accounts", or deploy the contract with "as" before',
  SCENARIO_NAME_TAKEN: "give every account and contract its own name",
  SCENARIO_TIME: "give each block a time that is not before the block above it",
  SCENARIO_ABI_MISSING:
    'deploy a contract that plasma build made, or give "input" in place of "call" and "args"',
  RUN_FOLDER_FOREIGN:
    "give -o a folder that is absent, empty, or holds an earlier run and nothing else",
  REPLAY_FOLDER_EMPTY: "give a folder with files such as 1.bundle, as plasma run writes them",
  REPLAY_HEIGHT_MISSING: "get the missing bundle, or replay the bundles one by one",
  TRACE_TRANSACTION: '"plasma inspect" lists the transactions of a bundle, counted from 0',
  TRACE_STEP:
    '"plasma trace BUNDLE --tx N" shows the first and last step of a transaction, counted in its block',
  ARTIFACTS_NONE: "give the folder that plasma build wrote to: build, unless -o named another",
  JUDGE_WASI_MISSING:
    "npm install @wasmer/sdk, or leave out --judge wasi: our own judges need nothing",
  CHARTS_MISSING: "npm install echarts, which draws the charts, or give --no-charts",
  PEERS_REPORT_INVALID: "npm run peers -- --save FILE, in a checkout, writes such a report",
  TAMPER_KIND_UNKNOWN: '"plasma tamper" lists the kinds of lies',
  // chain
  GENESIS_BALANCES:
    "name each account once, with balances that are not negative and sum to less than 2^128",
  BODY_TOO_LARGE:
    "split the transactions over more blocks, or raise block.bodyBytesMax in the rules",
  ORDER_TIME: "give the block a time that is not before its parent's",
  CODE_MISSING: "the Wasm of a contract is not at hand; get a complete bundle or store",
  CODE_MISMATCH: "the Wasm is not the one that state names; get an unaltered bundle",
  CODE_UNUSED: "the bundle carries code its block does not use; get the bundle its maker sealed",
  RULES_HASH_MISMATCH: "the rules are not those the order names; get an unaltered bundle",
  TRANSACTIONS_ROOT_MISMATCH:
    "the transactions are not those the order names; get an unaltered bundle",
  RECEIPTS_ROOT_MISMATCH: "the receipts are not those the result names; get an unaltered bundle",
  STATE_ROOT_MISMATCH: "the claim is wrong: the block comes to another state root",
  RECEIPT_MISMATCH: "the claim is wrong: the transaction comes to another receipt",
  GAS_USED_MISMATCH: "the claim is wrong: the receipts come to another sum of gas",
  OUTBOX_ROOT_MISMATCH: "the claim is wrong: the block comes to another outbox",
  BLOCK_NOT_EXPECTED: "the bundle is of another block than --expect names; ask for the right one",
  PARENT_NOT_EXPECTED: "the bundle builds on another parent than expected; ask for the right one",
  PROOF_REFUSED:
    "the proof is damaged or made up; it says nothing about its claim: make or get another",
  STEP_MISMATCH: "the claim is wrong: the step leads to another state",
  STATE_PROOF_ROOT:
    "the proof is damaged or made up; it says nothing about the key: make or get another",
  JUDGES_DIFFER: "the judges must agree on every proof: this is our bug; report the file",
  LIE_NOT_POSSIBLE: "choose another lie, another transaction or another bundle",
  // prepare
  CODE_RECORD_VERSION: "use the release of plasmavm that wrote the record",
  WASM_PREPARE_RULES: "give the bytes that prepareRulesBlob makes of valid rules",
  WASM_MAGIC: "give a WebAssembly binary; plasma build writes one",
  WASM_VERSION: "compile to WebAssembly binary version 1, not to a component",
  WASM_TRUNCATED: "get a complete copy of the module",
  WASM_INTEGER_TOO_LONG: "compile the module again; an encoder wrote a malformed integer",
  WASM_INTEGER_TOO_LARGE: "compile the module again; an encoder wrote a malformed integer",
  WASM_SECTION_ID: "compile for WebAssembly 2.0 or older, without proposals",
  WASM_SECTION_ORDER: "compile the module again; each section stands once, in order",
  WASM_SECTION_SIZE: "compile the module again; the section is damaged",
  WASM_UTF8: "use names of valid UTF-8",
  WASM_BODY_COUNT: "compile the module again; every declared function needs one body",
  WASM_BODY_SIZE: "compile the module again; the body is damaged",
  WASM_TYPE_FORM: "compile the module again; the type section is damaged",
  WASM_VALUE_TYPE: "use i32 and i64",
  WASM_BLOCK_TYPE: "compile the module again; the block type is damaged",
  WASM_OPCODE: "compile for WebAssembly 2.0 or older, without proposals",
  WASM_LIMITS_FLAG: "compile the module again, without proposals",
  WASM_MUTABILITY: "compile the module again; the global section is damaged",
  WASM_EXTERNAL_KIND: "compile the module again, without proposals",
  WASM_DATA_COUNT: "compile the module again; the two counts must agree",
  WASM_RESERVED_BYTE: "compile with one memory and one table",
  WASM_SEGMENT_FORM: "compile the module again; the segment is damaged",
  WASM_ELSE_WITHOUT_IF: "compile the module again; the body is damaged",
  WASM_TYPE_INDEX: "compile the module again; it is not valid WebAssembly",
  WASM_FUNCTION_INDEX: "compile the module again; it is not valid WebAssembly",
  WASM_LOCAL_INDEX: "compile the module again; it is not valid WebAssembly",
  WASM_GLOBAL_INDEX: "compile the module again; it is not valid WebAssembly",
  WASM_LABEL_INDEX: "compile the module again; it is not valid WebAssembly",
  WASM_TABLE_INDEX: "compile the module again; a contract has at most one table, of index 0",
  WASM_MEMORY_INDEX: "compile the module again; a contract has at most one memory, of index 0",
  WASM_TYPE_MISMATCH: "compile the module again; it is not valid WebAssembly",
  WASM_STACK_UNDERFLOW: "compile the module again; it is not valid WebAssembly",
  WASM_STACK_LEFT: "compile the module again; it is not valid WebAssembly",
  WASM_IF_WITHOUT_ELSE: "compile the module again; it is not valid WebAssembly",
  WASM_ALIGNMENT: "compile the module again; it is not valid WebAssembly",
  WASM_GLOBAL_IMMUTABLE: "declare the global mutable, or do not set it",
  WASM_CONST_EXPRESSION: "give the global or segment one constant of its type",
  WASM_EXPORT_DUPLICATE: "give every export its own name",
  WASM_LIMITS_ORDER: "give a maximum that is not less than the initial size",
  WASM_DATA_BOUNDS: "raise the initial memory, or move the data",
  WASM_ELEMENT_BOUNDS: "raise the table's initial size",
  WASM_BR_TABLE_ARITY: "compile the module again; it is not valid WebAssembly",
  WASM_FLOAT_REFUSED: "use integers, or Fixed from plasmavm/assembly",
  WASM_SIMD_REFUSED: "compile without --enable simd",
  WASM_THREADS_REFUSED: "compile without --enable threads",
  WASM_REFERENCE_TYPES_REFUSED: "compile without --enable reference-types",
  WASM_TAIL_CALL_REFUSED: "compile without tail calls",
  WASM_EXCEPTIONS_REFUSED: "compile without exception handling; revert with a typed error instead",
  WASM_MULTI_VALUE_REFUSED: "return one value; write more into memory",
  WASM_MEMORY64_REFUSED: "compile for 32-bit memory",
  WASM_MULTI_MEMORY_REFUSED: "use one memory",
  WASM_START_REFUSED: "build with plasma: it exports static initialisers as _start",
  WASM_PASSIVE_SEGMENT_REFUSED: "use active segments; compile without memory.init",
  WASM_TABLE_BULK_REFUSED: "compile without table instructions",
  WASM_SHARED_MEMORY_REFUSED: "compile without --sharedMemory",
  WASM_MULTI_TABLE_REFUSED: "use one table",
  WASM_GC_REFUSED: "compile without --enable gc",
  WASM_IMPORT_UNKNOWN: "docs/host-calls.md lists what a contract may import; build with plasma",
  WASM_IMPORT_SIGNATURE: "declare the import as docs/host-calls.md does",
  WASM_IMPORT_NOT_ALLOWED: "do without the host call, or allow it in the environment's rules",
  WASM_IMPORT_TABLE: "define the table inside the module",
  WASM_IMPORT_MEMORY: "define the memory inside the module; compile without --importMemory",
  WASM_IMPORT_GLOBAL: "define the global inside the module",
  WASM_ENTRY_MISSING: "export a @contract class and build with plasma, which makes main",
  WASM_ENTRY_TYPE: "main and _start take and give nothing; read arguments with input",
  WASM_EXPORT_RESERVED: "rename the export: names that start with plasma: are the engine's",
  WASM_LIMIT_BYTES: "make the module smaller: fewer generic instantiations, or two contracts",
  WASM_LIMIT_FUNCTIONS: "use fewer functions, or split the contract in two",
  WASM_LIMIT_BODY_BYTES: "split the function",
  WASM_LIMIT_BODY_INSTRUCTIONS: "split the function",
  WASM_LIMIT_NESTING: "nest fewer blocks: move inner ones to functions",
  WASM_LIMIT_BR_TABLE: "use a table in memory in place of a switch this large",
  WASM_LIMIT_BR_TABLE_TOTAL: "use fewer or smaller switches",
  WASM_LIMIT_LOCALS: "use fewer variables in one function; split it",
  WASM_LIMIT_LOCALS_TOTAL: "use fewer or smaller functions",
  WASM_LIMIT_PARAMS: "pass fewer parameters, or pass a struct",
  WASM_LIMIT_TYPES: "use fewer function signatures",
  WASM_LIMIT_GLOBALS: "keep static data in memory in place of globals",
  WASM_LIMIT_TABLE: "use fewer function references",
  WASM_LIMIT_DATA_SEGMENTS: "join the static data into fewer segments",
  WASM_LIMIT_IMPORTS: "import each host call once",
  WASM_LIMIT_EXPORTS: "export main only; methods are reached through it",
  WASM_LIMIT_PAGES: "lower the initial and maximum memory",
  WASM_LIMIT_MERGES: "split functions that have many locals and many branches or loops",
  // environment
  STATE_OTHER_GENESIS:
    "open the store with the rules and genesis it was made with, or another directory",
  ENVIRONMENT_CLOSED: "open the environment again before using it",
  ENVIRONMENT_ENDED:
    "its process ended with the request under way and is started again; look at the head before repeating it",
  ENVIRONMENT_TIMEOUT:
    "the process was ended because it did not answer in time; give requestSeconds more, or the environment fewer gas per block",
  ENVIRONMENT_FAILED:
    "read what its process said last, repair the cause, then open it again: nothing acknowledged is lost",
  ENVIRONMENT_BUSY: "wait for answers before asking more",
  ENVIRONMENT_HEIGHT:
    "give the order of the height after the head's; the head tells what is executed",
  ENVIRONMENT_MESSAGE: "send less at once; a message between processes has at most 256 MiB",
  ENVIRONMENT_PROTOCOL:
    "start environment processes only through EnvironmentProcess, of one version",
  MEMPOOL_TOO_LARGE: "send a transaction that fits the rules' body and 1 MiB",
  MEMPOOL_DECODE: "encode the transaction as docs/formats.md section 3 says",
  MEMPOOL_MESSAGE: "messages come through the inbox of settlement; send a call or a deploy",
  MEMPOOL_ENVIRONMENT: "sign the transaction for this environment's id",
  MEMPOOL_SIGNATURE: "sign the transaction's digest with the key in its head",
  MEMPOOL_GAS_LIMIT: "set a gas limit of at most the rules' gas per transaction",
  MEMPOOL_INTRINSIC_GAS: "raise the gas limit to what the transaction costs before anything runs",
  MEMPOOL_PRICE: "offer at least the rules' lowest price",
  MEMPOOL_DEPLOYER: "deploy with an account that the rules name as a deployer",
  MEMPOOL_KNOWN: "the transaction waits here already; there is nothing to do",
  MEMPOOL_NONCE_LOW: "use the account's next nonce; this one is spent",
  MEMPOOL_NONCE_HIGH: "send the transactions before it first",
  MEMPOOL_BALANCE:
    "the account must hold gas limit x price + value of all its waiting transactions together",
  MEMPOOL_REPLACEMENT: "offer a price at least 10 % above the transaction that has this nonce",
  MEMPOOL_SENDER_FULL: "wait until some of the account's transactions are in a block",
  MEMPOOL_FULL: "offer a higher price, or wait for the next block",
  WITNESS_LENGTH: "the witness bytes are cut or extended; get a complete copy of the bundle",
  WITNESS_SHAPE:
    "the shape is not that of a canonical multiproof; get the bundle from another source",
  WITNESS_LEAF: "a leaf of the witness is damaged or forged; get the bundle from another source",
  WITNESS_PIECES: "the pieces of a value are damaged or forged; get the bundle from another source",
  WITNESS_ROOT_MISMATCH:
    "the witness opens another state than the parent's; get the bundle from another source",
  // testing
  CONTRACT_FAILED:
    "the contract did not succeed; fix the contract or the call, or expect the failure",
  TEST_ACCOUNT_UNKNOWN: "name the account in createWorld({ accounts: [...] })",
  TEST_CONTRACT_UNREADABLE:
    "give a path to AssemblyScript source (.ts) or to Wasm that plasma built",
  TEST_NO_TRANSACTION: "send a transaction before asking what became of it",
  TEST_SNAPSHOT_GONE: "take snapshots anew after restoring an earlier one",
  TEST_TIME: "give a time that is not before that of the last block; restore a snapshot to go back",
  TEST_BALANCE: "give a balance from 0 to 2^120",
  TEST_EXPECTATION: "the contract does something else than the test expects; fix one of them",
  TEST_COUNTEREXAMPLE:
    "fix the contract or the property; the case is kept and tried first next time",
  TEST_FUZZ_ACTIONS:
    'give invariant at least one action: actions: { transfer: [token, "transfer"] }',
  TEST_FAST_CHECK_MISSING: "npm install --save-dev fast-check",
  TEST_VITEST_MISSING: "npm install --save-dev vitest, in the folder with package.json",
  TEST_RUN_FAILED: "read what vitest printed above; its configuration or arguments may be wrong",
  GAS_SNAPSHOT_INVALID: "write it anew with plasma test --gas-snapshot",
  TEST_REPLAY_FAILED: "a bug of the engine: the block does not replay; report it with the contract",
  // dispute
  DISPUTE_COMMAND_INVALID: "the bytes are no command of a dispute (docs/formats.md section 16)",
  DISPUTE_TIME: "give commands in the order of their times, in whole seconds below 2^64",
  DISPUTE_OVER: "the dispute has its verdict; open another one",
  DISPUTE_TOURNAMENT_UNKNOWN: "name the dispute, or a sealed match of it; the log has their ids",
  DISPUTE_MATCH_UNKNOWN: "name a match of this dispute; the log has their ids",
  DISPUTE_CLAIM_KNOWN: "this root is claimed already; move for that claim, whoever entered it",
  DISPUTE_WINDOW_CLOSED: "claims enter before the window closes; watch orders more often",
  DISPUTE_BOND: "be ready to lock what the next entry costs; it grows with every claim",
  DISPUTE_LEVEL: "a claim of level A ends in a halted machine, one of level B with a step proof",
  DISPUTE_CHILDREN: "show all children of that node, in order; others do not hash to it",
  DISPUTE_FIRST_LEAF: "leaf 0 must be the state that the order, or the sealed match, begins with",
  DISPUTE_LAST_LEAF: "open the last leaf of the tree whose root is claimed",
  DISPUTE_NOT_HALTED: "the last leaf of level A must be a halted machine",
  DISPUTE_RESULT: "claim the result that the halted machine holds, and no other",
  DISPUTE_CONTEST: "claim a way to one of the two states that the sealed match contests",
  DISPUTE_PROOF: "prove the step from this very state; a refused proof decides nothing",
  DISPUTE_STAGE:
    "give the command that the match waits for; docs/dispute.md section 3 has the order",
  DISPUTE_LISTS:
    "show your children where the other side has shown its own, and those below, no more",
  DISPUTE_AGREED_LEAF:
    "show the leaf before the first differing one, with its path in the named tree",
  DISPUTE_CLOCK: "the side to move has no time left; end the match with timeout",
  DISPUTE_CLOCK_RUNNING: "wait until the clock of the side to move has run out",
  DISPUTE_NOT_OVER: "a tournament ends when its window is closed and no match of it is open",
  DISPUTE_OTHER_ORDER: "give a bundle of the same order on the same parent result",
  DISPUTE_SAME_RESULT: "give a bundle that claims another result, or --lie for a saboteur",
  DISPUTE_LIE_UNKNOWN: "plasma dispute lists the lies",
  DISPUTE_NO_STEP: "leave --prove away: the claim fell without a step, or nobody lied",
  DISPUTE_LOG_INVALID: "the log does not replay; get another copy",
  // settlement
  SETTLEMENT_COMMAND_INVALID: "the bytes are no command of the ledger (docs/formats.md section 17)",
  SETTLEMENT_GENESIS: "give each address once, with balances that sum to below 2^128",
  SETTLEMENT_TIME: "give commands in the order of their times, in whole seconds below 2^63",
  SETTLEMENT_OTHER: "the command is signed for another ledger; sign it for this one's id",
  SETTLEMENT_NONCE:
    "sign with the number of commands that the ledger has accepted from this account",
  SETTLEMENT_SIGNATURE: "sign the command's digest with the key that it names",
  SETTLEMENT_BALANCE: "the account must hold what the command takes out of it",
  SETTLEMENT_ENVIRONMENT_UNKNOWN:
    "name an environment that is registered with this ledger, by its id",
  SETTLEMENT_CLOSED:
    "people have escaped from this environment; take yours out too (escape, reclaim)",
  SETTLEMENT_NOT_CLOSED: "messages are given back only after an escape has closed the environment",
  SETTLEMENT_NOT_ALLOWED: "let the account that may give this command sign it",
  SETTLEMENT_RULES: "change the rules: this ledger could not keep them",
  SETTLEMENT_RULES_HASH: "name the rules that are in force at the order's height",
  SETTLEMENT_PARENT: "build the order on the last one that the ledger has accepted",
  SETTLEMENT_ORDER_TIME:
    "give the order the time at which it is posted, an interval after its parent's",
  SETTLEMENT_INBOX: "begin the body with the waiting messages, in their order, due ones at least",
  SETTLEMENT_MESSAGE_LENGTH: "send a shorter input; the target's rules say how long it may be",
  SETTLEMENT_MESSAGE_UNKNOWN:
    "name a message that the closed environment's last final order did not take",
  SETTLEMENT_HEIGHT:
    "choose a height in the range; orders that are final cannot be disputed any more",
  SETTLEMENT_PARENT_RESULT:
    "build on the final result, or on one that is claimed for the parent and stands",
  SETTLEMENT_NOT_FINAL:
    "claim the result, wait for the window, end the dispute with resolve, then finalise",
  SETTLEMENT_OUTBOX:
    "deliver all messages of the earliest final block whose messages wait, in their order",
  SETTLEMENT_PAUSED:
    "wait for the end of the guardian's pause; no clock of a dispute runs until then",
  SETTLEMENT_PAUSE:
    "a pause lasts at most a window, and begins at least a window after the last one",
  SETTLEMENT_ESCAPE_EARLY: "wait: escapes open when nothing has become final for sixteen windows",
  SETTLEMENT_ESCAPED: "an account leaves once, with all of its balance",
  NODE_OTHER_RESULT:
    "an honest verifier was away for too long; keep the ledger's log and the bundles, and leave the environment",
  SETTLEMENT_LOG_INVALID: "the log does not replay; get another copy",
  SETTLEMENT_ESCAPE_PROOF: "give the state proof of your own account in the last final state",
  // host faults
  HOST_FAULT:
    "V8 failed under a contract and the machine could not take over; nothing was committed; see the written bundle",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCodes;
