import { ownAnnotations } from './annotations.ts';
import type { Definition } from './definition.ts';
import type { Located } from './located.ts';
import { type Indicator, readIndicator, readIndicatorSpec } from './openslo-indicator.ts';
import { readObjectives } from './openslo-objectives.ts';
import { readTimeWindow } from './openslo-window.ts';

const API_VERSION = 'openslo/v1';
const METHODS = {
  Occurrences: 'occurrences',
  Timeslices: 'timeslices',
  RatioTimeslices: 'ratio_timeslices',
} as const;

/** Why a kind that carries nothing for Evenkeel is passed over. */
const PASSED_OVER: Readonly<Record<string, string>> = {
  DataSource: 'SLIs are sent to Evenkeel, it asks no data source',
  Service: 'apply it with "evenkeel service apply"',
  AlertPolicy: 'Evenkeel has burn alerts of its own',
  AlertCondition: 'Evenkeel has burn alerts of its own',
  AlertNotificationTarget: 'Evenkeel notifies nobody',
};

/** Reads documents of OpenSLO v1 ({@link https://github.com/OpenSLO/OpenSLO}); those that define an SLO are given. */
export function readOpenSlo(documents: readonly Located[]): Definition[] {
  const ours = documents.filter(isOpenSlo);
  const indicators = readIndicators(ours.filter((document) => document.field('kind').text() === 'SLI'));
  return ours.flatMap((document) => {
    const kind = document.field('kind');
    const name = kind.text() ?? '';
    if (name === 'SLO') return readSlo(document, indicators);
    if (name === 'SLI') return [];
    const reason = PASSED_OVER[name];
    if (reason !== undefined) kind.note(`kind ${name} is passed over: ${reason}`);
    else if (kind.present) kind.problem('unknown_definition', `"${name}" is no kind of OpenSLO v1`);
    else kind.problem('missing_field', 'is required');
    return [];
  });
}

function isOpenSlo(document: Located): boolean {
  const apiVersion = document.field('apiVersion');
  const version = apiVersion.text();
  if (version === API_VERSION) return true;
  if (version === undefined)
    document.problem('unknown_definition', 'is neither OpenSLO v1 nor an SLO of Evenkeel');
  else if (/^openslo(\.com)?\//.test(version))
    apiVersion.problem('not_supported', `${version}: only ${API_VERSION} is read`);
  else apiVersion.problem('unknown_definition', `must be ${API_VERSION}`);
  return false;
}

/** SLIs by name. */
function readIndicators(documents: readonly Located[]): Map<string, Indicator> {
  const indicators = new Map<string, Indicator>();
  for (const document of documents) {
    document.onlyFields(['apiVersion', 'kind', 'metadata', 'spec'], 'an SLI');
    const nameField = readMetadata(document).required('name');
    const name = nameField.text();
    const indicator = readIndicatorSpec(document.required('spec'));
    if (name === undefined) continue;
    if (indicators.has(name)) nameField.problem('duplicate_definition', `the SLI "${name}" is defined twice`);
    indicators.set(name, indicator);
  }
  return indicators;
}

function readMetadata(document: Located): Located {
  const metadata = document.required('metadata');
  metadata.onlyFields(['name', 'displayName', 'labels', 'annotations'], 'metadata');
  return metadata;
}

function readSlo(document: Located, indicators: ReadonlyMap<string, Indicator>): Definition[] {
  document.onlyFields(['apiVersion', 'kind', 'metadata', 'spec'], 'an SLO');
  const metadata = readMetadata(document);
  const spec = document.required('spec');
  spec.onlyFields(
    [
      'description',
      'service',
      'indicator',
      'indicatorRef',
      'timeWindow',
      'budgetingMethod',
      'objectives',
      'alertPolicies',
    ],
    'the spec of an SLO',
  );
  const name = metadata.required('name');
  const displayName = metadata.field('displayName');
  const service = spec.required('service');
  const methodField = spec.required('budgetingMethod');
  const word = methodField.oneOf(['Occurrences', 'Timeslices', 'RatioTimeslices']);
  const method = word && METHODS[word];
  const indicator = readIndicator(spec, indicators, method);
  const window = readTimeWindow(spec);
  const settings = ownAnnotations(metadata, ['environment', 'no_data', 'minimum_events']);
  const policies = spec.field('alertPolicies');
  if (policies.list().length > 0)
    policies.note('alert policies are passed over: Evenkeel has burn alerts of its own');

  const objectives = readObjectives(spec, {
    id: name.text(),
    title: displayName.text(),
    method,
    indicator,
  });
  return objectives.map(({ at, fields, from }) => ({
    at,
    fields: {
      service: service.text(),
      environment: settings['environment']?.written(),
      window: window?.value,
      method,
      no_data: settings['no_data']?.written(),
      minimum_events: numberOf(settings['minimum_events']),
      ...fields,
    },
    from: {
      slo_id: name,
      title: displayName,
      service,
      window: spec.field('timeWindow'),
      ...window?.from,
      method: methodField,
      ...settings,
      ...from,
    },
  }));
}

/** Annotations are text; a number may stand in one. */
function numberOf(field: Located | undefined): number | undefined {
  const text = field?.written();
  if (text === undefined) return undefined;
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value)
    ? field?.problem('invalid_value', 'must be a number')
    : value;
}
