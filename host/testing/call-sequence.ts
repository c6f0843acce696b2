// Random sequences of calls: what `fuzz` (one call) and `invariant` (several) have in common. Every sequence
// starts from the same snapshot; what fails is shrunk by fast-check, kept beside the test and shown as calls
// that a person can read. It must never leave the world changed.
import type fc from "fast-check";
import { decodeCall } from "../abi/decode-call.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { encodeCall, methodOf } from "../abi/encode-call.ts";
import { fromHex, type Hex, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import { Outcome } from "../outcome.ts";
import { argumentsArbitrary, type FastCheck, loadFastCheck } from "./abi-arbitrary.ts";
import { addressed, type TestAccount } from "./accounts.ts";
import { withSite } from "./call-site.ts";
import { ContractFailure } from "./contract-failure.ts";
import { traceLine, writeReportBundle } from "./failed-test.ts";
import { withoutGasLog } from "./gas-log.ts";
import { caseHome, type KeptCase, keepCase, readCases } from "./kept-cases.ts";
import type { TestContract } from "./test-contract.ts";
import type { TransactionReport } from "./transaction-report.ts";
import { valueText } from "./value-text.ts";
import type { World } from "./world.ts";

/** Names the seed for the workers of vitest: `plasma test --seed`. */
export const SEED_VARIABLE = "PLASMA_SEED";

/** A method that random calls are made of. */
export interface CallSource {
  readonly contract: TestContract;
  readonly method: string;
  readonly as: readonly TestAccount[];
  readonly args: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  readonly value: fc.Arbitrary<bigint> | bigint;
}

/** One random call and what became of it. */
export interface RandomCall {
  readonly contract: TestContract;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly as: TestAccount;
  readonly value: bigint;
  /** The decoded result; undefined after a failure and of void methods. */
  readonly result: AbiValue | undefined;
  readonly failure: ContractFailure | undefined;
}

/** What random calls may end in beside success. */
export type AllowedReverts = "all" | "none" | readonly string[];

export interface SequenceRun {
  readonly world: World;
  readonly property: string;
  readonly sources: readonly CallSource[];
  readonly lengthMax: number;
  readonly runs: number;
  readonly seed: number | undefined;
  readonly reverts: AllowedReverts;
  /** After every call; throws or gives false where the property does not hold. */
  readonly check: (call: RandomCall) => unknown;
  readonly site: string;
}

interface Planned {
  readonly action: number;
  readonly as: TestAccount;
  readonly args: readonly unknown[];
  readonly value: bigint;
}

/** How a sequence failed. */
interface Broken {
  readonly calls: readonly Planned[];
  readonly reason: string;
  readonly report: TransactionReport | undefined;
}

/** Executions that are spent on making a counterexample smaller. */
const SHRINKS_MAX = 200;

/** Runs kept cases, then random ones. @throws TEST_COUNTEREXAMPLE */
export async function runSequences(run: SequenceRun): Promise<void> {
  const check = await loadFastCheck();
  const home = await caseHome(run.property);
  const { world } = run;
  const start = world.snapshot();
  try {
    await withoutGasLog(async () => {
      for (const kept of readCases(home.file, home.key)) {
        const calls = planOf(kept, run);
        const broken = calls === undefined ? undefined : await attempt(calls, run, start);
        if (broken === undefined) continue;
        throw await counterexample(run, broken, `kept in ${home.file}`);
      }
      await searchRandomly(check, run, start, home);
    });
  } finally {
    await world.restore(start);
  }
}

async function searchRandomly(
  check: FastCheck,
  run: SequenceRun,
  start: ReturnType<World["snapshot"]>,
  home: { readonly file: string; readonly key: string },
): Promise<void> {
  const { runs, lengthMax } = run;
  const seed = run.seed ?? seedFromEnvironment();
  const one = check.oneof(...run.sources.map((source, action) => planned(check, source, action)));
  let smallest: Broken | undefined;
  let shrinks = 0;
  const property = check.asyncProperty(
    check.array(one, { minLength: 1, maxLength: lengthMax }),
    async (calls) => {
      if (smallest !== undefined && ++shrinks > SHRINKS_MAX) return true;
      const broken = await attempt(calls, run, start);
      if (broken !== undefined) smallest = broken;
      return broken === undefined;
    },
  );
  const found = await check.check(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
  });
  if (smallest === undefined) return;
  keepCase(home.file, home.key, keptCase(smallest, run));
  const how = `found by run ${found.numRuns} of ${runs} with seed ${found.seed}; kept in ${home.file} and tried first from now on`;
  throw await counterexample(run, smallest, how);
}

