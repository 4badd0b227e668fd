import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { factJsonSchema, parseFact } from './index.ts';
import { samples } from './tests/samples.ts';

const ajv = new Ajv2020({ strictRequired: false });
addFormats.default(ajv);
const validate = ajv.compile(factJsonSchema());
const receivedAt = new Date('2026-03-02T00:00:00.000Z');

test.each(Object.values(samples))('a $kind with every field is valid', (sample) => {
  expect(validate(sample), JSON.stringify(validate.errors)).toBe(true);
});

test.each([
  { ...samples.deployment, outcome: undefined },
  { ...samples.deployment, phase: 'started' },
  { ...samples.deployment, author: 'someone' },
  { ...samples.deployment, service: '' },
  { ...samples.deployment, service: 'x'.repeat(513) },
  { ...samples.deployment, attributes: { a: 1 } },
  { ...samples.deployment, occurred_at: 'yesterday' },
  { ...samples.change, environment: undefined },
  { ...samples.change, change_id: undefined, pull_request: undefined },
  { ...samples.incident, transition: 'linked', deployment_id: undefined },
  { ...samples.slo, slice_target: undefined },
  { ...samples.slo, objective: 1 },
  { ...samples.slo, slice_seconds: 61 },
  { ...samples.slo, window: { calendar: 'week' } },
  { ...samples.sli, bad: 1 },
  { ...samples.sli, good: undefined, total: undefined },
  { ...samples.drill, kind: 'deploy' },
])('what the schema refuses the door refuses too: %#', (input) => {
  const json: unknown = JSON.parse(JSON.stringify(input));
  expect(validate(json)).toBe(false);
  expect(parseFact(json, receivedAt).outcome).toBe('rejected');
});
