// Somebody with a key at settlement and the roles that he plays there. Signs what the roles want done. A command that
// settlement refuses costs nothing and is made anew, from the state at hand, the next time.

import type { TransactionSigner } from "../chain/key.ts";
import { type Hex, toHex } from "../codec/hex.ts";
import { type LedgerCommand, signCommand } from "../settlement/ledger-command.ts";
import type { LedgerFollower } from "./ledger-follower.ts";

/** A part that somebody plays at settlement. */
export interface Role {
  /** What to do at this time, in seconds, most urgent first. */
  step(time: bigint): Promise<readonly LedgerCommand[]>;
}

export interface ParticipantOptions {
  readonly follower: LedgerFollower;
  readonly signer: TransactionSigner;
  readonly roles: readonly Role[];
}

export class Participant {
  readonly account: Hex;
  readonly #options: ParticipantOptions;

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.account = toHex(options.signer.address);
  }

  /** Signed commands in the order in which settlement should have them: each counts on those before it. */
  async step(time: bigint): Promise<Uint8Array[]> {
    const { follower, signer, roles } = this.#options;
    const commands: LedgerCommand[] = [];
    for (const role of roles) commands.push(...(await role.step(time)));
    const { id, accounts } = follower.state;
    const first = accounts.get(this.account)?.nonce ?? 0n;
    return commands.map((command, i) => signCommand(id, first + BigInt(i), command, signer));
  }
}
