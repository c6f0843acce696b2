// The way out of an environment that has stopped, for somebody with an account in it: a state proof of the last final
// state, which anybody makes from the ledger's log alone, and the messages that no order will take any more.
import { type Hex, toHex } from "../codec/hex.ts";
import { assert } from "../errors.ts";
import { escapeTime } from "../settlement/escape.ts";
import type { LedgerCommand } from "../settlement/ledger-command.ts";
import type { LedgerEnvironment } from "../settlement/ledger-state.ts";
import type { LedgerFollower } from "./ledger-follower.ts";
import { MemoryExecution } from "./memory-execution.ts";

export interface ExitOptions {
  readonly follower: LedgerFollower;
  readonly environment: Hex;
  /** Of settlement, and of the same key in the environment. */
  readonly account: Hex;
  /** A state proof file of the account in the last final state. */
  readonly proof: () => Promise<Uint8Array>;
}

export class Exit {
  readonly #options: ExitOptions;
  /** The proof and the height that it is about. */
  #proven: { readonly height: bigint; readonly proof: Uint8Array } | undefined;

  constructor(options: ExitOptions) {
    this.#options = options;
  }

  /** Leaves once that is allowed, and takes back what one sent. */
  async step(time: bigint): Promise<LedgerCommand[]> {
    const { follower, environment: id, account, proof } = this.#options;
    const environment = follower.environment(id);
    const reclaims = reclaimsOf(environment, account);
    const isOpen = environment.isClosed || time >= escapeTime(environment);
    if (!isOpen || environment.escaped.has(account)) return reclaims;
    const { height } = environment.final;
    if (this.#proven?.height !== height) this.#proven = { height, proof: await proof() };
    return [{ kind: "escape", environment: id, proof: this.#proven.proof }, ...reclaims];
  }
}

/** Messages of an account that wait in a closed environment. */
function reclaimsOf(environment: LedgerEnvironment, account: Hex): LedgerCommand[] {
  const { id, isClosed, inbox, final, reclaimed } = environment;
  if (!isClosed) return [];
  return inbox.flatMap(({ sender }, i) => {
    const number = final.inboxNext + BigInt(i);
    if (toHex(sender) !== account || reclaimed.has(number)) return [];
    return [{ kind: "reclaim", environment: id, number } as const];
  });
}

/**
 * The state proof file of an account in the last final state, from what the ledger's log has: all final orders are
 * executed again. `follower` must have kept their bodies. @throws an assertion where it has not
 */
export async function proveFinalAccount(
  follower: LedgerFollower,
  id: Hex,
  address: Hex,
): Promise<Uint8Array> {
  const execution = await MemoryExecution.open(follower.genesis(id));
  try {
    const { final } = follower.environment(id);
    for (let height = 1n; height <= final.height; height++) {
      const order = follower.order(id, height);
      assert(order !== undefined, "the bodies of final orders were kept");
      await execution.execute(order);
      await execution.finalise(height);
    }
    return await execution.proveState({ kind: "account", address });
  } finally {
    await execution.close();
  }
}
