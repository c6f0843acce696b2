// Disputes about the blocks of fixtures/disputes, with real machines, for tests: runs are opened once and shared by
// all disputes about their block, since a run at hand answers any question about itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, decodeBundle } from "../../host/chain/bundle.ts";
import type { LieKind } from "../../host/chain/lies.ts";
import { tamperBundle } from "../../host/chain/tamper.ts";
import { toHex } from "../../host/codec/hex.ts";
import { type CommitmentShape, treeDepth } from "../../host/dispute/commitment-shape.ts";
import { RecordedDispute } from "../../host/dispute/dispute-log.ts";
import { type Falsehood, falseRun } from "../../host/dispute/false-run.ts";
import { type Played, playDispute, type Seat } from "../../host/dispute/play-dispute.ts";
import { RunPlayer } from "../../host/dispute/player.ts";
import { accountOf, type SaboteurKind, saboteurSeats } from "../../host/dispute/saboteur-kinds.ts";
import {
  nativeHostCrypto,
  nativeSignatureChecker,
  nativeStateHasher,
} from "../../host/environment/native.ts";
import { EngineError } from "../../host/errors.ts";
import { BundleRun } from "../../host/machine/bundle-run.ts";
import { RunCommitments } from "../../host/machine/run-commitments.ts";
import { type LaterStates, later, type RunStates } from "../../host/machine/run-states.ts";
import { decodeRules } from "../../host/rules/encode-rules.ts";
import { ProgramCache } from "../../host/sandbox/program-source.ts";
import { V8Runner } from "../../host/sandbox/v8-runner.ts";
import { root } from "./source-files.ts";

export const BOND_MAX = 10n ** 30n;
const START = 1_700_000_000n;
const hasher = nativeStateHasher();
/** What a lie is executed on. */
export const lieGround = {
  hasher,
  signatures: nativeSignatureChecker,
  crypto: nativeHostCrypto,
  runner: new V8Runner(),
  programs: new ProgramCache(),
};

export const disputedBlock = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(root, `fixtures/disputes/blocks/${name}.bundle`)));

/** A run that computes nothing twice: many disputes ask the same. */
function remembered(run: RunStates): LaterStates {
  const known = new Map<string, unknown>();
  const once = <T>(name: string, compute: () => T): T => {
    if (!known.has(name)) known.set(name, compute());
    return known.get(name) as T;
  };
  return later({
    end: () => once("end", () => run.end()),
    stateAt: (step) => run.stateAt(step),
    prove: (step) => once(`prove ${step}`, () => run.prove(step)),
    commit: (from, stride, count) =>
      once(`${from} ${stride} ${count}`, () => run.commit(from, stride, count)),
    close: () => undefined,
  });
}

/** A block that is disputed again and again. */
export class DisputeTable {
  readonly bytes: Uint8Array;
  readonly bundle: Bundle;
  readonly #runs = new Map<string, LaterStates | EngineError>();
  readonly #commitments = new Map<number, RunCommitments>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.bundle = decodeBundle(bytes);
  }

  /** The order's run. */
  honest(shape: CommitmentShape): RunCommitments {
    const depth = treeDepth(shape);
    const known = this.#commitments.get(depth);
    const commitments = known ?? new RunCommitments(this.#open(undefined, undefined), depth);
    this.#commitments.set(depth, commitments);
    return commitments;
  }

  honestSeat(shape: CommitmentShape, delay: () => bigint = () => 0n): Seat {
    const commitments = this.honest(shape);
    const account = accountOf("honest");
    const player = new RunPlayer({ commitments, account, bondMax: BOND_MAX });
    return { name: "honest", player, delay };
  }

  /** @throws LIE_NOT_POSSIBLE */
  saboteur(
    kind: SaboteurKind,
    options: {
      readonly shape: CommitmentShape;
      readonly step?: bigint;
      readonly seed?: number;
      readonly floodClaims?: number;
      readonly delay?: () => bigint;
    },
  ): Promise<Seat[]> {
    return saboteurSeats(kind, {
      ...options,
      bondMax: BOND_MAX,
      open: async (falsehood, tampered) => this.#open(falsehood, tampered),
    });
  }

  open(shape: CommitmentShape): RecordedDispute {
    const { order, parentResult, rules } = this.bundle;
    return new RecordedDispute({ order, parentResult, rules: decodeRules(rules), shape });
  }

  /** Plays to the verdict; every command with what became of it. */
  async play(dispute: RecordedDispute, seats: readonly Seat[]): Promise<Played[]> {
    const played: Played[] = [];
    await playDispute(dispute, seats, START, (one) => played.push(one));
    return played;
  }

  #open(falsehood: Falsehood | undefined, tampered: LieKind | undefined): LaterStates {
    const { kind = "honest", step = "", seed = 0 } = falsehood ?? {};
    const name = `${kind} ${step} ${kind === "random-tail" ? seed : ""} ${tampered ?? ""}`;
    let run = this.#runs.get(name);
    if (run === undefined) {
      run = this.#make(falsehood, tampered);
      this.#runs.set(name, run);
    }
    if (run instanceof EngineError) throw run;
    return run;
  }

  #make(
    falsehood: Falsehood | undefined,
    tampered: LieKind | undefined,
  ): LaterStates | EngineError {
    if (falsehood === undefined) return remembered(new BundleRun(this.bundle, hasher));
    try {
      const bundle =
        tampered === undefined
          ? this.bundle
          : decodeBundle(tamperBundle(this.bytes, { kind: tampered }, lieGround));
      return remembered(falseRun(bundle, falsehood, hasher));
    } catch (error) {
      if (error instanceof EngineError && error.code === "LIE_NOT_POSSIBLE") return error;
      throw error;
    }
  }
}

/** Root of the claim that survived. */
export function survivorRoot({ state }: RecordedDispute): string | undefined {
  const id = state.verdict?.survivor;
  return id === undefined ? undefined : toHex(state.claims.get(id)!.root);
}

/** Root of the right claim. */
export async function honestRoot(table: DisputeTable, shape: CommitmentShape): Promise<string> {
  const commitments = table.honest(shape);
  const tree = shape.levels === 1 ? await commitments.steps(0) : await commitments.strides();
  return toHex(tree.root);
}
