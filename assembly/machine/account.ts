// Account values (docs/formats.md section 7) in the steps of phases and host calls: opened into ACCOUNT, changed
// there, written back where they were opened. An account of which nothing is left is deleted.
import { isZero, leaf, WORLD } from "./record";
import { refused } from "./proof-reader";
import { sha256Pair } from "./sha256";
import { accountPath, PATH, valueCommitment } from "./state-keys";
import { deleteState, held, openState, READS_ACCOUNT, setState, terminal } from "./state-path";

/** The account that `openAccount` read, 64 bytes; zero where there is none. */
export const ACCOUNT: usize = memory.data(64, 8);
const COMMITMENT: usize = memory.data(32, 8);

/** Opens the account of an address into ACCOUNT; false where the proof is refused. */
export function openAccount(address: usize): bool {
  accountPath(address);
  openState(PATH, leaf(WORLD), READS_ACCOUNT);
  if (refused != 0) return false;
  if (terminal == 1) memory.copy(ACCOUNT, held, 64);
  else memory.fill(ACCOUNT, 0, 64);
  return true;
}

/** Writes ACCOUNT where it was opened; an account of which nothing is left is deleted. */
export function writeAccount(): void {
  const world = leaf(WORLD);
  memory.fill(ACCOUNT + 24, 0, 8);
  if (isZero(ACCOUNT, 64)) return deleteState(world);
  sha256Pair(ACCOUNT, COMMITMENT);
  valueCommitment(COMMITMENT, 64, COMMITMENT);
  setState(COMMITMENT, world);
}
