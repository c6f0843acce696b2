// Hundreds of disputes about real blocks with real machines: every saboteur, up to 64 claims, random delays and
// places, small and full shapes. Whatever they do, the right claim survives, in as many moves and as much time as
// is promised, and no verdict rests on a proof that another judge refuses. Longer: DISPUTES=10000 npx vitest run …
import { describe, expect, it } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { type Command, decodeCommand } from "../../../host/dispute/command.ts";
import {
  type CommitmentShape,
  leafCount,
  PRODUCTION_SHAPE,
} from "../../../host/dispute/commitment-shape.ts";
import type { RecordedDispute } from "../../../host/dispute/dispute-log.ts";
import { encodeDisputeLog, replayDisputeLog } from "../../../host/dispute/dispute-log.ts";
import { finalityBound } from "../../../host/dispute/finality.ts";
import { howClaimFell } from "../../../host/dispute/how-claim-fell.ts";
import type { Played, Seat } from "../../../host/dispute/play-dispute.ts";
import { type SaboteurKind, saboteurKinds } from "../../../host/dispute/saboteur-kinds.ts";
import { EngineError } from "../../../host/errors.ts";
import { StepVerifier } from "../../../host/machine/verify-step.ts";
import {
  DisputeTable,
  disputedBlock,
  honestRoot,
  survivorRoot,
} from "../../support/dispute-table.ts";
import { Random } from "../../support/random.ts";

const DISPUTES = Number(process.env.DISPUTES ?? 500);
/** Disputes with 64 claims. */
const CROWDED = 3;
/** Delays of the honest player: well within its clock over all matches that 64 claims can cost it. */
const DELAY_MAX = 30;

const transfers = new DisputeTable(disputedBlock("transfers"));
const calls = new DisputeTable(disputedBlock("calls"));
const verifier = new StepVerifier();

const toyShapes: readonly CommitmentShape[] = [
  { arity: 2, moves: 3, levels: 2 },
  { arity: 2, moves: 4, levels: 2 },
  { arity: 4, moves: 2, levels: 2 },
  { arity: 16, moves: 1, levels: 2 },
  { arity: 2, moves: 6, levels: 1 },
  { arity: 8, moves: 2, levels: 1 },
  { arity: 4, moves: 4, levels: 1 },
];
const callShapes: readonly CommitmentShape[] = [
  { arity: 16, moves: 2, levels: 2 },
  { arity: 4, moves: 4, levels: 2 },
  PRODUCTION_SHAPE,
];

async function saboteursOf(
  table: DisputeTable,
  random: Random,
  shape: CommitmentShape,
  claims: number,
): Promise<Seat[]> {
  const { steps } = await table.honest(shape).end();
  const seats: Seat[] = [];
  const names = new Set<string>();
  while (seats.length < claims) {
    const kind = random.pick(saboteurKinds);
    // A few places and seeds: what was run once serves many disputes.
    const step = 1n + (steps * BigInt(random.below(4))) / 4n;
    const seed = random.below(8);
    const delay = (): bigint => BigInt(random.below(400));
    try {
      const floodClaims = Math.min(claims - seats.length, 1 + random.below(12));
      const options = { shape, step: step > steps ? steps : step, seed, floodClaims, delay };
      const found = await table.saboteur(kind, options);
      if (names.has(`${found[0]!.name} ${seed}`)) continue;
      names.add(`${found[0]!.name} ${seed}`);
      seats.push(...found);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "LIE_NOT_POSSIBLE") throw error;
    }
  }
  return seats;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0]!);
}

/** What must hold of every dispute that is over. */
async function check(
  table: DisputeTable,
  shape: CommitmentShape,
  dispute: RecordedDispute,
  played: readonly Played[],
): Promise<void> {
  const { state, log } = dispute;
  expect(survivorRoot(dispute)).toBe(await honestRoot(table, shape));
  for (const match of state.matches.values()) expect(match.moves).toBeLessThanOrEqual(shape.moves);
  const entries = [...state.tournaments.values()].map(({ claims }) => claims.length);
  const [first = 0, ...levelB] = entries;
  const bound = finalityBound(state.subject.rules.dispute, shape, first, Math.max(1, ...levelB));
  const opened = state.tournaments.get(state.id)!.opensAt!;
  expect(state.verdict!.time - opened).toBeLessThanOrEqual(bound);
  for (const id of state.tournaments.get(state.id)!.claims) {
    const fall = howClaimFell(state, id);
    expect(fall === undefined).toBe(id === state.verdict!.survivor);
    if (fall?.reason === "step") expect(toHex(fall.claimed)).not.toBe(toHex(fall.post));
  }
  for (const { command } of log.entries) checkProof(decodeCommand(command, shape));
  for (const { seat, refused, command } of played) {
    const isShared = command.kind === "timeout" || command.kind === "resolve";
    if (seat.name === "honest" && !isShared) expect(refused).toBeUndefined();
  }
}

