import { openApiDocument } from '@evenkeel/api';
import { factJsonSchema } from '@evenkeel/events';
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
  'OpenAPI of the API': { file: 'openapi.json', generate: async () => jsonText(await openApiDocument()) },
};

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
