import type { z } from 'zod';
import type { ApiContext, Moment } from '../http/read-route.ts';
import { qualityNote } from '../rows/quality.ts';
import { type Freshness, readFreshness, withMoreNotes } from './recompute-status.ts';
import { type NotedRows, selectsLittle, type ViewParameters, type ViewQuery } from './view-reader.ts';

/** Parameters of the views `thin_data` and `unseen_data`, of those of the answer. */
const SELECTION = new Set(['services', 'team', 'scope', 'since', 'until']);

/** What `evenkeel_thin_notes` is told of each row. */
const COUNTS = [
  'deployments',
  'deployments_without_changes',
  'changes',
  'lead_time_changes',
  'failed_deployments',
  'failed_deployments_linked',
  'recovered_deployments',
  'time_to_restore_incidents',
];

type AggregateQuery<Row extends z.ZodObject> = ViewQuery<Row> & { readonly parameters: ViewParameters };

type Context = Pick<ApiContext, 'views' | 'aggregates' | 'thinData'>;

/**
 * Reads an answer about a selection of services, a place and a range; beside it, so that it costs no time of its own,
 * why the numbers of that selection rest on thin data. A page asks for many numbers of one selection: its notes are
 * read once.
 */
export async function readWithNotes<T>(
  context: Context,
  moment: Moment,
  parameters: ViewParameters,
  read: () => Promise<T>,
): Promise<{ freshness: Freshness; answer: T }> {
  return readBeside('thin_data', context, moment, parameters, read);
}

/**
 * The same for rows that count deliveries themselves. Of many services only what the rows cannot tell is read beside
 * them; a few are quicker read twice than the notes are analysed with the rows.
 */
export async function readCounts<Row extends z.ZodObject>(
  context: Context,
  moment: Moment,
  query: AggregateQuery<Row>,
): Promise<{ freshness: Freshness; answer: readonly z.output<Row>[] }> {
  if (selectsLittle(query.parameters)) return readAggregates(context, moment, query);
  const { freshness, answer } = await readBeside('unseen_data', context, moment, query.parameters, () =>
    kept(context, moment, query, () =>
      context.views.readNoted({ ...query, notes: { by: 'evenkeel_thin_notes', columns: COUNTS } }),
    ),
  );
  return { freshness: withMoreNotes(freshness, answer.notes), answer: answer.rows };
}

/** {@link readWithNotes} of rows about aggregates, which are used again while the numbers stay. */
export async function readAggregates<Row extends z.ZodObject>(
  context: Context,
  moment: Moment,
  query: AggregateQuery<Row>,
): Promise<{ freshness: Freshness; answer: readonly z.output<Row>[] }> {
  const { parameters } = query;
  return readWithNotes(context, moment, parameters, async () => {
    const read = () => context.views.read({ ...query, small: selectsLittle(parameters) });
    return (await kept(context, moment, query, async () => ({ rows: await read(), notes: [] }))).rows;
  });
}

/** Whoever asks for the same rows while the numbers stay gets the same ones, for as long as an answer may be old. */
async function kept<Row extends z.ZodObject>(
  { aggregates }: Context,
  { now, version }: Moment,
  { view, parameters }: AggregateQuery<Row>,
  read: () => Promise<NotedRows<z.output<Row>>>,
): Promise<NotedRows<z.output<Row>>> {
  const { now: _, ...selection } = parameters;
  const key = `${view} ${JSON.stringify(selection)}`;
  // A view has rows of one shape, and the key names the view.
  return (await aggregates.get(key, (await version()).numbers, now, read)) as NotedRows<z.output<Row>>;
}

async function readBeside<T>(
  view: 'thin_data' | 'unseen_data',
  { views, thinData }: Context,
  moment: Moment,
  parameters: ViewParameters,
  read: () => Promise<T>,
): Promise<{ freshness: Freshness; answer: T }> {
  const selection = Object.fromEntries(Object.entries(parameters).filter(([name]) => SELECTION.has(name)));
  const current = await moment.version();
  const key = `${view} ${JSON.stringify(selection)}`;
  const [notes, { freshness, answer }] = await Promise.all([
    thinData.get(key, `${current.numbers} ${current.rejected}`, moment.now, () =>
      views.read({ view, parameters: selection, row: qualityNote, small: selectsLittle(parameters) }),
    ),
    readFreshness(views, current).then(async (freshness) => ({ freshness, answer: await read() })),
  ]);
  return { freshness: withMoreNotes(freshness, notes), answer };
}
