/** Nested deeper than any real attribute value; bounds the work and the stack that hostile bytes can take. */
export const MAX_VALUE_DEPTH = 16;

/** A span of two bytes becomes an object of hundreds: more items than any exporter sends at once are refused. */
const MAX_ITEMS = 100_000;

/** Thrown and caught within this package only: a deep decoder has no other short way out. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

/** Adds an item to those of its request, up to what one request may hold. */
export function addItem<Item>(items: Item[], item: Item): void {
  if (items.length >= MAX_ITEMS) throw new Malformed(`the request holds more than ${MAX_ITEMS} items`);
  items.push(item);
}
