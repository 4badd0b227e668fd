import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import manifest from '../package.json' with { type: 'json' };

/** Scripts, styles and answers come from this server alone. The styles of Swagger UI include inline ones. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const INTRODUCTION = `Delivery speed (DORA) and production confidence (SRE signals), read together.

Every answer is \`{"data": …, "meta": …}\`; \`Accept: text/csv\` gives the same rows as CSV. Durations are seconds,
rates lie between 0 and 1, instants are RFC 3339 in UTC, and what is undefined is \`null\`. Each address is one
\`select\` over the ClickHouse view of the same numbers.`;

/** Where the description of the API is. */
const DESCRIPTION_ADDRESS = '/openapi.json';

/** Describe every route that is registered after this call: OpenAPI 3.1 at `/openapi.json`, readable at `/docs`. */
export function describeApi(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Evenkeel API',
        version: manifest.version,
        description: INTRODUCTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'DORA', description: 'The five metrics, time to restore, and the rows behind them' },
        { name: 'Events', description: 'Deployments and incidents' },
        { name: 'SLOs', description: 'Error budgets and burn rates' },
        { name: 'Settings', description: 'What services are, and what people corrected' },
        { name: 'Facts', description: 'Report; in the full stack on the port of the webhooks service' },
        { name: 'Operation', description: 'Health of Evenkeel itself' },
      ],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'Needed only where tokens are configured' },
        },
      },
      security: [{}, { token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => onlyWhatIsUsed(jsonSchemaTransformObject(document)),
  });
  app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_POLICY,
    theme: { title: 'Evenkeel API' },
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      tryItOutEnabled: true,
    },
  });
  app.get(DESCRIPTION_ADDRESS, { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=60').send(app.swagger()),
  );
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'));
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** The schema registry is one for the whole process: leave out what no address of this API refers to. */
function onlyWhatIsUsed(document: Document): Document {
  if (!('components' in document) || document.components?.schemas === undefined) return document;
  const { schemas } = document.components;
  const used = new Set<string>();
  const follow = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      follow(schemas[name] ?? {});
    }
  };
  follow(document.paths ?? {});
  const kept = Object.entries(schemas)
    .filter(([name]) => used.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...document,
    components: { ...document.components, schemas: Object.fromEntries(kept) },
  } as Document;
}
