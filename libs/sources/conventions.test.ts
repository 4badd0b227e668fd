import { readFile } from 'node:fs/promises';
import { decodeOtlp } from '@evenkeel/otlp';
import { beforeAll, expect, test } from 'vitest';
import { mapSpan, parseMapping } from './index.ts';
import { received } from './tests/items.ts';

let page: string;
beforeAll(async () => {
  page = await readFile(new URL('../../docs/conventions.md', import.meta.url), 'utf8');
});

function example(name: string): string {
  const block = page.split(`<!-- example:${name} -->`)[1]?.match(/```json\n(.*?)```/s)?.[1];
  if (block === undefined) throw new Error(`docs/conventions.md has no example ${name}`);
  return block;
}

test('the span of the page is the deployment that the page says it is', () => {
  const decoded = decodeOtlp('traces', 'json', new TextEncoder().encode(example('span')));
  if (decoded.outcome === 'rejected') throw new Error(decoded.reason);
  const facts = decoded.items.flatMap((span) => received(mapSpan(span, {})));
  const deployment = { service: 'checkout', environment: 'production', deployment_id: '1208' };
  expect(facts).toMatchObject([
    {
      ...deployment,
      kind: 'deployment',
      phase: 'started',
      occurred_at: '2026-03-01T12:00:00.000Z',
      version: '1.4.0',
    },
    { ...deployment, phase: 'finished', occurred_at: '2026-03-01T12:01:00.000Z', outcome: 'succeeded' },
    {
      ...deployment,
      kind: 'change',
      repository: 'github.com/acme/shop',
      change_id: '9d59409acf479dfa0df1aa568182e43e43df8bbe',
      committed_at: '2026-03-01T09:30:00.000Z',
    },
  ]);
});

test('the mapping file of the page is one', () => {
  expect(parseMapping(JSON.parse(example('mapping')))).toMatchObject({
    outcome: 'ok',
    options: { defaultEnvironment: 'production', rules: [{ is_deployment: false }, { service: 'checkout' }] },
  });
});
