import { decodeCursor, encodeCursor, selectionSchema } from '../answers/cursor.ts';
import { invalidParameter } from '../http/problems.ts';
import type { ApiContext } from '../http/read-route.ts';
import { formatInstant } from '../parameters/instant.ts';
import { type Resolved, resolveSelection, type Selection } from '../parameters/resolve.ts';
import { type CommonQuery, DEFAULT_LIMIT } from '../parameters/schemas.ts';
import type { KeyedRow, ViewParameters } from '../store/view-reader.ts';

/** A page of a list: what is selected, how much of it, and after which row. */
export interface Page {
  readonly selection: Selection;
  readonly limit: number;
  readonly after: readonly string[] | undefined;
  /** SLOs asked for, of lists that take them; none: all. */
  readonly slos: readonly string[];
}

/** The query of a list. */
export type PageQuery = CommonQuery & {
  limit?: string | undefined;
  cursor?: string | undefined;
  slo?: string[] | undefined;
};

/** @throws EvenkeelError `invalid_parameter` with every problem of it */
export function orInvalid<T>(resolved: Resolved<T>): T {
  if (resolved.outcome === 'rejected') throw invalidParameter(resolved.errors);
  return resolved.value;
}

/** The common parameters of a request, complete. */
export async function selectionOf(query: CommonQuery, now: Date, context: ApiContext): Promise<Selection> {
  return orInvalid(await resolveSelection(query, now, context.calendar));
}

/**
 * The page that a request asks for. A cursor brings the parameters of the first page along, so that a default such as
 * "until now" does not move between pages; a parameter that is sent again must be the same.
 */
export async function pageOf(list: string, query: PageQuery, now: Date, context: ApiContext): Promise<Page> {
  const { cursor: text, limit: asked, slo, ...common } = query;
  const limit = asked === undefined ? DEFAULT_LIMIT : Number(asked);
  if (text === undefined)
    return { selection: await selectionOf(common, now, context), limit, after: undefined, slos: slo ?? [] };

  const cursor = decodeCursor(text, list, selectionSchema);
  if (cursor === undefined)
    throw invalidParameter([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  const { slos: firstSlos = [], ...first } = cursor.asked;
  const selection = orInvalid(await resolveSelection(common, now, context.calendar, first));
  const changed = [
    ...changedFields(first, selection),
    ...(slo !== undefined && JSON.stringify(slo) !== JSON.stringify(firstSlos) ? ['slo'] : []),
  ];
  if (changed.length > 0)
    throw invalidParameter(
      changed.map((field) => ({
        field,
        message: 'must be the same as on the page that the cursor came from',
      })),
    );
  return { selection, limit, after: cursor.after, slos: firstSlos };
}

function changedFields(first: Selection, now: Selection): string[] {
  const differs = (name: keyof Selection) => JSON.stringify(first[name]) !== JSON.stringify(now[name]);
  return [
    ...(differs('services') ? ['service'] : []),
    ...(differs('team') ? ['team'] : []),
    ...(differs('place') ? [now.place.kind] : []),
    ...(['from', 'to', 'tz'] as const).filter(differs),
  ];
}

/** Cut the one row too many that was read to see whether there is another page, and write the cursor to it. */
export function cutPage<Row>(
  list: string,
  page: Page,
  rows: readonly KeyedRow<Row>[],
): { data: Row[]; next_cursor: string | null } {
  const kept = rows.slice(0, page.limit);
  const last = kept.at(-1);
  const next_cursor =
    rows.length > page.limit && last !== undefined
      ? encodeCursor({
          list,
          asked: { ...page.selection, ...(page.slos.length === 0 ? {} : { slos: page.slos }) },
          after: last.key,
        })
      : null;
  return { data: kept.map(({ row }) => row), next_cursor };
}

/** Parameters of the views about services. */
export function servicesOf({ services, team }: Selection): ViewParameters {
  return { services, team };
}

/** Parameters of the views about services, a place and a range. */
export function selectionParameters(selection: Selection): ViewParameters {
  const { place, from, to } = selection;
  return {
    ...servicesOf(selection),
    scope: `${place.kind}:${place.name}`,
    since: new Date(from),
    until: new Date(to),
  };
}

/** The services and the range as `meta` shows them, in the names of the parameters. */
export function describeRange({ services, team, from, to, tz }: Selection): Record<string, unknown> {
  return {
    service: services,
    team: team === '' ? null : team,
    from: formatInstant(from),
    to: formatInstant(to),
    tz,
  };
}

/** The common parameters as `meta` shows them. */
export function describeSelection(selection: Selection): Record<string, unknown> {
  const { service, team, ...range } = describeRange(selection);
  const { kind, name } = selection.place;
  return {
    service,
    team,
    environment: kind === 'environment' ? name : null,
    tier: kind === 'tier' ? name : null,
    ...range,
  };
}
