import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/**
 * Jenkins' OpenTelemetry plugin: `ci.pipeline.*`, `jenkins.pipeline.step.*` and `git.*` in place of the conventions, and
 * an unset status when a run was aborted. A deployment has the id of its run, `<job>#<number>`.
 */
export const jenkins: Producer = {
  source: 'jenkins',
  emitted: ({ scope, attributes, resource }) =>
    scope === 'io.jenkins.opentelemetry' ||
    Object.hasOwn(resource, 'jenkins.url') ||
    Object.hasOwn(attributes, 'ci.pipeline.id') ||
    Object.hasOwn(attributes, 'jenkins.pipeline.step.type'),
  read({ attributes, resource }) {
    const get = (name: string) => attributeText(attributes, name) ?? attributeText(resource, name);
    const job = get('ci.pipeline.id');
    const number = get('ci.pipeline.run.number');
    const run = get('cicd.pipeline.run.id') ?? (job && number ? `${job}#${number}` : undefined);
    return {
      fallbacks: {
        'cicd.pipeline.name': get('ci.pipeline.name') ?? job,
        'cicd.pipeline.run.id': run,
        'cicd.pipeline.run.url.full': get('ci.pipeline.run.url'),
        'cicd.pipeline.task.name': get('jenkins.pipeline.step.name'),
        'vcs.repository.url.full': get('git.repository'),
        'vcs.ref.head.name': get('git.branch'),
      },
      deploymentId: run,
    };
  },
};
