import type { ApiClient } from '../api/api-client.ts';
import { type AllRows, type Row, readAll } from '../api/read-all.ts';

/** The lines of the number itself, one a column: its name and its value for people. */
export type NumberLines =
  | { outcome: 'ok'; lines: (readonly [name: string, value: string])[]; data: unknown }
  | Extract<AllRows, { outcome: 'failed' }>;

/**
 * Columns of the summary that a metric's rows make, where they do not simply begin with its name; the table of
 * docs/definitions.md, Evidence.
 */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  deployments: ['deployments', 'deployments_per_day', 'deployment_days'],
  changes: ['changes'],
  change_lead_time: [
    'lead_time_changes',
    'lead_time_p50_seconds',
    'lead_time_p75_seconds',
    'lead_time_p90_seconds',
    'lead_time_p95_seconds',
  ],
  change_fail_rate: ['change_fail_rate', 'failed_deployments'],
  rework_rate: ['rework_rate', 'rework_deployments'],
  recovery_time: [
    'recovery_time_p50_seconds',
    'recovery_time_p90_seconds',
    'recovered_deployments',
    'unrecovered_deployments',
    'oldest_unrecovered_seconds',
  ],
  incidents_open: ['incidents_open', 'oldest_open_seconds'],
};

/** Reads the number that the rows explain, for the very range that their answer names. */
export async function readNumber(client: ApiClient, metric: string, meta: Row): Promise<NumberLines> {
  const query = askedOf(meta);
  if (metric === 'lead_time_stages') {
    const stages = await readAll(client, '/v1/dora/lead-time/stages', query, false);
    if (stages.outcome === 'failed') return stages;
    return { outcome: 'ok', lines: stages.rows.map(stageLine), data: stages.rows };
  }
  const answer = await client.get(`/v1/dora/summary?${query}`);
  if (answer.outcome === 'failed') return answer;
  const summary: Row = Object(Object(answer.body).data);
  const columns = COLUMNS[metric] ?? Object.keys(summary).filter((name) => name.startsWith(metric));
  return {
    outcome: 'ok',
    lines: columns.map((name) => [name, shownValue(name, summary[name])] as const),
    data: Object.fromEntries(columns.map((name) => [name, summary[name]])),
  };
}

/** The parameters as the API understood them: defaults such as "until now" stay what they were. */
function askedOf(meta: Row): URLSearchParams {
  const query = new URLSearchParams();
  for (const service of Array.isArray(meta['service']) ? meta['service'] : [])
    query.append('service', String(service));
  for (const name of ['team', 'environment', 'tier', 'from', 'to', 'tz']) {
    const value = meta[name];
    if (typeof value === 'string') query.set(name, value);
  }
  return query;
}

function stageLine(stage: Row): readonly [string, string] {
  const share = stage['share'] === null ? '' : `, ${shownValue('share_rate', stage['share'])} of the way`;
  const bottleneck = stage['bottleneck'] === true ? ', the bottleneck' : '';
  return [
    String(stage['stage']),
    `${shownValue('p50_seconds', stage['p50_seconds'])} (${stage['changes']} changes${share}${bottleneck})`,
  ];
}

/** A value for people, its unit by the column's name; null is `undefined`. */
function shownValue(name: string, value: unknown): string {
  if (typeof value !== 'number') return 'undefined';
  if (name.endsWith('_seconds')) return shownSeconds(value);
  if (/_rate(_|$)/.test(name)) return `${Number((value * 100).toFixed(2))} %`;
  return String(Number(value.toFixed(3)));
}

/** Seconds in the two largest units that fit. */
export function shownSeconds(seconds: number): string {
  if (seconds < 0) return `-${shownSeconds(-seconds)}`;
  if (seconds < 60) return `${Number(seconds.toFixed(3))} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}
