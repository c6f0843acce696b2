// A deployed contract as a test sees it: methods by name, typed where `plasma build` wrote its types. Knows
// nothing of transactions: what a call does comes from the world.

import type { ContractAbi } from "../abi/abi.ts";
import type { AbiValue } from "../abi/decode-value.ts";
import { methodOf } from "../abi/encode-call.ts";
import type { Hex } from "../codec/hex.ts";
import { addressed, standsForAddress, type TestAccount } from "./accounts.ts";
import { callSite, withSite } from "./call-site.ts";
import type { ContractTypes, Methods, UntypedContract, Views } from "./contract-types.ts";
import type { TransactionReport } from "./transaction-report.ts";
import type { World } from "./world.ts";

/** Options of one transaction. */
export interface SendOptions {
  readonly value?: bigint;
  /** Default: the rules' limit per transaction. */
  readonly gasLimit?: bigint;
}

/** A deployed contract: views are methods of `view`, everything is called `as` an account. */
export interface TestContract<T extends ContractTypes = UntypedContract> {
  readonly address: Hex;
  readonly abi: ContractAbi;
  readonly world: World;
  /**
   * Methods as `account` calls them; they resolve to the decoded result. Methods that change state send a
   * transaction, views read with the account as caller and send none.
   */
  as(account: TestAccount, options?: SendOptions): Methods<T>;
  /** Methods that read; of an untyped contract also those that are no views: nothing is kept. */
  readonly view: Views<T>;
}

/** What a call came to; views have no report. */
export interface CallEnd {
  readonly value: AbiValue | undefined;
  readonly report?: TransactionReport;
}

/** How a world runs calls of a contract. */
export interface CallRunner {
  send(
    account: TestAccount,
    method: string,
    args: readonly unknown[],
    options: SendOptions,
  ): Promise<CallEnd>;
  read(
    caller: TestAccount | undefined,
    method: string,
    args: readonly unknown[],
    options: SendOptions,
  ): Promise<CallEnd>;
}

/** Reports of calls under way, by the promise that the test holds. */
const reports = new WeakMap<Promise<unknown>, Promise<TransactionReport | undefined>>();

/** The transaction behind a call that succeeded; undefined for a view and for what is no call. */
export async function reportOf(call: Promise<unknown>): Promise<TransactionReport | undefined> {
  return reports.get(call);
}

export function testContract<T extends ContractTypes>(
  world: World,
  address: Hex,
  abi: ContractAbi,
  runner: CallRunner,
): TestContract<T> {
  const contract = {
    address,
    abi,
    view: methodsOf(abi, (method, args) => runner.read(undefined, method, args, {})),
    as: (account: TestAccount, options: SendOptions = {}) =>
      methodsOf(abi, (method, args) =>
        methodOf(abi, method).kind === "view"
          ? runner.read(account, method, args, options)
          : runner.send(account, method, args, options),
      ),
  };
  // Not for whoever prints a contract: it would be the whole chain.
  Object.defineProperty(contract, "world", { value: world });
  return standsForAddress(contract) as unknown as TestContract<T>;
}

type Run = (method: string, args: readonly unknown[]) => Promise<CallEnd>;

/** The methods of an ABI as an object; a name it does not have throws ABI_NAME_UNKNOWN with a guess. */
function methodsOf(abi: ContractAbi, run: Run): object {
  return new Proxy<object>(Object.freeze({}), {
    get(_, name) {
      // A promise would otherwise be looked for in what `await` is given.
      if (typeof name === "symbol" || name === "then") return undefined;
      const method = methodOf(abi, name).name;
      return function called(...args: unknown[]) {
        const site = callSite(called);
        const end = run(method, args.map(addressed)).catch((error) => {
          throw withSite(error, site);
        });
        const value = end.then((known) => known.value);
        const report = end.then((known) => known.report);
        report.catch(() => undefined);
        reports.set(value, report);
        return value;
      };
    },
  });
}
