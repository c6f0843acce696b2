// The honest side of every dispute (docs/settlement.md section 9): it executes each order itself, contradicts a wrong
// claim with the right one and plays until that is the one left, defends right claims of others, and ends what is
// over. What it does follows from the ledger, the time and its own execution alone, so that after any interruption
// it goes on. The proof machine runs only for claims: once for each block whose claim has to be made or looked at.
import { decodeBundle } from "../chain/bundle.ts";
import { type BlockResult, isSameResult, resultHash } from "../chain/result.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { isOver } from "../dispute/clock.ts";
import { type Command, encodeCommand } from "../dispute/command.ts";
import { treeDepth } from "../dispute/commitment-shape.ts";
import { openDispute } from "../dispute/dispute.ts";
import type { Claim, DisputeState } from "../dispute/dispute-state.ts";
import { RunPlayer } from "../dispute/player.ts";
import { nativeStateHasher } from "../environment/native.ts";
import { assert } from "../errors.ts";
import { BundleRun } from "../machine/bundle-run.ts";
import { RunCommitments } from "../machine/run-commitments.ts";
import { type LaterStates, later } from "../machine/run-states.ts";
import { disputeTime, isPossibleParent } from "../settlement/claims.ts";
import { rulesAt } from "../settlement/environment-rules.ts";
import type { LedgerCommand } from "../settlement/ledger-command.ts";
import type { LedgerEnvironment, PendingOrder } from "../settlement/ledger-state.ts";
import type { OwnChain } from "./own-chain.ts";

/** A result to claim, and the run that stands for it. */
export interface ClaimedRun {
  readonly result: BlockResult;
  open(): Promise<LaterStates>;
}

/** The truth, computed in this thread. */
export async function honestRun(chain: OwnChain, height: bigint): Promise<ClaimedRun> {
  const open = async () => {
    const { bundle } = await chain.executed(height);
    assert(bundle !== undefined, "bundles are kept until their heights are final");
    return later(new BundleRun(decodeBundle(bundle), nativeStateHasher()));
  };
  return { result: await chain.result(height), open };
}

export interface VerifierOptions {
  readonly chain: OwnChain;
  /** Of settlement: pays the bonds. */
  readonly account: Hex;
  /** Most that it locks for one claim, beside what the account has. */
  readonly bondMax: bigint;
  /** Seconds after an order's time at which it claims a result that nobody has claimed; never where absent. */
  readonly claimsAfter?: bigint;
  /** Whose claims of the right result it does not look into while nobody contradicts them. */
  readonly trusts?: readonly Hex[];
  /** What it claims for a block: the truth, if not absent. Tests lie here. */
  readonly claimedRun?: (chain: OwnChain, height: bigint) => Promise<ClaimedRun>;
}

/** One pending order as this node sees it. */
interface Case {
  readonly height: bigint;
  readonly pending: PendingOrder;
  readonly parentResult: BlockResult;
  /** Of the dispute. */
  readonly time: bigint;
  readonly run: ClaimedRun;
}

/** Whether something is said about an order as a block on `parentResult`, or may be said first. */
const isDisputable = (
  environment: LedgerEnvironment,
  { order, disputes }: PendingOrder,
  parentResult: BlockResult,
): boolean =>
  disputes.has(toHex(resultHash(parentResult))) ||
  isPossibleParent(environment, order.height, parentResult);

const isEnd = (command: Command, { id }: DisputeState): boolean =>
  command.kind === "resolve" && command.tournament === id;

