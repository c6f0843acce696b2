// The usual scene of a scenario: environments with users, a sequencer that claims what its blocks come to, and an
// honest verifier. Each has a computer of its own that follows the ledger's log.
import type { Hex } from "../../host/codec/hex.ts";
import type { FalseRunKind } from "../../host/dispute/false-run.ts";
import type { GenesisInput } from "../../host/environment/genesis-input.ts";
import type { BodySource, Execution } from "../../host/node/execution.ts";
import { Messenger } from "../../host/node/messenger.ts";
import type { OwnChain } from "../../host/node/own-chain.ts";
import type { Role } from "../../host/node/participant.ts";
import { Sequencer } from "../../host/node/sequencer.ts";
import { Verifier } from "../../host/node/verifier.ts";
import type { Rules } from "../../host/rules/rules.ts";
import { liar } from "./liar.ts";
import { Users } from "./users.ts";
import { addressOf, type Person, scenarioRules, type World, type WorldNode } from "./world.ts";

export const bondMax = 10n ** 15n;
const USERS_BALANCE = 10n ** 12n;

export interface Town {
  readonly id: Hex;
  readonly users: Users;
  readonly sequencer: WorldNode;
  readonly verifier: WorldNode;
  readonly chain: OwnChain;
}

export interface TownOptions {
  readonly rules?: Rules;
  /** What the sequencer's side claims, if not the truth. */
  readonly claimant?: (chain: OwnChain) => Role;
  /** Where the sequencer executes and keeps what waits; in this process, and with its users, where absent. */
  readonly mempool?: (genesis: GenesisInput) => Promise<Execution & BodySource>;
  /** Whose claims of the right result the verifier does not look into. */
  readonly trusts?: readonly Person[];
  /** Where the verifier executes; in this process where absent. */
  readonly execution?: (genesis: GenesisInput) => Promise<Execution>;
}

/** An environment with everybody who belongs to it. */
export async function town(world: World, options: TownOptions = {}): Promise<Town> {
  const { rules = scenarioRules(), claimant, mempool, execution, trusts = [] } = options;
  const id = world.register(rules, { alice: USERS_BALANCE, bob: USERS_BALANCE });
  const users = new Users(world, id);
  const sequencer = world.node("sequencer");
  const account = addressOf("sequencer");
  const pool = await mempool?.(sequencer.follower.genesis(id));
  const own = await world.chain(sequencer, id, pool && (async () => pool));
  sequencer.add("sequencer", [
    new Sequencer({ chain: own, account, producer: account, source: pool ?? users }),
    claimant?.(own) ?? honest(own, "sequencer", 0n),
  ]);
  const verifier = world.node("verifier");
  const open = execution && (() => execution(verifier.follower.genesis(id)));
  const chain = await world.chain(verifier, id, open);
  const checks = new Verifier({
    ...{ chain, account: addressOf("verifier"), bondMax, trusts: trusts.map(addressOf) },
  });
  verifier.add("verifier", [checks, new Messenger(chain)]);
  return { id, users, sequencer, verifier, chain };
}

/** A town whose sequencer lies about the block of one height. */
export function lyingTown(world: World, height = 1n, kind?: FalseRunKind): Promise<Town> {
  const lies = (at: bigint) => at === height;
  const lie = kind === undefined ? { lies } : { lies, kind };
  return town(world, { claimant: (chain) => liar({ chain, person: "sequencer", ...lie }) });
}

export function honest(chain: OwnChain, person: Person, claimsAfter?: bigint): Verifier {
  const claims = claimsAfter === undefined ? {} : { claimsAfter };
  return new Verifier({ chain, account: addressOf(person), bondMax, ...claims });
}

/** Lets people send transfers for so many seconds, at least at every other moment that anybody acts. */
export function busy(world: World, towns: readonly Town[], seconds: bigint): Promise<void> {
  const idle = new Set<Town>();
  return world.pass(seconds, () => {
    for (const one of towns) {
      const isSilent = !world.random.oneIn(2) && !idle.has(one);
      if (isSilent) idle.add(one);
      else {
        idle.delete(one);
        one.users.transfers(1 + world.random.below(3));
      }
    }
  });
}
