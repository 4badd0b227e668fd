import { z } from 'zod';
import { count, flag, instant, seconds, text } from '../rows/columns.ts';
import { type QualityNote, qualityNote } from '../rows/quality.ts';
import type { ViewReader } from './view-reader.ts';

/** The one row of the view `recompute_status`. */
export const recomputeStatusRow = z.object({
  watermark: instant('Latest instant that any fact tells of; null: no fact yet').nullable(),
  refreshed_at: instant('When numbers were last recomputed').nullable(),
  pending_services: count('Services with facts that are not in the numbers yet'),
  provisional_services: count(
    'Services with new facts in the numbers of their recent history, whose older history is still to be recomputed',
  ),
  pending_entities: count('Touched incidents, reviews, changes and pull requests not yet in the numbers'),
  oldest_pending_seconds: seconds('Age of the oldest fact that is not in the numbers yet; 0: none'),
  quarantined: z.array(text('A service that cannot be recomputed')),
  failing: text('What fails; empty: nothing'),
});

/** How far the numbers reach: what every `meta` carries. */
export const freshness = z
  .object({
    watermark: recomputeStatusRow.shape.watermark,
    refreshed_at: recomputeStatusRow.shape.refreshed_at,
    quality: z
      .object({
        thin: flag('The answer rests on thin data, or on numbers that are not up to date; the notes say why'),
        notes: z.array(qualityNote).describe('Why; none: it does not'),
        pending_services: recomputeStatusRow.shape.pending_services,
        provisional_services: recomputeStatusRow.shape.provisional_services,
        pending_entities: recomputeStatusRow.shape.pending_entities,
        oldest_pending_seconds: recomputeStatusRow.shape.oldest_pending_seconds,
        quarantined_services: z
          .array(z.string())
          .describe('Services whose numbers are stale because they cannot be recomputed'),
        recompute_failing: z.boolean().describe('The last recompute failed; numbers may be stale'),
      })
      .describe('How far to trust the answer; `/v1/quality` has every check'),
  })
  .meta({ id: 'Freshness' });

/** See {@link freshness}. */
export type Freshness = z.output<typeof freshness>;

/** The one row of the view `recompute_version`. */
export const recomputeVersionRow = z.object({
  version: z.string().describe('Another one when `recompute_status` may have become another'),
  numbers: z.string().describe('Another one when a number about deliveries may have become another'),
  rejected: z.string().describe('Another one when a message was rejected'),
  watermark: recomputeStatusRow.shape.watermark,
});

/** The one row of the view `store_version`. */
export const storeVersionRow = recomputeVersionRow.extend({
  stored: z.string().describe('Another one when anything stored may have become another'),
});

/** How far the numbers were recomputed when it was read. */
export type RecomputeVersion = z.output<typeof recomputeVersionRow>;

/** How long it may be said that numbers are behind which have caught up meanwhile, in milliseconds. */
const BEHIND_MS = 1_000;

interface Remembered {
  readonly version: string;
  readonly freshness: Freshness;
  /** When it was read, by a monotonic clock in milliseconds. */
  readonly readAt: number;
}

/** What each reader was told last; it goes with its reader. */
const lastTold = new WeakMap<ViewReader, Remembered>();

/** Read the version of the numbers. */
export async function readVersion(views: ViewReader): Promise<RecomputeVersion> {
  return onlyRow(
    await views.read({ view: 'recompute_version', row: recomputeVersionRow, limit: 1, small: true }),
  );
}

/** Read the version of the numbers, and that of everything that is stored. */
export async function readStoreVersion(views: ViewReader): Promise<z.output<typeof storeVersionRow>> {
  return onlyRow(await views.read({ view: 'store_version', row: storeVersionRow, limit: 1, small: true }));
}

/**
 * Read how far the numbers reach. Asked before the rows, so that the rows are never older than it says.
 *
 * The whole status is asked again only when it may be another, because it costs more than most answers: as long as no
 * fact about deliveries came in and nothing was recomputed, "everything is in" stays true; and that something is
 * behind may be said a second too long.
 *
 * @param current the version, read after the request came in
 */
export async function readFreshness(views: ViewReader, current: RecomputeVersion): Promise<Freshness> {
  const told = lastTold.get(views);
  if (told !== undefined && holds(told, current.version))
    return { ...told.freshness, watermark: current.watermark };
  const readAt = performance.now();
  const freshness = await readStatus(views);
  lastTold.set(views, { version: current.version, freshness, readAt });
  return freshness;
}

function holds({ version, freshness, readAt }: Remembered, current: string): boolean {
  const { pending_services, provisional_services, pending_entities } = freshness.quality;
  const isBehind = pending_services > 0 || provisional_services > 0 || pending_entities > 0;
  return isBehind ? performance.now() - readAt < BEHIND_MS : version === current;
}

async function readStatus(views: ViewReader): Promise<Freshness> {
  const { rows, notes } = await views.readNoted({
    view: 'recompute_status',
    row: recomputeStatusRow,
    limit: 1,
    notes: {
      by: 'evenkeel_status_notes',
      columns: ['pending_services', 'oldest_pending_seconds', 'quarantined', 'failing'],
    },
  });
  const { watermark, refreshed_at, quarantined, failing, ...pending } = onlyRow(rows);
  return {
    watermark,
    refreshed_at,
    quality: {
      ...noted([...notes]),
      ...pending,
      quarantined_services: quarantined,
      // The text is an exception of ClickHouse and may repeat SQL: it stays on this side.
      recompute_failing: failing !== '',
    },
  };
}

function onlyRow<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('a view of one row gave none');
  return row;
}

/** The notes of an answer, with those that it has already. */
export function withMoreNotes(freshness: Freshness, notes: readonly QualityNote[]): Freshness {
  const { quality, ...reach } = freshness;
  return { ...reach, quality: { ...quality, ...noted([...notes, ...quality.notes]) } };
}

function noted(notes: QualityNote[]): Pick<Freshness['quality'], 'thin' | 'notes'> {
  return { thin: notes.length > 0, notes };
}
