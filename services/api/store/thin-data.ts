import { qualityNote } from '../rows/quality.ts';
import { type Freshness, readFreshness, withMoreNotes } from './recompute-status.ts';
import type { ViewParameters, ViewReader } from './view-reader.ts';

/** Parameters of the view `thin_data`, of those of the answer. */
const SELECTION = new Set(['services', 'team', 'scope', 'since', 'until']);

/**
 * Reads an answer about a selection of services, a place and a range; beside it, so that it costs no time of its own,
 * why the numbers of that selection rest on thin data.
 */
export async function readWithNotes<T>(
  views: ViewReader,
  parameters: ViewParameters,
  read: () => Promise<T>,
): Promise<{ freshness: Freshness; answer: T }> {
  const selection = Object.fromEntries(Object.entries(parameters).filter(([name]) => SELECTION.has(name)));
  const [notes, { freshness, answer }] = await Promise.all([
    views.read({ view: 'thin_data', parameters: selection, row: qualityNote }),
    readFreshness(views).then(async (freshness) => ({ freshness, answer: await read() })),
  ]);
  return { freshness: withMoreNotes(freshness, notes), answer };
}
