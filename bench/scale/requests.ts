import type { Subjects } from './subjects.ts';

/** One request that is measured. */
export interface BenchRequest {
  readonly name: string;
  readonly address: string;
  /** Server time that is wanted, p99, milliseconds. */
  readonly goalMs?: number;
}

const dayMs = 86_400_000;

/** Every endpoint, for one service and for the whole organization. */
export function benchRequests(subjects: Subjects): BenchRequest[] {
  const { now, service, busiest, team, deployment, slo } = subjects;
  const before = (days: number) => new Date(now.getTime() - days * dayMs).toISOString();
  const range = (days: number) => `from=${before(days)}&to=${now.toISOString()}`;
  const [year, five, month] = [range(365), range(1826), range(28)];
  const id = encodeURIComponent;
  const of = `service=${id(service)}`;
  const place = `service=${id(deployment.service)}&environment=${id(deployment.environment)}`;
  return [
    { name: 'summary, a service, a year', address: `/v1/dora/summary?${of}&${year}`, goalMs: 15 },
    {
      name: 'by week, a service, a year',
      address: `/v1/dora/timeseries?${of}&${year}&interval=week`,
      goalMs: 15,
    },
    {
      name: 'by week, the busiest service, a year',
      address: `/v1/dora/timeseries?service=${id(busiest)}&${year}&interval=week`,
      goalMs: 15,
    },
    { name: 'stages, a service, a year', address: `/v1/dora/lead-time/stages?${of}&${year}`, goalMs: 15 },
    {
      name: 'by week, a team, a year',
      address: `/v1/dora/timeseries?team=${id(team)}&${year}&interval=week`,
    },
    { name: 'summary, everything, a year', address: `/v1/dora/summary?${year}`, goalMs: 140 },
    {
      name: 'by week, everything, a year',
      address: `/v1/dora/timeseries?${year}&interval=week`,
      goalMs: 140,
    },
    { name: 'stages, everything, a year', address: `/v1/dora/lead-time/stages?${year}` },
    {
      name: 'by week, everything, five years',
      address: `/v1/dora/timeseries?${five}&interval=week`,
      goalMs: 400,
    },
    { name: 'summary, everything, five years', address: `/v1/dora/summary?${five}`, goalMs: 400 },
    { name: 'deployments, a service, a page', address: `/v1/deployments?${of}&${month}` },
    { name: 'deployments, everything, a page', address: `/v1/deployments?${month}` },
    { name: 'one deployment', address: `/v1/deployments/${id(deployment.id)}?${place}` },
    { name: 'incidents, a service, a year', address: `/v1/incidents?${of}&${year}` },
    { name: 'incidents, everything, a page', address: `/v1/incidents?${month}` },
    { name: 'every SLO with its budget', address: '/v1/slos', goalMs: 150 },
    { name: 'budget of one SLO', address: `/v1/slos/${id(slo)}/budget` },
    { name: 'burn of one SLO', address: `/v1/slos/${id(slo)}/burn` },
    { name: 'budget by day, one SLO, 28 days', address: `/v1/slos/${id(slo)}/history?${month}` },
    { name: 'alerts of one SLO, 7 days', address: `/v1/slos/${id(slo)}/alerts?${range(7)}` },
    { name: 'attribution, a service, 28 days', address: `/v1/attribution?${of}&${month}` },
    { name: 'attribution, everything, 28 days', address: `/v1/attribution?${month}` },
    {
      name: 'explain a fail rate, a service, 28 days',
      address: `/v1/explain/change_fail_rate?${of}&${month}`,
    },
    { name: 'quality, a service, 28 days', address: `/v1/quality?${of}&${month}` },
    { name: 'quality, everything, 28 days', address: `/v1/quality?${month}` },
    { name: 'services, a page', address: '/v1/services' },
  ];
}
