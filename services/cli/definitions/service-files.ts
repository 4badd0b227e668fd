import type { ServiceFact } from '@evenkeel/events';
import { isBackstage, readBackstage } from './backstage.ts';
import { type Checked, checkDefinitions, type Definition, refuseDuplicates } from './definition.ts';
import { readSeconds } from './duration.ts';
import type { Located } from './located.ts';
import type { Findings } from './problems.ts';
import { readFiles } from './read-files.ts';

/** A service of the files, and where it stands. */
export interface CheckedService extends Checked {
  fact: ServiceFact;
}

const FIELDS = [
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

/**
 * Reads the services of files, in Evenkeel's own YAML or from Backstage's `catalog-info.yaml`; what is wrong is among
 * the findings.
 */
export function readServiceFiles(
  files: readonly string[],
  options: { directory: string; now: Date; findings: Findings },
): CheckedService[] {
  const definitions = readFiles(files, options.directory, options.findings).flatMap((document) =>
    isBackstage(document) ? readBackstage(document) : readOwn(document),
  );
  const checked = checkDefinitions('service', definitions, options).filter(isService);
  refuseDuplicates(checked, (fact) => (fact.kind === 'service' ? fact.service : ''));
  return checked;
}

function isService(checked: Checked): checked is CheckedService {
  return checked.fact.kind === 'service';
}

function readOwn(document: Located): Definition[] {
  if (!document.field('service').present) {
    const apiVersion = document.field('apiVersion');
    if (apiVersion.present) {
      const kind = document.field('kind').written() ?? '';
      apiVersion.note(
        `kind ${kind} of ${apiVersion.written()} is passed over: it is no Component of Backstage`,
      );
    } else
      document.problem('unknown_definition', 'is neither a service of Evenkeel nor a Component of Backstage');
    return [];
  }
  document.onlyFields(FIELDS, 'a service of Evenkeel');
  const field = (name: string) => document.field(name);
  const attributionWindow = field('attribution_window');
  return [
    {
      at: document,
      fields: {
        service: field('service').text(),
        team: field('team').text(),
        repository: field('repository').text(),
        tiers: field('tiers').plain(),
        attribution_window_seconds: readSeconds(attributionWindow),
        detect_rollbacks: field('detect_rollbacks').flag(),
        ranges: field('ranges').plain(),
        trivial_lines: field('trivial_lines').number(),
        severity_ranks: field('severity_ranks').plain(),
      },
      from: {
        ...Object.fromEntries(FIELDS.map((name) => [name, field(name)])),
        ...entriesOf('tiers', field('tiers')),
        ...entriesOf('ranges', field('ranges')),
        ...entriesOf('severity_ranks', field('severity_ranks')),
        attribution_window_seconds: attributionWindow,
      },
    },
  ];
}

/** Places of a map's entries, so that a wrong one is told at its own line. */
function entriesOf(name: string, map: Located): Record<string, Located> {
  return Object.fromEntries(map.names().map((entry) => [`${name}.${entry}`, map.field(entry)]));
}
