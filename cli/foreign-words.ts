// Words that users of Foundry, Hardhat, cargo-stylus and npm type out of habit, and what to type
// here. An entry is shown only while the commands it names exist (`names`): a hint never sends
// anyone to a command that is not there.

interface ForeignWord {
  readonly hint: string;
  /** Commands named by the hint. */
  readonly names: readonly string[];
}

const word = (hint: string, ...names: string[]): ForeignWord => ({ hint, names });
const view = word('"plasma view" reads, "plasma send" makes a transaction', "view", "send");
const compile = word('"plasma build" compiles contracts', "build");
const create = word('"plasma new PATH" makes a project', "new");
const local = word('"plasma dev" runs a local environment', "dev");
const scenario = word('"plasma run SCENARIO" runs transactions from a file', "run");
const verify = word('"plasma verify FILE --source DIR" rebuilds and compares', "verify");
const measure = word('"plasma bench" measures', "bench");
const trace = word('"plasma trace BUNDLE --tx N" shows what a transaction did', "trace");
const replay = word('"plasma replay BUNDLE" executes a block again', "replay");

/** Foreign word -> hints, best first; the first whose commands all exist is shown. */
const foreignWords: Readonly<Record<string, readonly ForeignWord[]>> = {
  call: [view, scenario],
  read: [view, scenario],
  compile: [compile],
  make: [compile],
  init: [create],
  create: [
    word('"plasma deploy NAME" deploys, "plasma new PATH" makes a project', "deploy", "new"),
    create,
  ],
  scaffold: [create],
  script: [scenario],
  exec: [scenario],
  simulate: [scenario],
  ignition: [word('"plasma deploy NAME" deploys a contract', "deploy"), scenario],
  deploy: [scenario],
  send: [scenario],
  publish: [scenario],
  node: [scenario],
  anvil: [local, scenario],
  chisel: [scenario],
  localnode: [local, scenario],
  console: [scenario],
  fuzz: [
    word('"plasma test" runs tests; fuzz and invariant are functions of plasmavm/testing', "test"),
  ],
  coverage: [word('"plasma test --coverage" hands --coverage to vitest', "test")],
  "verify-contract": [verify],
  "verify-bytecode": [verify],
  activate: [word('"plasma check WASM" tells whether a module can be deployed', "check")],
  validate: [word('"plasma check WASM" tells whether a module can be deployed', "check")],
  snapshot: [word('"plasma test --gas-snapshot" writes the gas of every method', "test"), measure],
  "gas-report": [
    word('"plasma test --gas-snapshot" writes the gas of every method', "test"),
    measure,
  ],
  "verify-block": [replay],
  debug: [trace, replay],
  debugger: [trace, replay],
  cast: [word('"plasma view" reads, "plasma send" makes a transaction', "view", "send"), scenario],
  forge: [compile],
  hardhat: [compile],
  wallet: [word('"plasma accounts" keeps keys', "accounts")],
  disassemble: [word('"plasma inspect FILE" shows what a file holds', "inspect")],
  decode: [word('"plasma inspect FILE" shows what a file holds', "inspect")],
  show: [word('"plasma inspect FILE" shows what a file holds', "inspect")],
  diff: [word('"plasma rules diff A B" compares rules', "rules")],
  settings: [word('"plasma config" shows every setting and its origin', "config")],
  version: [word('"plasma --version" tells the versions')],
};

/** The hint for a word of another tool, as far as the commands that exist can serve it. */
export function foreignHint(name: string, commands: readonly string[]): string | undefined {
  const key = name.toLowerCase();
  if (!Object.hasOwn(foreignWords, key)) return undefined;
  const fits = (entry: ForeignWord) => entry.names.every((command) => commands.includes(command));
  return foreignWords[key]!.find(fits)?.hint;
}
