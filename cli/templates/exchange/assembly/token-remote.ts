// How other contracts see a token: the build writes the bodies of a @remote class.
import { Address, u128 } from "plasmavm/assembly";

@remote
export abstract class TokenRemote {
  abstract transfer(to: Address, amount: u128): bool;
  abstract transferFrom(from: Address, to: Address, amount: u128): bool;
}
