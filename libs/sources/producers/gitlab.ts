import type { Span } from '@evenkeel/otlp';
import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/**
 * GitLab's own export of pipelines (docs.gitlab.com, "CI/CD observability"): one resource a pipeline, a span a job. Its
 * `deployment.environment` is that of the GitLab installation, its `service.version` GitLab's own, and
 * `cicd.pipeline.task.type` the stage's name; the target of a job stands in `…task.environment.name`.
 */
export const gitlab: Producer = {
  source: 'gitlab',
  emitted: (span) =>
    attributeText(span.resource, 'vcs.provider.name') === 'gitlab' &&
    Object.hasOwn(span.resource, 'gitlab.vcs.repository.id'),
  read(span) {
    const target = jobAttribute(span, 'environment.name');
    const action = jobAttribute(span, 'environment.action');
    const job =
      attributeText(span.attributes, 'cicd.pipeline.task.run.id') ?? attributeText(span.attributes, 'job.id');
    const deploys = target !== undefined && (action === undefined || action === 'start');
    return {
      overrides: {
        'deployment.environment.name': target,
        'deployment.environment': undefined,
        'cicd.pipeline.task.type': undefined,
        'service.version': undefined,
      },
      fallbacks: {
        'cicd.pipeline.run.url.full': attributeText(span.attributes, 'cicd.pipeline.task.run.url.full'),
        'deployment.environment.tier': jobAttribute(span, 'environment.deployment_tier'),
      },
      deploys,
      deploymentId: deploys ? job : undefined,
      ...(target !== undefined && !deploys ? { ignore: 'environment_not_deployed_to' } : {}),
    };
  },
};

function jobAttribute(span: Span, name: string): string | undefined {
  return (
    attributeText(span.attributes, `gitlab.cicd.pipeline.task.${name}`) ??
    attributeText(span.attributes, `job.${name}`)
  );
}
