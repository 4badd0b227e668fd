import { type ApiOptions, openApiDocument } from '@evenkeel/api';
import { factJsonSchema } from '@evenkeel/events';
import { factsReceiver, type JudgementOptions, judgementReceiver } from '@evenkeel/webhooks';
import { dataDictionary } from './data-dictionary/data-dictionary.ts';
import { environmentPage } from './environment.ts';

/** A page under `docs/` that is made from the code. */
export interface GeneratedPage {
  /** Path below `docs/`. */
  readonly file: string;
  /** The page's whole text, ending with a line feed; the same code gives the same text. */
  readonly generate: () => Promise<string>;
}

/** Every generated page by its name; add an entry to add a page. */
export const pages: Readonly<Record<string, GeneratedPage>> = {
  'JSON Schema of facts': { file: 'facts.schema.json', generate: async () => jsonText(factJsonSchema()) },
  'Data dictionary': { file: 'data-dictionary.md', generate: dataDictionary },
  'Environment variables': { file: 'environment.md', generate: async () => environmentPage() },
  'OpenAPI of the API': {
    file: 'openapi.json',
    generate: async () => jsonText(await openApiDocument(embeddedReceivers())),
  },
};

/** What the embedded default has on the API's port beside the API; here it only describes itself. */
function embeddedReceivers(): ApiOptions['plugins'] {
  const unused = () => {
    throw new Error('nothing is asked of a description');
  };
  const receiver: JudgementOptions = {
    intake: { away: 'store_unavailable', refusal: unused, take: unused },
    process: { mapping: {} },
    tokens: [],
    metrics: { processed: unused, refused: unused, written: unused, retried: unused },
    known: { slo: unused, occurredAt: unused },
  };
  return [(app) => factsReceiver(app, receiver), (app) => judgementReceiver(app, receiver)];
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
