// A token that lies about its balances and tries to trade again in the middle of a trade.
import { Address, at, ctx, Result, u128, Value } from "plasmavm/assembly";

@remote
abstract class Pool {
  abstract try_trade(sell: Address, amount: u128, least: u128): Result<u128>;
}

@contract
export class GreedyToken {
  target: Value<Address>;
  refusals: Value<u32>;

  @call
  aim(target: Address): void {
    this.target.set(target);
  }

  @view
  refused(): u32 {
    return this.refusals.get();
  }

  @call
  transferFrom(from: Address, to: Address, amount: u128): bool {
    const target = this.target.get();
    if (!target.isZero) {
      const again = at<Pool>(target).try_trade(ctx.self, amount, u128.zero);
      // 3: refused, before any code of the pool ran.
      if (again.status == 3) this.refusals.set(this.refusals.get() + 1);
    }
    return true;
  }

  @call
  transfer(to: Address, amount: u128): bool {
    return true;
  }
}
