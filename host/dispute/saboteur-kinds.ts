// Every way to sabotage a dispute, by the name that `plasma dispute --lie` takes, and the seats that a saboteur of that
// kind takes at the table. The lies of `plasma tamper` are among them under their own names.
import type { LieKind } from "../chain/lies.ts";
import type { Hex } from "../codec/hex.ts";
import { toHex } from "../codec/hex.ts";
import { keccak256 } from "../codec/keccak.ts";
import { RunCommitments } from "../machine/run-commitments.ts";
import type { LaterStates } from "../machine/run-states.ts";
import { type CommitmentShape, treeDepth } from "./commitment-shape.ts";
import type { Falsehood, FalseRunKind } from "./false-run.ts";
import type { Seat } from "./play-dispute.ts";
import { type Player, RunPlayer } from "./player.ts";
import { MisnamingPlayer, MisprovingPlayer, SilentPlayer, StallingPlayer } from "./saboteurs.ts";

/** How a saboteur plays beside lying. */
type Manner = "fair" | "silent" | "stalling" | "misnaming" | "misproving" | "flood";

interface Saboteur {
  readonly summary: string;
  readonly run: FalseRunKind;
  /** The lie of the bundle that the run comes to, for run `claimed`. */
  readonly tampered?: LieKind;
  readonly manner: Manner;
}

export const saboteurs = {
  "wrong-state-root": fair("claims another state root", "wrong-state-root"),
  "skipped-write": tampered("leaves one write out of the state root", "skipped-write"),
  "wrong-receipt": tampered("claims another output for a transaction", "wrong-receipt"),
  "wrong-gas": tampered("claims one gas more than a transaction used", "wrong-gas"),
  "accepted-bad-signature": fair(
    "executes a transaction that is skipped for its signature",
    "accepted-bad-signature",
  ),
  "accepted-wrong-nonce": fair(
    "executes a transaction that is skipped for its nonce",
    "accepted-wrong-nonce",
  ),
  "flipped-memory": fair("flips a byte of a contract's memory", "flipped-memory"),
  "skipped-storage-write": fair("leaves the state as it was at a write", "skipped-storage-write"),
  "forged-storage-read": fair("reads a stored value as another one", "forged-storage-read"),
  "wrong-sub-call": fair("returns another status from a sub-call", "wrong-sub-call"),
  "wrong-prepare": fair("makes another code record of a deployed module", "wrong-prepare"),
  "premature-halt": fair("halts before the block is done", "premature-halt"),
  "extra-steps": fair("goes on after the halt", "extra-steps"),
  "non-canonical-state": fair("halts with a register that no run leaves", "non-canonical-state"),
  "random-tail": fair("commits to hashes of nothing", "random-tail"),
  "wrong-last-leaf": {
    summary: "claims another result than its last state holds",
    run: "wrong-state-root",
    manner: "misnaming",
  },
  "wrong-proof": {
    summary: "gives step proofs that no judge takes",
    run: "wrong-state-root",
    manner: "misproving",
  },
  silent: { summary: "claims and never moves", run: "random-tail", manner: "silent" },
  stalling: {
    summary: "moves in the last second of its clock",
    run: "wrong-state-root",
    manner: "stalling",
  },
  flood: { summary: "enters many claims at once", run: "random-tail", manner: "flood" },
} as const satisfies Record<string, Saboteur>;

export type SaboteurKind = keyof typeof saboteurs;
export const saboteurKinds = Object.keys(saboteurs) as SaboteurKind[];

function fair(summary: string, run: FalseRunKind): Saboteur {
  return { summary, run, manner: "fair" };
}

function tampered(summary: string, lie: LieKind): Saboteur {
  return { summary, run: "claimed", tampered: lie, manner: "fair" };
}

/** What a saboteur needs. */
export interface SaboteurGround {
  readonly shape: CommitmentShape;
  readonly bondMax: bigint;
  /** Opens a false run. `tampered`: of the bundle that tells this lie. */
  readonly open: (falsehood: Falsehood, tampered: LieKind | undefined) => Promise<LaterStates>;
  readonly step?: bigint | undefined;
  /** Claims of a flood; other kinds make one. */
  readonly floodClaims?: number;
  readonly delay?: (() => bigint) | undefined;
  /** Sets seats and made-up runs of one kind apart. */
  readonly seed?: number;
}

const FLOOD_CLAIMS = 8;

/** Account of a player that no key stands for: what a name hashes to. */
export function accountOf(name: string): Hex {
  return toHex(keccak256(new TextEncoder().encode(name)).subarray(12));
}

/**
 * The seats of one saboteur.
 * @throws LIE_NOT_POSSIBLE where the block has no place for the lie
 */
export async function saboteurSeats(kind: SaboteurKind, ground: SaboteurGround): Promise<Seat[]> {
  const { run, manner, tampered } = saboteurs[kind] as Saboteur;
  const { open, step, seed = 0, shape, bondMax, delay } = ground;
  const count = manner === "flood" ? (ground.floodClaims ?? FLOOD_CLAIMS) : 1;
  const seats: Seat[] = [];
  for (let i = 0; i < count; i++) {
    const name = count === 1 ? kind : `${kind} ${i + 1}`;
    const account = accountOf(`${name} ${seed}`);
    const states = await open({ kind: run, step, seed: seed * 1_000 + i }, tampered);
    const commitments = new RunCommitments(states, treeDepth(shape));
    const player = new RunPlayer({ commitments, account, bondMax });
    seats.push({
      name,
      player: mannered(player, manner, { account, seed }),
      ...(delay === undefined ? {} : { delay }),
    });
  }
  return seats;
}

function mannered(
  player: Player,
  manner: Manner,
  { account, seed }: { readonly account: Hex; readonly seed: number },
): Player {
  switch (manner) {
    case "silent":
      return new SilentPlayer(player, account, seed % 4);
    case "stalling":
      return new StallingPlayer(player);
    case "misnaming":
      return new MisnamingPlayer(player);
    case "misproving":
      return new MisprovingPlayer(player, 7 + 31 * seed);
    default:
      return player;
  }
}
