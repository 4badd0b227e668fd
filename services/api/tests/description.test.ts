import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../index.ts';
import { type ApiHarness, openApiHarness } from './api-harness.ts';

const operation = z.looseObject({
  summary: z.string(),
  parameters: z
    .array(z.looseObject({ name: z.string(), in: z.string(), description: z.string() }))
    .optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string().min(1) })),
});
const shape = z.looseObject({
  openapi: z.string(),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});
const document = shape.parse(await openApiDocument());
const operationOf = (address: string) => document.paths[address]?.['get'];

let harness: ApiHarness;
beforeAll(async () => {
  harness = await openApiHarness();
});
afterAll(() => harness.close());

describe('the description', () => {
  test('is OpenAPI 3.1 and has every address', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(Object.keys(document.paths)).toEqual([
      '/v1/dora/summary',
      '/v1/dora/timeseries',
      '/v1/dora/lead-time/stages',
      '/v1/explain/error_budget',
      '/v1/explain/{metric}',
      '/v1/deployments',
      '/v1/deployments/{id}',
      '/v1/incidents',
      '/v1/slos',
      '/v1/slos/{id}/budget',
      '/v1/slos/{id}/burn',
      '/v1/slos/{id}/alerts',
      '/v1/slos/{id}/history',
      '/v1/attribution',
      '/v1/corrections',
      '/v1/services',
      '/v1/quality',
      '/healthz',
      '/readyz',
      '/metrics',
    ]);
  });

  test('refers to nothing outside and to nothing that is missing', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, target]) => target,
    );
    expect(references.length).toBeGreaterThan(20);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(references)].sort()).toEqual(known.sort());
  });

  test('names every parameter, with its meaning', () => {
    const names = (address: string) => operationOf(address)?.parameters?.map(({ name }) => name);
    const common = ['service', 'team', 'environment', 'tier', 'from', 'to', 'tz'];
    expect(names('/v1/dora/summary')).toEqual(common);
    expect(names('/v1/dora/timeseries')).toEqual([...common, 'interval']);
    expect(names('/v1/deployments')).toEqual([...common, 'limit', 'cursor']);
    expect(names('/v1/slos/{id}/burn')).toEqual(['at', 'tz', 'id']);
  });

  test('has JSON, CSV and problems for every answer of /v1', () => {
    for (const address of Object.keys(document.paths).filter((path) => path.startsWith('/v1/'))) {
      const responses = operationOf(address)?.responses ?? {};
      expect(Object.keys(Object(responses['200']?.['content'])), address).toEqual([
        'application/json',
        'text/csv',
      ]);
      for (const status of ['400', '401', '403', '406', '503'])
        expect(Object.keys(Object(responses[status]?.['content'])), address).toEqual([
          'application/problem+json',
        ]);
    }
  });

  test('is what the API serves', async () => {
    expect((await harness.app.inject('/openapi.json')).json()).toEqual(JSON.parse(JSON.stringify(document)));
  });
});

describe('the readable docs', () => {
  test('/ leads to them', async () => {
    const { statusCode, headers } = await harness.app.inject('/');
    expect([statusCode, headers['location']]).toEqual([302, '/docs']);
  });

  test('load everything from this server, and may load nothing else', async () => {
    const page = await harness.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);

    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(loaded.length).toBeGreaterThan(4);
    for (const address of loaded) {
      expect(address).toMatch(/^\/docs\/static\//);
      expect((await harness.app.inject(address)).statusCode, address).toBe(200);
    }
    const settings = await harness.app.inject('/docs/static/swagger-initializer.js');
    expect(settings.body).not.toMatch(/https?:\/\/(?!stackoverflow)/);
    expect((await harness.app.inject('/docs/json')).json().info).toEqual(document.info);
  });
});
