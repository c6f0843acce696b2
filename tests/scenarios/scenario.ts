// What a scenario is, and what most of them say at their ends.
import type { Hex } from "../../host/codec/hex.ts";
import type { Town } from "./town.ts";
import { addressOf, type Person, WINDOW, type World } from "./world.ts";

export interface ScenarioEnd {
  readonly towns: readonly Town[];
  /** What should have come about and did not. */
  readonly missed: readonly string[];
}

export interface Scenario {
  readonly name: string;
  readonly run: (world: World) => Promise<ScenarioEnd>;
}

/** A scenario in which something goes wrong that the reckoning must find. */
export interface Canary extends Scenario {
  readonly wrongFinal: number;
  readonly rightRejected: number;
}

/** What is not so, of statements that should be. */
export const missing = (expected: Readonly<Record<string, boolean>>): string[] =>
  Object.entries(expected).flatMap(([what, is]) => (is ? [] : [what]));

export const balanceOf = ({ ledger }: World, person: Person): bigint =>
  ledger.state.accounts.get(addressOf(person))?.balance ?? 0n;

/** Long enough for everything to become final, disputes included. */
export const toTheEnd = (world: World): Promise<void> => world.pass(5n * WINDOW);

export const finalHeight = (world: World, id: Hex): bigint => world.environment(id).final.height;
export const headHeight = (world: World, id: Hex): bigint => world.environment(id).head.height;
export const isAllFinal = (world: World, { id }: Town): boolean =>
  finalHeight(world, id) === headHeight(world, id) && headHeight(world, id) > 0n;
