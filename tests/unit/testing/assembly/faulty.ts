// A contract that fails in every way that authors meet, for the golden texts of failures.
import {
  Address,
  at,
  checked,
  ctx,
  emit,
  Result,
  revert,
  require,
  u128,
  Value,
} from "plasmavm/assembly";

@event("by")
class Tried {
  constructor(
    public by: Address,
    public step: u32,
  ) {}
}

@error
class Refused {
  constructor(
    public who: Address,
    public step: u32,
  ) {}
}

class Node {
  constructor(
    public value: u32,
    public next: Node | null,
  ) {}
}

@remote
abstract class Next {
  abstract refuse(step: u32): void;
  abstract relay(to: Address, depth: u32): void;
  abstract try_refuse(step: u32): Result<bool>;
  abstract count(): u32;
}

@contract
export class Faulty {
  owner: Value<Address>;
  step: Value<u32>;

  @call asserts(): void {
    assert(this.step.get() == 1, "the step is not 1");
  }

  @call requires(): void {
    require(this.step.get() == 1, "not yet");
  }

  @call refuse(step: u32): void {
    this.step.set(step);
    emit(new Tried(ctx.caller, step));
    if (step > 0) revert(new Refused(ctx.caller, step));
  }

  @call overflow(): u128 {
    return this.large().add(u128.from(1));
  }

  @call overflowOfPlain(): u64 {
    return checked.add<u64>(u64.MAX_VALUE, this.step.get() + 1);
  }

  @call index(i: u32): u32 {
    const list: u32[] = [1, 2, 3];
    return list[i];
  }

  @call nothing(): u32 {
    const last = new Node(1, null);
    return this.after(last).value;
  }

  @call spin(): void {
    for (let i: u32 = 0; ; i++) this.step.set(i);
  }

  @call unreached(): void {
    this.step.set(7);
    unreachable();
  }

  @call divides(by: u32): u32 {
    return 7 / by;
  }

  /** Calls itself through others until `depth` is 0, then fails. */
  @call({ reentrant: true }) relay(to: Address, depth: u32): void {
    if (depth == 0) at<Next>(to).refuse(9);
    else at<Next>(to).relay(to, depth - 1);
  }

  /** Takes note of a failure below and goes on. */
  @call catches(to: Address): u32 {
    const tried = at<Next>(to).try_refuse(3);
    if (!tried.ok) this.step.set(tried.status);
    return tried.status;
  }

  /** Nobody set the owner: calls the zero address. */
  @call uninitialised(): u32 {
    return at<Next>(this.owner.get()).count();
  }

  @view viewRefuses(): void {
    revert(new Refused(ctx.caller, 4));
  }

  @view time(): u64 {
    return ctx.time;
  }

  private large(): u128 {
    return u128.max;
  }

  private after(node: Node): Node {
    return node.next!;
  }
}
