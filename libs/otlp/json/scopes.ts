import type { Origin } from '../items.ts';
import { attributesOf } from './common.ts';
import { asObject, type JsonObject, objectsOf, textOf } from './members.ts';

/** Names of the three levels of nesting of a signal. */
interface Levels {
  /** For example `resourceSpans`. */
  readonly resources: string;
  /** For example `scopeSpans`. */
  readonly scopes: string;
  /** For example `spans`. */
  readonly items: string;
}

/** Walks resources and scopes down to the items, each with its origin and its place for messages. */
export function* eachItem(
  request: JsonObject,
  { resources, scopes, items }: Levels,
): Generator<[JsonObject, Origin, string]> {
  for (const [r, group] of objectsOf(request, resources, '').entries()) {
    const groupPath = `${resources}[${r}]`;
    const resourcePath = `${groupPath}.resource`;
    const resource = attributesOf(asObject(group['resource'], resourcePath), 'attributes', resourcePath);
    for (const [s, scoped] of objectsOf(group, scopes, `${groupPath}.`).entries()) {
      const scopePath = `${groupPath}.${scopes}[${s}]`;
      const scope = textOf(asObject(scoped['scope'], `${scopePath}.scope`), 'name', `${scopePath}.scope`);
      for (const [i, item] of objectsOf(scoped, items, `${scopePath}.`).entries()) {
        yield [item, { resource, scope }, `${scopePath}.${items}[${i}]`];
      }
    }
  }
}
