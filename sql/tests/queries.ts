const parameterTypes: Readonly<Record<string, string>> = {
  services: 'Array(String)',
  slo_ids: 'Array(String)',
  since: "DateTime64(3, 'UTC')",
  until: "DateTime64(3, 'UTC')",
  now: "DateTime64(3, 'UTC')",
  at: "DateTime64(3, 'UTC')",
};

const defaults: Readonly<Record<string, unknown>> = {
  services: [],
  slo_ids: [],
  team: '',
  scope: 'tier:production',
  since: '2000-01-01T00:00:00.000Z',
  until: '2100-01-01T00:00:00.000Z',
  tz: 'UTC',
  now: '2100-01-01T00:00:00.000Z',
};

const common = ['services', 'team', 'scope', 'since', 'until'];
const takes: Readonly<Record<string, readonly string[]>> = {
  dora_summary: [...common, 'tz', 'now'],
  dora_timeseries: [...common, 'tz', 'now', 'interval'],
  lead_time_stages: common,
  deployment_list: common,
  attribution: [...common, 'slo_ids'],
  incident_list: common,
  explain: ['metric', ...common, 'now'],
  quality: ['services', 'team', 'since', 'until', 'now'],
  thin_data: common,
  explain_error_budget: ['slo_id', 'at'],
  slo_budget: ['slo_ids', 'at'],
  slo_burn: ['slo_ids', 'at'],
  slo_burn_history: ['slo_ids', 'since', 'until', 'now'],
  slo_budget_history: ['slo_ids', 'since', 'until', 'tz', 'now'],
};

const order: Readonly<Record<string, string>> = {
  deployment_list: 'order by at, service, environment, deployment_id',
  thin_data: 'order by check',
  slo_budget: 'order by slo_id',
  slo_budget_history: 'order by slo_id, day_start',
  attribution: 'order by slo_id, kind, service, environment, deployment_id',
  explain: 'order by all',
};

/** A view's query with bound parameters; what is not given takes a default that leaves nothing out. */
export function queryOf(view: string, params: Readonly<Record<string, unknown>>) {
  const parameters: Record<string, unknown> = {};
  const given = (takes[view] ?? Object.keys(params)).map((name) => {
    const value = params[name] ?? defaults[name];
    const type = parameterTypes[name] ?? 'String';
    parameters[name] = type.startsWith('Date')
      ? new Date(String(value)).toISOString().replace('T', ' ').replace('Z', '')
      : value;
    return `${name} = {${name}:${type}}`;
  });
  return { text: `select * from ${view}(${given.join(', ')}) ${order[view] ?? ''}`, parameters };
}

/** Only the expected columns; numbers to 9 decimals (large ones: digits), what differs later is noise of summation. */
export function withoutNoise(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    return actual.map((item, index) => (index in expected ? withoutNoise(item, expected[index]) : item));
  }
  if (expected !== null && typeof expected === 'object' && actual !== null && typeof actual === 'object') {
    const values = new Map(Object.entries(actual));
    return Object.fromEntries(
      Object.entries(expected).map(([key, value]) => [key, withoutNoise(values.get(key), value)]),
    );
  }
  if (typeof actual !== 'number') return actual;
  // Noise may also lie on either side of half a decimal.
  const isNoise =
    typeof expected === 'number' && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  // + 0 makes one zero of the two.
  return Math.round((isNoise ? expected : actual) * 1e9) / 1e9 + 0;
}
