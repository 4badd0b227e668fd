import type { Located } from './located.ts';

/** What matters of an SLI: whether a threshold tells good from bad, and whether it has counts or a ratio alone. */
export type Indicator = 'threshold' | 'counts' | 'ratio' | undefined;

/** The SLI of an SLO, inline or by reference. */
export function readIndicator(
  spec: Located,
  indicators: ReadonlyMap<string, Indicator>,
  method: string | undefined,
): Indicator {
  const inline = spec.field('indicator');
  const reference = spec.field('indicatorRef');
  const composite = spec
    .field('objectives')
    .list()
    .some((objective) => objective.field('indicator').present || objective.field('indicatorRef').present);
  // Told where the objectives are read.
  if (composite) return undefined;
  if (inline.present && reference.present)
    return reference.problem('invalid_value', 'must not be given together with indicator');
  if (!inline.present && !reference.present)
    return spec.problem('missing_field', 'indicator or indicatorRef is required');
  const indicator = inline.present ? readInline(inline) : readReference(reference, indicators);
  if (indicator === 'ratio' && method === 'occurrences')
    return (inline.present ? inline : reference).problem(
      'not_supported',
      'a raw ratio says nothing of how many events there were, which Occurrences counts',
    );
  return indicator;
}

function readInline(inline: Located): Indicator {
  inline.onlyFields(['metadata', 'spec'], 'an indicator');
  return readIndicatorSpec(inline.required('spec'));
}

function readReference(reference: Located, indicators: ReadonlyMap<string, Indicator>): Indicator {
  const name = reference.text();
  if (name === undefined) return undefined;
  if (indicators.has(name)) return indicators.get(name);
  return reference.problem('unresolved_reference', `no SLI "${name}" is in these files`);
}

/** The `spec` of an SLI. What a metric source looks like is the source's own affair. */
export function readIndicatorSpec(spec: Located): Indicator {
  spec.onlyFields(['description', 'thresholdMetric', 'ratioMetric'], 'the spec of an SLI');
  const threshold = spec.field('thresholdMetric');
  const ratio = spec.field('ratioMetric');
  if (threshold.present && ratio.present)
    return ratio.problem('invalid_value', 'must not be given together with thresholdMetric');
  if (threshold.present) {
    threshold.onlyFields(['metricSource'], 'thresholdMetric');
    return 'threshold';
  }
  if (!ratio.present) {
    if (spec.present) spec.problem('missing_field', 'thresholdMetric or ratioMetric is required');
    return undefined;
  }
  ratio.onlyFields(['counter', 'good', 'bad', 'total', 'raw', 'rawType'], 'ratioMetric');
  ratio.field('counter').flag();
  return readRatio(ratio);
}

function readRatio(ratio: Located): Indicator {
  const [good, bad, total, raw] = ['good', 'bad', 'total', 'raw'].map((name) => ratio.field(name)) as [
    Located,
    Located,
    Located,
    Located,
  ];
  if (raw.present) {
    for (const field of [good, bad, total])
      if (field.present) field.problem('invalid_value', 'must not be given together with raw');
    ratio.required('rawType').oneOf(['success', 'failure']);
    return 'ratio';
  }
  if (!total.present) total.problem('missing_field', 'is required');
  if (good.present && bad.present) bad.problem('invalid_value', 'must not be given together with good');
  if (!good.present && !bad.present) ratio.problem('missing_field', 'good or bad is required');
  return 'counts';
}
