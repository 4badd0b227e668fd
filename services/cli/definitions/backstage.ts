import { parse } from 'yaml';
import { ownAnnotations } from './annotations.ts';
import type { Definition } from './definition.ts';
import { readSeconds } from './duration.ts';
import type { Located } from './located.ts';

/** Evenkeel's own annotations of a Component, each after `evenkeel.`; what is no text is YAML in a text. */
const ANNOTATIONS = [
  'service',
  'team',
  'repository',
  'tiers',
  'attribution_window',
  'detect_rollbacks',
  'ranges',
  'trivial_lines',
  'severity_ranks',
];

/** Whether a document is an entity of a Backstage catalog. */
export function isBackstage(document: Located): boolean {
  const apiVersion = document.field('apiVersion');
  return apiVersion.present && /^backstage\.io\//.test(apiVersion.written() ?? '');
}

/**
 * Reads a Component: its name is the service, its owner the team, its source location the repository. Everything else of
 * a catalog is not ours to judge.
 */
export function readBackstage(document: Located): Definition[] {
  const kind = document.required('kind');
  if (kind.text() !== 'Component') {
    if (kind.present) kind.note(`kind ${kind.written()} is passed over: a service is a Component`);
    return [];
  }
  const metadata = document.required('metadata');
  const own = ownAnnotations(metadata, ANNOTATIONS);
  const name = own['service'] ?? metadata.required('name');
  const owner = own['team'] ?? document.field('spec').field('owner');
  const repository = own['repository'] ?? sourceOf(metadata);
  const attributionWindow = own['attribution_window'];
  const value = (annotation: string) => valueIn(own[annotation]);
  return [
    {
      at: document,
      fields: {
        service: name.text(),
        team: own['team'] === undefined ? teamOf(owner) : owner.text(),
        repository: own['repository'] === undefined ? repositoryOf(repository) : repository?.text(),
        tiers: value('tiers'),
        attribution_window_seconds: attributionWindow && readSeconds(attributionWindow),
        detect_rollbacks: value('detect_rollbacks'),
        ranges: value('ranges'),
        trivial_lines: value('trivial_lines'),
        severity_ranks: value('severity_ranks'),
      },
      from: {
        ...own,
        service: name,
        team: owner,
        ...(repository && { repository }),
        ...(attributionWindow && { attribution_window_seconds: attributionWindow }),
      },
    },
  ];
}

/** What stands in the text of an annotation: a number, a flag, a map. */
function valueIn(field: Located | undefined): unknown {
  const text = field?.written();
  if (text === undefined) return undefined;
  try {
    return parse(text, { logLevel: 'error', maxAliasCount: 0 });
  } catch {
    return field?.problem('invalid_value', 'must be YAML or JSON in a text');
  }
}

/** The name of an entity reference, `[kind:][namespace/]name`; the kind of an owner is Group unless it says User. */
function teamOf(owner: Located): string | undefined {
  const text = owner.text();
  const match = text === undefined ? null : /^(?:([^:/]+):)?(?:([^:/]+)\/)?([^:/]+)$/.exec(text);
  if (text !== undefined && match === null)
    return owner.problem('invalid_value', 'must be a reference such as group:default/payments');
  const [, kind = 'group', namespace = 'default', name] = match ?? [];
  if (kind.toLowerCase() === 'user') {
    owner.note(`the owner is a person, no team: Evenkeel is told no team (evenkeel.team can name one)`);
    return undefined;
  }
  return name === undefined || namespace === 'default' ? name : `${namespace}/${name}`;
}

const SOURCE = 'backstage.io/source-location';
const SLUG = 'github.com/project-slug';

/** Where the source is said to be. */
function sourceOf(metadata: Located): Located | undefined {
  const annotations = metadata.field('annotations');
  return [SOURCE, SLUG].map((name) => annotations.field(name)).find(({ present }) => present);
}

function repositoryOf(source: Located | undefined): string | undefined {
  const text = source?.text();
  if (source === undefined || text === undefined) return undefined;
  if (source.path.endsWith(SLUG))
    return /^[^/\s]+\/[^/\s]+$/.test(text)
      ? `github.com/${text}`
      : source.problem('invalid_value', 'must be owner/repository');
  const [, url] = /^url:(https?:\/\/[^/\s]+\/.+)$/.exec(text) ?? [];
  if (url === undefined) {
    source.note(
      `the source location is no url: Evenkeel is told no repository (evenkeel.repository can name one)`,
    );
    return undefined;
  }
  // A place within the repository, as GitHub, GitLab and Bitbucket write it.
  return url.replace(/\/(?:-\/)?(?:tree|blob|src|edit)\/.*$/, '').replace(/[?#].*$/, '');
}
