import { attributeText } from '../attribute-text.ts';
import type { Producer } from '../span-view.ts';

/** Kinds that Flux applies to a cluster; the others are the sources it watches. */
const APPLIED = new Set(['Kustomization', 'HelmRelease']);

/**
 * Flux' notification controller: a span `<Kind>: <namespace>/<name>` for each event, progress too, failures again at
 * each interval, always with the ids of (object, revision). So an event is told from the next by its time, the
 * deployment is kind, namespace, name and revision, and its last event says how it stands.
 */
export const flux: Producer = {
  source: 'flux',
  emitted: ({ scope, attributes }) =>
    scope === 'flux:notification-controller' && Object.hasOwn(attributes, 'object.kind'),
  read({ attributes }) {
    const get = (name: string) => attributeText(attributes, name);
    const kind = get('object.kind') ?? '';
    const object = [kind, get('object.namespace') ?? '', get('object.name') ?? ''].join('/');
    const revision = get('revision');
    return {
      overrides: { 'service.name': get('object.name') },
      fallbacks: {
        'cicd.pipeline.name': object,
        'service.version': revision,
        'vcs.ref.head.revision': revision?.match(/@sha1:([0-9a-f]{40})$/)?.[1],
      },
      deploymentId: `${object}@${revision ?? 'unknown'}`,
      momentary: true,
      ...(APPLIED.has(kind) ? {} : { ignore: 'source_of_a_reconciliation' }),
    };
  },
};
