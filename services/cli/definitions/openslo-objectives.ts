import type { Definition } from './definition.ts';
import { durationSeconds, parseDuration } from './duration.ts';
import type { Located } from './located.ts';
import type { Indicator } from './openslo-indicator.ts';

/** What the objectives of an SLO have in common. */
interface Common {
  id: string | undefined;
  title: string | undefined;
  /** Undefined when it is wrong, which has been told. */
  method: 'occurrences' | 'timeslices' | 'ratio_timeslices' | undefined;
  indicator: Indicator;
}

const FIELDS = [
  'displayName',
  'op',
  'value',
  'target',
  'targetPercent',
  'timeSliceTarget',
  'timeSliceWindow',
  'indicator',
  'indicatorRef',
  'compositeWeight',
];

/** One definition an objective. Of several, each gets an id of its own: the SLO's name, a dot, its display name. */
export function readObjectives(spec: Located, common: Common): Definition[] {
  const list = spec.required('objectives');
  const objectives = list.list();
  if (list.isList && objectives.length === 0) list.problem('missing_field', 'needs an objective');
  const ids = new Set<string>();
  return objectives.map((objective) => {
    objective.onlyFields(FIELDS, 'an objective');
    refuseComposite(objective);
    if (common.indicator === 'threshold') readThreshold(objective, objectives);
    const several = objectives.length > 1;
    const displayName = objective.field('displayName');
    const ownName = displayName.text();
    const suffix = several ? suffixOf(objective, ids) : '';
    const slice = readSlice(objective, common.method);
    const target = readTarget(objective);
    return {
      at: objective,
      fields: {
        slo_id: common.id === undefined || suffix === undefined ? undefined : idOf(common.id, suffix),
        title: titleOf(common.title, ownName, several),
        objective: target.value,
        ...slice.fields,
      },
      from: { objective: target.from, ...slice.from },
    };
  });
}

function refuseComposite(objective: Located): void {
  for (const name of ['indicator', 'indicatorRef', 'compositeWeight']) {
    const field = objective.field(name);
    if (field.present)
      field.problem('not_supported', 'composite SLOs are not supported; define one SLO an indicator');
  }
}

/** The threshold is judged where the SLI is made; it must be whole all the same. */
function readThreshold(objective: Located, objectives: readonly Located[]): void {
  if (objectives.length > 1) {
    if (objective === objectives[1])
      objective.problem('invalid_value', 'with a thresholdMetric there can be only one objective');
    return;
  }
  const op = objective.required('op').oneOf(['lte', 'gte', 'lt', 'gt']);
  const value = objective.required('value').number();
  if (op !== undefined && value !== undefined)
    objective.note(
      `the threshold (${op} ${value}) is judged by whoever sends the SLI: Evenkeel takes good and total`,
    );
}

function readTarget(objective: Located): { value: number | undefined; from: Located } {
  const target = objective.field('target');
  const percent = objective.field('targetPercent');
  if (target.present && percent.present)
    percent.problem('invalid_value', 'must not be given together with target');
  if (!target.present && !percent.present)
    target.problem('missing_field', 'target or targetPercent is required');
  if (!percent.present) return { value: target.number(), from: target };
  const value = percent.number();
  // 15 digits: 99.95 / 100 is meant to be 0.9995.
  return { value: value === undefined ? undefined : Number((value / 100).toPrecision(15)), from: percent };
}

function readSlice(objective: Located, method: Common['method']): Pick<Definition, 'fields' | 'from'> {
  const window = objective.field('timeSliceWindow');
  const target = objective.field('timeSliceTarget');
  const unfit = (field: Located, needed: string) => {
    if (field.present) field.problem('invalid_value', `has a meaning only with budgetingMethod ${needed}`);
  };
  if (method === undefined) return { fields: {}, from: {} };
  if (method !== 'timeslices') unfit(target, 'Timeslices');
  if (method === 'occurrences') {
    unfit(window, 'Timeslices or RatioTimeslices');
    return { fields: {}, from: {} };
  }
  if (!window.present) window.problem('missing_field', 'is required');
  if (method === 'timeslices' && !target.present) target.problem('missing_field', 'is required');
  const fields = {
    slice_seconds: sliceSeconds(window),
    ...(method === 'timeslices' ? { slice_target: target.number() } : {}),
  };
  return { fields, from: { slice_seconds: window, slice_target: target } };
}

/** A number alone is minutes. */
function sliceSeconds(window: Located): number | undefined {
  const text = window.written();
  if (text === undefined) return undefined;
  const duration = parseDuration(/^\d+$/.test(text) ? `${text}m` : text);
  if (duration === undefined) return window.problem('invalid_value', 'must be a duration such as 1m or 5m');
  const seconds = durationSeconds(duration);
  if (seconds === 60 || seconds === 300) return seconds;
  return window.problem('not_supported', 'slices are 1m or 5m long');
}

/** What tells an objective from its siblings, from its display name. */
function suffixOf(objective: Located, taken: Set<string>): string | undefined {
  const displayName = objective.field('displayName');
  const suffix = (displayName.text() ?? '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (suffix === '')
    return displayName.problem(
      'missing_field',
      'is required where there are several objectives: each becomes an SLO, and its id is made of it',
    );
  if (taken.has(suffix))
    return displayName.problem('duplicate_definition', `another objective has the id ${suffix} already`);
  taken.add(suffix);
  return suffix;
}

function idOf(name: string, suffix: string): string {
  return suffix === '' ? name : `${name}.${suffix}`;
}

function titleOf(
  title: string | undefined,
  ownName: string | undefined,
  several: boolean,
): string | undefined {
  if (title === undefined || ownName === undefined) return title ?? ownName;
  return several ? `${title}: ${ownName}` : title;
}
