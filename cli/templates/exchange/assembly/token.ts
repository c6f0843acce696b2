// A fungible token. An entry is hashed once per call, then read and written.
import {
  Address,
  ctx,
  emit,
  revert,
  StorageMap,
  StorageMap2,
  u128,
  Value,
} from "plasmavm/assembly";

@event("from", "to")
class Transfer {
  constructor(
    public from: Address,
    public to: Address,
    public amount: u128,
  ) {}
}

@error
class Insufficient {
  constructor(
    public have: u128,
    public need: u128,
  ) {}
}

@contract
export class Token {
  totalSupply: Value<u128>;
  balances: StorageMap<Address, u128>;
  allowances: StorageMap2<Address, Address, u128>;

  @init init(supply: u128): void {
    this.totalSupply.set(supply);
    this.balances.set(ctx.caller, supply);
    emit(new Transfer(Address.zero, ctx.caller, supply));
  }

  @view supply(): u128 {
    return this.totalSupply.get();
  }
  @view balanceOf(owner: Address): u128 {
    return this.balances.get(owner);
  }
  @view allowance(owner: Address, spender: Address): u128 {
    return this.allowances.get(owner, spender);
  }

  @call transfer(to: Address, amount: u128): bool {
    return this.move(ctx.caller, to, amount);
  }

  @call approve(spender: Address, amount: u128): bool {
    this.allowances.set(ctx.caller, spender, amount);
    return true;
  }

  @call transferFrom(from: Address, to: Address, amount: u128): bool {
    const allowance = this.allowances.entry(from, ctx.caller);
    const have = allowance.get();
    if (have.lt(amount)) revert(new Insufficient(have, amount));
    allowance.set(have.sub(amount));
    return this.move(from, to, amount);
  }

  private move(from: Address, to: Address, amount: u128): bool {
    const source = this.balances.entry(from);
    const have = source.get();
    if (have.lt(amount)) revert(new Insufficient(have, amount));
    source.set(have.sub(amount));
    const target = this.balances.entry(to);
    target.set(target.get().add(amount));
    emit(new Transfer(from, to, amount));
    return true;
  }
}