/** Another judge takes every proof that was accepted. */
function checkProof(command: Command): void {
  if (command.kind === "step") {
    expect(verifier.verify(command.agreedLeaf, command.proof).valid).toBe(true);
  } else if (command.kind === "claim" && command.end.kind === "lastStep") {
    expect(verifier.verify(command.end.leaf, command.end.proof).valid).toBe(true);
  }
}

async function playOne(
  table: DisputeTable,
  random: Random,
  shape: CommitmentShape,
  claims: number,
): Promise<{ readonly dispute: RecordedDispute; readonly played: readonly Played[] }> {
  const liars = await saboteursOf(table, random, shape, claims);
  const honest = table.honestSeat(shape, () => BigInt(random.below(DELAY_MAX)));
  const dispute = table.open(shape);
  const played = await table.play(dispute, shuffled([honest, ...liars], random));
  await check(table, shape, dispute, played);
  return { dispute, played };
}

describe("the right claim survives", () => {
  it(`${DISPUTES} disputes of small shape, each with 1 to 8 lying claims`, async () => {
    const random = new Random(51_000);
    const kinds = new Set<string>();
    for (let i = 0; i < DISPUTES; i++) {
      const shape = toyShapes[i % toyShapes.length]!;
      const { played } = await playOne(transfers, random, shape, 1 + random.below(8));
      for (const { seat } of played) kinds.add(seat.name.replace(/ \d+$/, ""));
    }
    // What a block of transfers has no place for is in the next tests.
    expect(kinds.size).toBeGreaterThanOrEqual(saboteurKinds.length - 5);
  }, 600_000);

  it("disputes with 64 claims", async () => {
    const random = new Random(51_001);
    for (let i = 0; i < CROWDED; i++) {
      await playOne(transfers, random, toyShapes[(3 * i) % toyShapes.length]!, 63);
    }
  }, 600_000);

  it("disputes about contracts, at every shape up to the full one", async () => {
    const random = new Random(51_002);
    for (const shape of callShapes) await playOne(calls, random, shape, 4);
  }, 600_000);
});

describe("each saboteur", () => {
  const shape = PRODUCTION_SHAPE;
  const elsewhere: readonly SaboteurKind[] = [
    "accepted-bad-signature",
    "accepted-wrong-nonce",
    "wrong-prepare",
  ];
  for (const kind of saboteurKinds) {
    if (elsewhere.includes(kind)) continue;
    it(`loses alone against the honest player, at full shape: ${kind}`, async () => {
      const dispute = calls.open(shape);
      const options = { shape, floodClaims: 3 };
      const seats = [...(await calls.saboteur(kind, options)), calls.honestSeat(shape)];
      const played = await calls.play(dispute, seats);
      await check(calls, shape, dispute, played);
      const moves = played.filter(({ refused, command }) => {
        return refused === undefined && ["advance", "seal", "step"].includes(command.kind);
      });
      if (kind !== "flood") expect(moves.length).toBeLessThanOrEqual(2 * shape.moves + 2);
      expect(leafCount(shape)).toBe(65_536);
    }, 120_000);
  }
});

describe("the log of a dispute", () => {
  it("replays to the same verdict, and is what the fixtures hold", async () => {
    const random = new Random(51_003);
    const shape = toyShapes[1]!;
    const { dispute } = await playOne(transfers, random, shape, 6);
    const again = replayDisputeLog(dispute.log, undefined, shape);
    expect(again.state.verdict).toEqual(dispute.state.verdict);
    expect(encodeDisputeLog(again.log)).toEqual(encodeDisputeLog(dispute.log));
  });
});
