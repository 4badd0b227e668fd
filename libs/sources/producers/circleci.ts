import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/** CircleCI: `service.name` is always its own. */
export const circleci: Producer = {
  source: 'circleci',
  emitted: ({ resource }) => attributeText(resource, 'service.name') === 'CircleCI Pipelines',
  read: () => ({ overrides: { 'service.name': undefined, 'service.version': undefined } }),
};
