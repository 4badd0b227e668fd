import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/** The GitHub action `otel-cicd-action`: no `vcs.*`, the commit in `github.head_sha` and, as if it were a version, in `service.version`. */
export const otelCicdAction: Producer = {
  source: 'github',
  emitted: ({ attributes, resource }) =>
    Object.hasOwn(attributes, 'github.head_sha') || Object.hasOwn(resource, 'github.head_sha'),
  read({ attributes, resource }) {
    const github = (name: string) =>
      attributeText(attributes, `github.${name}`) ?? attributeText(resource, `github.${name}`);
    const page = github('html_url');
    return {
      overrides: { 'service.version': undefined },
      fallbacks: {
        'vcs.ref.head.revision': github('head_sha'),
        'vcs.ref.head.name': github('head_ref') ?? github('head_branch'),
        'vcs.repository.url.full': page?.match(/^https?:\/\/[^/]+\/[^/]+\/[^/]+(?=\/actions\/)/)?.[0],
        'cicd.pipeline.run.url.full': page,
        'cicd.pipeline.run.id': github('run_id'),
        'cicd.pipeline.name': github('workflow') ?? attributeText(resource, 'service.name'),
      },
    };
  },
};