export class Verifier {
  readonly #options: VerifierOptions;
  /** Machines of contested blocks. */
  readonly #machines = new Map<bigint, RunCommitments>();
  /** Roots of the own claims that were computed. */
  readonly #roots = new Map<bigint, Hex>();

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** What to do now. @throws what OwnChain.catchUp throws */
  async step(time: bigint): Promise<LedgerCommand[]> {
    const { chain } = this.#options;
    await chain.catchUp();
    const { environment } = chain;
    await this.#forget(environment.final.height);
    if (environment.isClosed || time < environment.pausedUntil) return [];
    const commands: LedgerCommand[] = [];
    for (const pending of environment.orders) {
      const { height } = pending.order;
      const parentResult = await this.#parentResult(height);
      // No end here: somebody may have made up parents for it and lie about a height far behind the last true claim.
      if (!isDisputable(environment, pending, parentResult)) continue;
      const run = await this.#run(height);
      const at = { height, pending, parentResult, time: disputeTime(environment, time), run };
      commands.push(...(await this.#inCase(at, time)));
    }
    return commands;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machine) => machine.close()));
    this.#machines.clear();
  }

  /** What is claimed for a height. */
  #run(height: bigint): Promise<ClaimedRun> {
    const { chain, claimedRun = honestRun } = this.#options;
    return claimedRun(chain, height);
  }

  /** That of the last final height is settlement's: it was compared with the own one. */
  async #parentResult(height: bigint): Promise<BlockResult> {
    const { final } = this.#options.chain.environment;
    if (height === final.height + 1n) return final.result;
    return (await this.#run(height - 1n)).result;
  }

  async #inCase(at: Case, time: bigint): Promise<LedgerCommand[]> {
    const { pending, parentResult, height, run } = at;
    const known = pending.disputes.get(toHex(resultHash(parentResult)));
    const verdict = known?.verdict?.result;
    if (verdict !== undefined) return this.#afterVerdict(height, isSameResult(verdict, run.result));
    const isOpen = known !== undefined && known.verdict === undefined;
    if (!isOpen) return this.#mayClaim(pending, time) ? this.#play(at, this.#opened(at)) : [];
    const claims = [...known.claims.values()].filter(({ tournament }) => tournament === known.id);
    if (await this.#isFine(at, claims)) return this.#endIfOver(at, known);
    return this.#play(at, known);
  }

  /** What has survived becomes final, in order of heights. */
  #afterVerdict(height: bigint, isRight: boolean): LedgerCommand[] {
    const { id, environment } = this.#options.chain;
    const isNext = height === environment.final.height + 1n;
    return isNext && isRight ? [{ kind: "finalise", environment: id, height }] : [];
  }

  #mayClaim({ order }: PendingOrder, time: bigint): boolean {
    const { claimsAfter } = this.#options;
    return claimsAfter !== undefined && time >= order.time + claimsAfter;
  }

  #opened({ height, pending: { order }, parentResult }: Case): DisputeState {
    const { chain } = this.#options;
    const { rules } = rulesAt(chain.environment, height);
    return openDispute({ order, parentResult, rules, shape: chain.follower.ground.shape });
  }

  /**
   * Whether nothing is wrong with what is claimed: one claim, of the own result and with the own inside. A claim of
   * the right result with another inside may lose to a lie that comes at the last moment.
   */
  async #isFine(at: Case, claims: readonly Claim[]): Promise<boolean> {
    const [claim, ...others] = claims;
    if (claim?.result === undefined || others.length > 0 || claim.status === "out") return false;
    if (!isSameResult(claim.result, at.run.result)) return false;
    if (this.#options.trusts?.includes(claim.account)) return true;
    return toHex(claim.root) === (await this.#root(at));
  }

  #endIfOver(at: Case, dispute: DisputeState): LedgerCommand[] {
    const { account } = this.#options;
    if (!isOver(dispute.tournaments.get(dispute.id)!, at.time) || !this.#isNext(at)) return [];
    return [this.#wrap(at, { kind: "resolve", account, tournament: dispute.id })];
  }

  async #play(at: Case, dispute: DisputeState): Promise<LedgerCommand[]> {
    const { chain, account, bondMax } = this.#options;
    const { balance } = chain.follower.state.accounts.get(account) ?? { balance: 0n };
    const commitments = await this.#machine(at);
    const affordable = balance < bondMax ? balance : bondMax;
    const player = new RunPlayer({ commitments, account, bondMax: affordable });
    const commands = await player.nextCommands(dispute, at.time);
    this.#roots.set(at.height, toHex((await commitments.strides()).root));
    // A first claim may never be contradicted: then its machine is not needed again.
    if (dispute.claims.size === 0) await this.#closeMachine(at.height);
    return commands
      .filter((command) => this.#isNext(at) || !isEnd(command, dispute))
      .map((command) => this.#wrap(at, command));
  }

  /** Disputes end in the order of heights. */
  #isNext({ height }: Case): boolean {
    return height === this.#options.chain.environment.final.height + 1n;
  }

  #wrap({ height, parentResult }: Case, command: Command): LedgerCommand {
    const { chain } = this.#options;
    const bytes = encodeCommand(command, chain.follower.ground.shape);
    return { kind: "dispute", environment: chain.id, height, parentResult, command: bytes };
  }

  async #root(at: Case): Promise<Hex> {
    const known = this.#roots.get(at.height);
    if (known !== undefined) return known;
    const root = toHex((await (await this.#machine(at)).strides()).root);
    this.#roots.set(at.height, root);
    await this.#closeMachine(at.height);
    return root;
  }

  async #machine({ height, run }: Case): Promise<RunCommitments> {
    const known = this.#machines.get(height);
    if (known !== undefined) return known;
    const { shape } = this.#options.chain.follower.ground;
    const commitments = new RunCommitments(await run.open(), treeDepth(shape));
    this.#machines.set(height, commitments);
    return commitments;
  }

  async #closeMachine(height: bigint): Promise<void> {
    await this.#machines.get(height)?.close();
    this.#machines.delete(height);
  }

  async #forget(final: bigint): Promise<void> {
    for (const height of this.#machines.keys()) {
      if (height <= final) await this.#closeMachine(height);
    }
    for (const height of this.#roots.keys()) if (height <= final) this.#roots.delete(height);
  }
}
