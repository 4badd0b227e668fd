import { type Example, examples } from './examples.ts';
import type { Relation } from './relations.ts';

/** A chapter of the data dictionary. */
export interface Group {
  readonly title: string;
  readonly text: string;
  readonly relations: readonly { readonly relation: Relation; readonly example?: Example | undefined }[];
}

/** The views that stand first, in the order in which an analyst meets them: those with an example. */
const publicViews = Object.keys(examples);

const entities = [
  'services',
  'service_history',
  'incidents',
  'incident_links',
  'named_incident_links',
  'attributed_incident_links',
  'slo_definitions',
  'sli_windows',
  'corrections',
];

const operations = [
  'recompute_status',
  'recompute_version',
  'store_version',
  'watermarks',
  'rejected_messages',
  'quarantined_services',
  'recompute_limits',
  'quarantined_sli_hours',
  'sli_recompute_limits',
  'cost_recompute_limits',
  'schema_migrations',
];

const internals = [
  'marks',
  'change_links',
  'incident_mentions',
  'pull_request_changes',
  'deployment_commits',
  'recompute_state',
  'dirty_services',
  'batch_units',
  'batch_first_carried',
  'deployments_recomputed',
  'dora_buckets',
  'dora_sums',
  'unseen_data',
  'sli_marks',
  'sli_long_windows',
  'sli_buckets',
  'sli_days',
  'sli_checks',
  'sli_recompute_state',
  'slo_moments',
  'slo_standing',
  'slo_burn_segments',
  'slo_burn_minutes',
  'cost_rows',
  'cost_marks',
  'deployment_costs_recomputed',
  'deployment_rows',
  'deployment_budgets',
];

/** Puts every relation into its chapter; what is in none, and what is gone, is a problem. */
export function groupRelations(relations: readonly Relation[]): {
  readonly groups: readonly Group[];
  readonly problems: readonly string[];
} {
  const left = new Map(relations.map((relation) => [relation.name, relation]));
  const problems: string[] = [];
  const named = (names: readonly string[]) =>
    names.flatMap((name) => {
      const relation = left.get(name);
      left.delete(name);
      if (relation !== undefined) return [{ relation, example: examples[name] }];
      problems.push(`tools/docs/data-dictionary names ${name}, which the schema does not have`);
      return [];
    });
  const matching = (matches: (relation: Relation) => boolean) =>
    named([...left.values()].filter(matches).map(({ name }) => name));
  const groups = [
    {
      title: 'Views to start with',
      text: 'What the API, a dashboard and an analyst read: the public contract. Each has a query to begin with; [analysts.md](analysts.md) says how views with parameters are called.',
      relations: named(publicViews),
    },
    {
      title: 'Entities',
      text: 'Merges of facts by their natural key: what is known of a thing now.',
      relations: named(entities),
    },
    {
      title: 'Facts',
      text: 'Append-only rows that somebody reported, one table a kind, with the fields of [facts.schema.json](facts.schema.json). A fact delivered twice is one row after merging; until then `limit 1 by event_id` makes it one.',
      relations: matching(({ name, kind }) => kind === 'table' && name.endsWith('_facts')),
    },
    {
      title: 'Operations',
      text: 'How far the numbers are, what waits, what was refused: see [operations.md](operations.md).',
      relations: named(operations),
    },
    {
      title: 'Inside the recompute',
      text: 'How facts become numbers. They may change between releases; read the views above instead.',
      relations: [
        ...named(internals),
        ...matching(({ kind, writesTo }) => kind === 'materialized view' && writesTo === ''),
        ...matching(({ kind }) => kind === 'materialized view' || kind === 'function'),
      ],
    },
  ];
  for (const name of left.keys()) {
    problems.push(`${name} is in no chapter: name it in tools/docs/data-dictionary/groups.ts`);
  }
  return { groups, problems };
}
