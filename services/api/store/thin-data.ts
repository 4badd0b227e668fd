import type { ApiContext, Moment } from '../http/read-route.ts';
import { qualityNote } from '../rows/quality.ts';
import { type Freshness, readFreshness, withMoreNotes } from './recompute-status.ts';
import { selectsLittle, type ViewParameters } from './view-reader.ts';

/** Parameters of the view `thin_data`, of those of the answer. */
const SELECTION = new Set(['services', 'team', 'scope', 'since', 'until']);

/**
 * Reads an answer about a selection of services, a place and a range; beside it, so that it costs no time of its own,
 * why the numbers of that selection rest on thin data. A page asks for many numbers of one selection: its notes are
 * read once.
 */
export async function readWithNotes<T>(
  { views, thinData }: Pick<ApiContext, 'views' | 'thinData'>,
  moment: Moment,
  parameters: ViewParameters,
  read: () => Promise<T>,
): Promise<{ freshness: Freshness; answer: T }> {
  const selection = Object.fromEntries(Object.entries(parameters).filter(([name]) => SELECTION.has(name)));
  const current = await moment.version();
  const [notes, { freshness, answer }] = await Promise.all([
    thinData.get(JSON.stringify(selection), `${current.version} ${current.rejected}`, moment.now, () =>
      views.read({
        view: 'thin_data',
        parameters: selection,
        row: qualityNote,
        small: selectsLittle(parameters),
      }),
    ),
    readFreshness(views, current).then(async (freshness) => ({ freshness, answer: await read() })),
  ]);
  return { freshness: withMoreNotes(freshness, notes), answer };
}
