import type { z } from 'zod';
import type { ApiContext, Moment } from '../http/read-route.ts';
import { qualityNote } from '../rows/quality.ts';
import { type Freshness, readFreshness, withMoreNotes } from './recompute-status.ts';
import { selectsLittle, type ViewParameters, type ViewQuery } from './view-reader.ts';

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

type Context = Pick<ApiContext, 'views' | 'thinData'>;

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
  query: ViewQuery<Row> & { readonly parameters: ViewParameters },
): Promise<{ freshness: Freshness; answer: z.output<Row>[] }> {
  const { parameters } = query;
  if (selectsLittle(parameters)) {
    return readWithNotes(context, moment, parameters, () => context.views.read({ ...query, small: true }));
  }
  const { freshness, answer } = await readBeside('unseen_data', context, moment, parameters, () =>
    context.views.readNoted({ ...query, notes: { by: 'evenkeel_thin_notes', columns: COUNTS } }),
  );
  return { freshness: withMoreNotes(freshness, answer.notes), answer: answer.rows };
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
    thinData.get(key, `${current.version} ${current.rejected}`, moment.now, () =>
      views.read({ view, parameters: selection, row: qualityNote, small: selectsLittle(parameters) }),
    ),
    readFreshness(views, current).then(async (freshness) => ({ freshness, answer: await read() })),
  ]);
  return { freshness: withMoreNotes(freshness, notes), answer };
}
