import { EvenkeelError } from '@evenkeel/runtime';
import { queryView, StoreUnavailable } from '@evenkeel/store';
import { z } from 'zod';

/** Seconds after which a caller is told to come back when ClickHouse is away. */
const RETRY_AFTER_SECONDS = 5;

/** What is asked of the store before a judgement is taken. */
export interface KnownFacts {
  /** Whether an SLO has, or ever had, a definition. */
  slo(sloId: string): Promise<boolean>;
  /** When the fact with this id happened, RFC 3339 in UTC; undefined: no such fact yet. */
  occurredAt(kind: 'review' | 'correction', eventId: string): Promise<string | undefined>;
}

const occurrence = z.object({ occurred_at: z.string() });

/**
 * Asks ClickHouse, through a client whose database is Evenkeel's.
 *
 * @throws EvenkeelError `store_unavailable`
 */
export function createKnownFacts(client: Parameters<typeof queryView>[0]): KnownFacts {
  const first = async (view: string, column: string, value: string) => {
    try {
      const where = [{ column, type: 'String', value } as const];
      const [row] = await queryView<unknown>(client, view, {}, { where, orderBy: ['occurred_at'], limit: 1 });
      return row;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      throw new EvenkeelError('store_unavailable', 'ClickHouse does not answer; nothing was taken.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause: error,
      });
    }
  };
  return {
    slo: async (sloId) => (await first('slo_facts', 'slo_id', sloId)) !== undefined,
    async occurredAt(kind, eventId) {
      const row = await first(`${kind}_facts`, 'event_id', eventId);
      return row === undefined ? undefined : occurrence.parse(row).occurred_at;
    },
  };
}