function seedFromEnvironment(): number | undefined {
  const text = process.env[SEED_VARIABLE];
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** One random call of a source. */
function planned(check: FastCheck, source: CallSource, action: number): fc.Arbitrary<Planned> {
  const { contract, method, as, args, value } = source;
  const { abi, world } = contract;
  return check.record({
    action: check.constant(action),
    as: check.constantFrom(...as),
    args: argumentsArbitrary(
      check,
      abi,
      methodOf(abi, method),
      [...world.names.keys()] as Hex[],
      args,
    ),
    value: typeof value === "bigint" ? check.constant(value) : value,
  });
}

/** Runs calls from the start; undefined where all is well. */
async function attempt(
  calls: readonly Planned[],
  run: SequenceRun,
  start: ReturnType<World["snapshot"]>,
): Promise<Broken | undefined> {
  await run.world.restore(start);
  for (const [i, { action, as, args, value }] of calls.entries()) {
    const { contract, method } = run.sources[action] as CallSource;
    const end = await callOnce(contract, method, as, args, value);
    const broken = (reason: string): Broken => ({
      calls: calls.slice(0, i + 1),
      reason,
      report: end.failure?.report ?? run.world.lastOrNone,
    });
    const refused = refusedEnd(end.failure, run.reverts);
    if (refused !== undefined) return broken(refused);
    try {
      const held = await run.check({ contract, method, args, as, value, ...end });
      if (held === false) return broken("the check gave false");
    } catch (error) {
      return broken(error instanceof Error ? error.message : String(error));
    }
  }
  return undefined;
}

async function callOnce(
  contract: TestContract,
  method: string,
  as: TestAccount,
  args: readonly unknown[],
  value: bigint,
): Promise<Pick<RandomCall, "result" | "failure">> {
  try {
    const call = contract.as(as, { value })[method];
    return { result: await call?.(...args), failure: undefined };
  } catch (error) {
    if (error instanceof ContractFailure) return { result: undefined, failure: error };
    throw error;
  }
}

/** Why a failure is not allowed. Traps and failed checks of the language never are. */
function refusedEnd(
  failure: ContractFailure | undefined,
  reverts: AllowedReverts,
): string | undefined {
  if (failure === undefined) return undefined;
  const { revert, outcome } = failure;
  if (outcome !== Outcome.revert || revert?.kind === "abort") return failure.message;
  if (reverts === "all") return undefined;
  if (reverts === "none") return failure.message;
  const name = revert?.kind === "error" ? revert.name : failure.reason;
  return reverts.includes(name) ? undefined : failure.message;
}

function callText(run: SequenceRun, { action, as, args, value }: Planned): string {
  const { contract, method } = run.sources[action] as CallSource;
  const { names } = run.world;
  const { params } = methodOf(contract.abi, method);
  const list = args.map((arg, i) => `${params[i]?.name}: ${valueText(addressed(arg), names)}`);
  const worth = value === 0n ? "" : ` with value ${value}`;
  const name = names.get(contract.address) ?? contract.abi.contract;
  return `${name}.${method}(${list.join(", ")}) as ${as.name}${worth}`;
}

function keptCase({ calls }: Broken, run: SequenceRun): KeptCase {
  return calls.map((call) => {
    const { contract, method } = run.sources[call.action] as CallSource;
    const input = toHex(encodeCall(contract.abi, method, call.args.map(addressed)));
    const { action, as, value } = call;
    return { text: callText(run, call), as: as.name, input, value: String(value), action };
  });
}

/** A kept case as calls; undefined where the contract or the test has changed too much for it. */
function planOf(kept: KeptCase, run: SequenceRun): readonly Planned[] | undefined {
  const calls = kept.map(({ as, input, value, action }): Planned | undefined => {
    const source = run.sources[action];
    const account = source?.as.find(({ name }) => name === as);
    const decoded =
      source === undefined ? undefined : decodeCall(source.contract.abi, fromHex(input as Hex));
    if (decoded?.args === undefined || decoded.method !== source?.method) return undefined;
    if (account === undefined) return undefined;
    return { action, as: account, args: Object.values(decoded.args), value: BigInt(value) };
  });
  return calls.includes(undefined) ? undefined : (calls as Planned[]);
}

async function counterexample(run: SequenceRun, broken: Broken, how: string): Promise<EngineError> {
  const { calls, reason, report } = broken;
  const lines = [
    `${run.property} does not hold after`,
    ...calls.map((call, i) => `  ${i + 1}. ${callText(run, call)}`),
    `  ${reason.split("\n").join("\n  ")}`,
    `  ${how}`,
  ];
  if (report !== undefined) {
    lines.push(...(await report.tree()).split("\n").map((line) => `    ${line}`));
    lines.push(`  ${traceLine(writeReportBundle(report))}`);
  }
  const error = new EngineError({ code: "TEST_COUNTEREXAMPLE", message: lines.join("\n") });
  return withSite(error, run.site);
}
