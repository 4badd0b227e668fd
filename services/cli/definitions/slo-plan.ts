import type { SloFact } from '@evenkeel/events';
import type { Row } from '../api/read-all.ts';
import { changesOf, type Plan, type Step } from './apply.ts';
import type { CheckedSlo } from './slo-files.ts';

/** The columns of `/v1/slos` that define an SLO. */
const COLUMNS = [
  'service',
  'environment',
  'title',
  'objective',
  'window',
  'method',
  'slice_seconds',
  'slice_target',
  'no_data',
  'minimum_events',
] as const;

/** Compares SLOs of files with those in force; ids to retire must be in force. */
export function planSlos(
  slos: readonly CheckedSlo[],
  retired: readonly string[],
  rows: readonly Row[],
): Plan {
  const inForce = new Map(rows.map((row) => [String(row['slo_id']), row]));
  const unknown = retired.filter((id) => !inForce.has(id));
  if (unknown.length > 0)
    return {
      outcome: 'rejected',
      code: 'unknown_id',
      message: `no SLO ${unknown.map((id) => `"${id}"`).join(', ')} is in force`,
    };
  return {
    outcome: 'ok',
    steps: [
      ...slos.map(({ fact }) => stepOf(fact, inForce.get(fact.slo_id))),
      ...retired.map((id) => retirement(id, inForce.get(id) ?? {})),
    ],
  };
}

function stepOf(fact: SloFact, before: Row | undefined): Step {
  const { slo_id: id } = fact;
  if (before === undefined) return { id, outcome: 'created', changes: [], fact };
  const changes = changesOf(before, wantedOf(fact), show);
  return changes.length === 0
    ? { id, outcome: 'unchanged', changes }
    : { id, outcome: 'changed', changes, fact };
}

/** A definition replaces the one before as a whole, so what it leaves out takes its default. */
function wantedOf(fact: SloFact): Row {
  return {
    service: fact.service,
    environment: fact.environment ?? null,
    title: fact.title ?? null,
    objective: fact.objective,
    window: fact.window,
    method: fact.method,
    slice_seconds: fact.slice_seconds ?? 60,
    slice_target: fact.slice_target ?? null,
    no_data: fact.no_data ?? 'ignored',
    minimum_events: fact.minimum_events ?? 0,
  };
}

/** The definition in force once more, as its last. */
function retirement(id: string, row: Row): Step {
  const definition = Object.fromEntries(COLUMNS.map((column) => [column, row[column]]));
  return {
    id,
    outcome: 'retired',
    changes: [],
    fact: {
      kind: 'slo',
      source: 'cli',
      slo_id: id,
      ...definition,
      retired: true,
    },
  };
}

function show(name: string, value: unknown): string {
  if (value === null) return 'none';
  if (name !== 'window') return String(value);
  const window = Object(value) as { rolling_days?: number; calendar?: string; timezone?: string };
  return window.calendar === undefined
    ? `${window.rolling_days} d`
    : `${window.calendar} in ${window.timezone}`;
}
