// A list that grows at its end and goes back with the state: what a call added disappears when the call is
// reverted. Events of a transaction and messages of a block are such lists; their limits and hashes are not
// its business.

/** Append-only list with cheap rollback. */
export class AppendList<Item> {
  readonly #items: Item[] = [];

  get length(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    this.#items.push(item);
  }

  /** Drops everything added after the list had `length` items. */
  rollback(length: number): void {
    this.#items.length = length;
  }

  all(): readonly Item[] {
    return this.#items;
  }
}
