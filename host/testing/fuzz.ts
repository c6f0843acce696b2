// `fuzz`: one method with random arguments. `invariant`: random calls of several methods by several accounts, and
// what must hold after each. Both on fast-check, which the project installs.
import type fc from "fast-check";
import { EngineError } from "../errors.ts";
import type { TestAccount } from "./accounts.ts";
import {
  type AllowedReverts,
  type CallSource,
  type RandomCall,
  runSequences,
} from "./call-sequence.ts";
import { callSite } from "./call-site.ts";
import type { ContractTypes, MethodName } from "./contract-types.ts";
import type { TestContract } from "./test-contract.ts";
import type { World } from "./world.ts";

/** How the calls of one method are made. */
export interface CallOptions {
  /** Who calls: one of them each time. Default: all accounts of the world. */
  readonly as?: TestAccount | readonly TestAccount[];
  /** Arbitraries of fast-check by parameter; the others come from the ABI. */
  readonly args?: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** Value sent along. Default: 0. */
  readonly value?: bigint | fc.Arbitrary<bigint>;
}

interface CommonOptions {
  /** Default: a new one for each run, told when something fails; `plasma test --seed` sets it. */
  readonly seed?: number;
  /**
   * Reverts that are no failure: all typed errors and messages (default), none, or those named. A trap and a
   * failed check of the language, such as an index out of range, always are.
   */
  readonly reverts?: AllowedReverts;
}

export interface FuzzOptions extends CallOptions, CommonOptions {
  /** Calls to try. Default: 100. */
  readonly runs?: number;
  /** What must hold after a call; throws or gives false where it does not. */
  readonly check?: (call: RandomCall) => unknown;
}

export interface InvariantOptions extends CommonOptions {
  /** Sequences to try. Default: 25. */
  readonly runs?: number;
  /** Calls of a sequence, at most. Default: 20. */
  readonly length?: number;
}

/** A method that `invariant` calls. */
export type Action =
  | readonly [contract: AnyContract, method: string]
  | readonly [contract: AnyContract, method: string, options: CallOptions];

// biome-ignore lint/suspicious/noExplicitAny: contracts of any type, and methods are not covariant
type AnyContract = TestContract<any>;

const FUZZ_RUNS = 100;
const INVARIANT_RUNS = 25;
const LENGTH = 20;

/**
 * Calls `method` with random arguments, each time on the state as it is now.
 * @throws TEST_COUNTEREXAMPLE with the smallest failing call that was found, which is kept beside the test
 * @throws TEST_FAST_CHECK_MISSING
 */
export async function fuzz<T extends ContractTypes>(
  contract: TestContract<T>,
  method: MethodName<T>,
  options: FuzzOptions = {},
): Promise<void> {
  const site = callSite(fuzz);
  const { runs = FUZZ_RUNS, seed, reverts = "all", check = () => true } = options;
  const source = callSource(contract as AnyContract, method, options);
  await runSequences({
    world: contract.world,
    property: `fuzz ${contract.abi.contract}.${method}`,
    sources: [source],
    lengthMax: 1,
    ...{ runs, seed, reverts, check },
    site,
  });
}

/**
 * Makes random sequences of calls, each on the state as it is now, and runs `check` before the first call and
 * after every one.
 * @param check throws or gives false where the invariant does not hold
 * @throws TEST_COUNTEREXAMPLE with the shortest failing sequence that was found, which is kept beside the test
 * @throws TEST_FUZZ_ACTIONS without actions · TEST_FAST_CHECK_MISSING
 */
export async function invariant(
  world: World,
  actions: readonly Action[],
  check: (call?: RandomCall) => unknown,
  options: InvariantOptions = {},
): Promise<void> {
  const site = callSite(invariant);
  const { runs = INVARIANT_RUNS, length = LENGTH, seed, reverts = "all" } = options;
  if (actions.length === 0) {
    throw new EngineError({ code: "TEST_FUZZ_ACTIONS", message: "got no actions, expected some" });
  }
  const sources = actions.map(([contract, method, given = {}]) =>
    callSource(contract, method, given),
  );
  const held = await check();
  if (held === false) {
    const message = "the invariant does not hold before the first call";
    throw new EngineError({ code: "TEST_EXPECTATION", message });
  }
  await runSequences({
    ...{ world, property: "the invariant", sources, lengthMax: length, runs, seed, reverts, check },
    site,
  });
}

/** @throws ABI_NAME_UNKNOWN */
function callSource(contract: AnyContract, method: string, options: CallOptions): CallSource {
  const { as = Object.values(contract.world.accounts), args = {}, value = 0n } = options;
  const accounts = Array.isArray(as) ? as : [as];
  return { contract: contract as TestContract, method, as: accounts, args, value };
}
