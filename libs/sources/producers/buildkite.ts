import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/** Buildkite's agent: `deployment.environment` is `ci` on every span, wherever the job deploys to. */
export const buildkite: Producer = {
  source: 'buildkite',
  emitted: ({ resource }) => /^buildkite[-_]agent$/.test(attributeText(resource, 'service.name') ?? ''),
  read: ({ attributes }) => ({
    overrides: {
      'service.name': undefined,
      'service.version': undefined,
      'deployment.environment': undefined,
      'deployment.environment.name': attributeText(attributes, 'deployment.environment.name'),
    },
  }),
};
