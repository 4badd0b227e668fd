import type { Definition } from './definition.ts';
import { readSeconds } from './duration.ts';
import type { Located } from './located.ts';

const FIELDS = [
  'slo',
  'service',
  'environment',
  'title',
  'objective',
  'window',
  'method',
  'slice',
  'slice_target',
  'no_data',
  'minimum_events',
];

/** Whether a document is an SLO in Evenkeel's own YAML: its first word is the SLO's id. */
export function isOwnSlo(document: Located): boolean {
  return document.field('slo').present && !document.field('apiVersion').present;
}

/** Reads an SLO in Evenkeel's own YAML: the fields of the fact, in the units that people write. */
export function readOwnSlo(document: Located): Definition[] {
  document.onlyFields(FIELDS, 'an SLO of Evenkeel');
  const field = (name: string) => document.field(name);
  const window = document.required('window');
  const slice = field('slice');
  return [
    {
      at: document,
      fields: {
        slo_id: field('slo').text(),
        service: document.required('service').text(),
        environment: field('environment').text(),
        title: field('title').text(),
        objective: ratio(document.required('objective')),
        window: readWindow(window),
        method: field('method').text() ?? 'occurrences',
        slice_seconds: readSeconds(slice),
        slice_target: ratio(field('slice_target')),
        no_data: field('no_data').text(),
        minimum_events: field('minimum_events').number(),
      },
      from: {
        ...Object.fromEntries(FIELDS.map((name) => [name, field(name)])),
        slo_id: field('slo'),
        slice_seconds: slice,
        'window.timezone': window.field('timezone'),
        'window.calendar': window.field('calendar'),
      },
    },
  ];
}

/** `0.999` or `99.9%`. */
function ratio(field: Located): number | undefined {
  const text = field.written();
  if (text === undefined) return undefined;
  const percent = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  const value = percent ? Number((Number(percent[1]) / 100).toPrecision(15)) : Number(text);
  return Number.isNaN(value)
    ? field.problem('invalid_value', 'must be a ratio such as 0.999 or 99.9%')
    : value;
}

/** `28d`, or a map with `calendar` and `timezone`. */
function readWindow(window: Located): unknown {
  if (!window.isMap) {
    const length = readSeconds(window);
    return length === undefined ? undefined : { rolling_days: length / 86_400 };
  }
  window.onlyFields(['calendar', 'timezone'], 'a calendar window');
  return { calendar: window.required('calendar').text(), timezone: window.required('timezone').text() };
}
