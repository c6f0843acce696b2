// Trades two tokens against a pool. Whoever provides both owns shares of it, and every trade leaves 0.3 % there.
// What the pool has is counted in storage and written before another contract is called: a token that calls back
// finds the new state. It finds the lock first: no method is reentrant, so such a call is refused.
import {
  Address,
  at,
  ctx,
  emit,
  Fixed,
  i256,
  require,
  revert,
  StorageMap,
  u128,
  u256,
  Value,
} from "plasmavm/assembly";
import { TokenRemote } from "./token-remote";

@event("provider")
class Added {
  constructor(
    public provider: Address,
    public a: u128,
    public b: u128,
    public shares: u128,
  ) {}
}

@event("provider")
class Removed {
  constructor(
    public provider: Address,
    public a: u128,
    public b: u128,
    public shares: u128,
  ) {}
}

@event("trader")
class Traded {
  constructor(
    public trader: Address,
    public sold: Address,
    public given: u128,
    public received: u128,
  ) {}
}

/** The price moved further than the caller allows. */
@error
class Slippage {
  constructor(
    public got: u128,
    public limit: u128,
  ) {}
}

@error
class NotEnough {
  constructor(
    public have: u128,
    public need: u128,
  ) {}
}

@error
class UnknownToken {
  constructor(public token: Address) {}
}

@struct
class Reserves {
  constructor(
    public a: u128,
    public b: u128,
  ) {}
}

// A trade counts 997 of every 1,000 units that are given.
const KEPT: u64 = 997;
const OF: u64 = 1000;

/** value × factor ÷ by through 512 bits, rounded down. */
function share(value: u128, factor: u128, by: u128): u128 {
  return u256.fromU128(value).mulDiv(u256.fromU128(factor), u256.fromU128(by)).toU128();
}

/** The same, rounded up: what is owed to the pool. */
function owed(value: u128, factor: u128, by: u128): u128 {
  return u256.fromU128(value).mulDivUp(u256.fromU128(factor), u256.fromU128(by)).toU128();
}

/** What `given` buys: the product of the reserves never gets less. */
function bought(given: u128, reserveIn: u128, reserveOut: u128): u128 {
  const counted = u256.fromU128(given).mul(u256.from(KEPT));
  const whole = u256.fromU128(reserveIn).mul(u256.from(OF)).add(counted);
  return u256.fromU128(reserveOut).mulDiv(counted, whole).toU128();
}

@contract
export class Exchange {
  tokenA: Value<Address>;
  tokenB: Value<Address>;
  pool: Value<Reserves>;
  totalShares: Value<u128>;
  shares: StorageMap<Address, u128>;

  @init
  open(a: Address, b: Address): void {
    require(a != b, "a pool has two different tokens");
    this.tokenA.set(a);
    this.tokenB.set(b);
  }

  @view
  reserves(): Reserves {
    return this.pool.get();
  }

  @view
  sharesOf(owner: Address): u128 {
    return this.shares.get(owner);
  }

  /** How many of token B one of token A is worth, before the fee. */
  @view
  price(): Fixed {
    const pool = this.pool.get();
    return Fixed.ratio(i256.fromU256(u256.fromU128(pool.b)), i256.fromU256(u256.fromU128(pool.a)));
  }

  /** What a trade would give now. */
  @view
  quote(sell: Address, amount: u128): u128 {
    const pool = this.pool.get();
    return this.isA(sell) ? bought(amount, pool.a, pool.b) : bought(amount, pool.b, pool.a);
  }

  /** Provides `a` and as much of token B as belongs to it, at most `mostB`; the shares. The first sets the price. */
  @call
  add(a: u128, mostB: u128, leastShares: u128): u128 {
    const pool = this.pool.get();
    const total = this.totalShares.get();
    const isFirst = total.isZero;
    const b = isFirst ? mostB : owed(a, pool.b, pool.a);
    const made = isFirst ? a : share(a, total, pool.a);
    require(!made.isZero && !b.isZero, "the amounts are too small");
    if (b.gt(mostB)) revert(new Slippage(b, mostB));
    if (made.lt(leastShares)) revert(new Slippage(made, leastShares));
    this.pool.set(new Reserves(pool.a.add(a), pool.b.add(b)));
    this.totalShares.set(total.add(made));
    const mine = this.shares.entry(ctx.caller);
    mine.set(mine.get().add(made));
    emit(new Added(ctx.caller, a, b, made));
    this.take(this.tokenA.get(), a);
    this.take(this.tokenB.get(), b);
    return made;
  }

  /** Gives shares back for what they are worth now. */
  @call
  remove(amount: u128, leastA: u128, leastB: u128): Reserves {
    const mine = this.shares.entry(ctx.caller);
    const have = mine.get();
    if (amount.isZero || have.lt(amount)) revert(new NotEnough(have, amount));
    const pool = this.pool.get();
    const total = this.totalShares.get();
    const out = new Reserves(share(amount, pool.a, total), share(amount, pool.b, total));
    if (out.a.lt(leastA)) revert(new Slippage(out.a, leastA));
    if (out.b.lt(leastB)) revert(new Slippage(out.b, leastB));
    mine.set(have.sub(amount));
    this.totalShares.set(total.sub(amount));
    this.pool.set(new Reserves(pool.a.sub(out.a), pool.b.sub(out.b)));
    emit(new Removed(ctx.caller, out.a, out.b, amount));
    this.give(this.tokenA.get(), out.a);
    this.give(this.tokenB.get(), out.b);
    return out;
  }

  /** Sells `amount` of the token `sell` for at least `least` of the other; what was received. */
  @call
  trade(sell: Address, amount: u128, least: u128): u128 {
    const pool = this.pool.get();
    const sellsA = this.isA(sell);
    const received = sellsA ? bought(amount, pool.a, pool.b) : bought(amount, pool.b, pool.a);
    if (received.lt(least)) revert(new Slippage(received, least));
    this.pool.set(
      sellsA
        ? new Reserves(pool.a.add(amount), pool.b.sub(received))
        : new Reserves(pool.a.sub(received), pool.b.add(amount)),
    );
    emit(new Traded(ctx.caller, sell, amount, received));
    this.take(sell, amount);
    this.give(sellsA ? this.tokenB.get() : this.tokenA.get(), received);
    return received;
  }

  private isA(token: Address): bool {
    if (token == this.tokenA.get()) return true;
    if (token != this.tokenB.get()) revert(new UnknownToken(token));
    return false;
  }

  // A token that reverts makes this call revert with its error; one that says false must not pass either.
  private take(token: Address, amount: u128): void {
    const done = at<TokenRemote>(token).transferFrom(ctx.caller, ctx.self, amount);
    require(done, "the token was not received");
  }

  private give(token: Address, amount: u128): void {
    require(at<TokenRemote>(token).transfer(ctx.caller, amount), "the token was not sent");
  }
}
