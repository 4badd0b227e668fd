import type { ServiceFact } from '@evenkeel/events';
import type { Row } from '../api/read-all.ts';
import { changesOf, type Plan, type Step } from './apply.ts';
import type { CheckedService } from './service-files.ts';

/** Compares services of files with their latest settings. What a file leaves out stays as it is. */
export function planServices(services: readonly CheckedService[], rows: readonly Row[]): Plan {
  const known = new Map(rows.map((row) => [String(row['service']), row]));
  return { outcome: 'ok', steps: services.map(({ fact }) => stepOf(fact, known.get(fact.service))) };
}

function stepOf(fact: ServiceFact, before: Row | undefined): Step {
  const { service: id } = fact;
  if (before === undefined) return { id, outcome: 'created', changes: [], fact };
  const changes = changesOf(
    before,
    {
      team: fact.team,
      repository: fact.repository,
      tiers: fact.tiers,
      attribution_window_seconds: fact.attribution_window_seconds,
      detect_rollbacks: fact.detect_rollbacks,
      ranges: fact.ranges,
      trivial_lines: fact.trivial_lines,
      severity_ranks: fact.severity_ranks,
    },
    (_name, value) => (value === null ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)),
  );
  return changes.length === 0
    ? { id, outcome: 'unchanged', changes }
    : { id, outcome: 'changed', changes, fact };
}
