import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/**
 * The Collector's github receiver: nearly everything stands on the resource, which a job shares with spans of its steps
 * (they alone have a task name of their own) and of its wait in the queue. `cicd.pipeline.name` holds the job's
 * name, `vcs.ref.head` the branch.
 */
export const githubReceiver: Producer = {
  source: 'github',
  // `…run.status` and `…run.task.status` are the receiver's own words; the conventions say `…result`.
  emitted: ({ resource }) =>
    Object.hasOwn(resource, 'cicd.pipeline.run.status') ||
    Object.hasOwn(resource, 'cicd.pipeline.run.task.status'),
  read(span) {
    const job = Object.hasOwn(span.resource, 'cicd.pipeline.run.task.status')
      ? attributeText(span.resource, 'cicd.pipeline.name')
      : undefined;
    const part =
      Object.hasOwn(span.attributes, 'cicd.pipeline.task.name') ||
      Object.hasOwn(span.attributes, 'cicd.pipeline.run.queue.duration');
    return {
      fallbacks: {
        'vcs.ref.head.name': attributeText(span.resource, 'vcs.ref.head'),
        'cicd.pipeline.task.name': job,
      },
      ...(part ? { ignore: 'step_of_a_job' } : {}),
    };
  },
};
