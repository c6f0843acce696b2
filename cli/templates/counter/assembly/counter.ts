import { Address, ctx, emit, revert, Value } from "plasmavm/assembly";

@event("by")
class Incremented {
  constructor(
    public by: Address,
    public count: u64,
  ) {}
}

@error
class TooMuch {
  constructor(
    public asked: u64,
    public limit: u64,
  ) {}
}

@contract
export class Counter {
  count: Value<u64>;
  last: Value<Address>;

  @init
  start(count: u64): void {
    this.count.set(count);
  }

  @call
  increment(by: u64): u64 {
    if (by > 100) revert(new TooMuch(by, 100));
    const count = this.count.get() + by;
    this.count.set(count);
    this.last.set(ctx.caller);
    emit(new Incremented(ctx.caller, count));
    return count;
  }

  @view
  value(): u64 {
    return this.count.get();
  }

  @view
  lastCaller(): Address {
    return this.last.get();
  }
}
