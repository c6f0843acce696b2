// A contract takes the code of another account and calls the @upgrade method of that code in a sub-call of
// itself. The host replaces the code (docs/host-calls.md "Upgrade"); who may upgrade is for the author to say.
import * as env from "../env";
import { u128 } from "../math/u128";
import { Address } from "./address";
import { callRequest, passOn, startRequest, tryCall } from "./call";
import { ctx } from "./context";
import { noCodeToTake, onlySelf, upgradeLocked } from "./texts";

const REFUSED: u32 = 3;
/** keccak("@upgrade()")[0..4] as they lie in memory: no method has it by its name, which has no `@`. */
const SELECTOR: u32 = 0x7370fec8;

/**
 * Makes the code of the account `code` this contract's own, from the next call on, and runs its @upgrade
 * method with `args`, the encoded arguments. Storage and address stay. Reverts where there is no code, or it
 * has no @upgrade method, or that reverts. The method that calls this is `@call({ reentrant: true })`.
 */
export function upgradeTo(code: Address, args: StaticArray<u8> | null = null): void {
  if (env.upgrade(changetype<usize>(code)) == 0) noCodeToTake();
  const length = args ? args.length : 0;
  const input = startRequest(SELECTOR, length);
  memory.copy(input + 4, changetype<usize>(args), length);
  const status = tryCall(
    callRequest(ctx.self, u128.zero, u64.MAX_VALUE),
    input,
    input + 4 + length,
  );
  if (status == REFUSED) upgradeLocked();
  passOn(status);
}

/** What an @upgrade method begins with. */
export function mustBeSelf(): void {
  if (ctx.caller != ctx.self) onlySelf();
}
