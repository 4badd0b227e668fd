/** What a span, log record or data point means. */
export type Mapped =
  | { outcome: 'ok'; facts: object[] }
  | { outcome: 'ignored'; reason: IgnoreReason }
  | { outcome: 'rejected'; code: MappingRejectCode; field: string; reason: string };

/** Why something is simply not ours. Stable: counted by this name. */
export const ignoreCatalogue = {
  span_not_a_deployment: 'The span says nothing about a deployment',
  no_result_of_its_own:
    'Only the resource or a rule makes it a deployment, and the span has no result of its own',
  step_of_a_job: 'The span is a step of a job or its wait in a queue; the job stands for both',
  environment_not_deployed_to: 'The job stops, prepares, verifies or accesses an environment',
  source_of_a_reconciliation: 'The span is about the source that Flux watches, not about what it applies',
  skipped: 'The deployment was skipped, or has no result yet',
  rule_says_no_deployment: 'A rule of the installation says that this is no deployment',
  log_not_evenkeel: 'The log record is none of the events of the conventions',
  metric_not_evenkeel: 'The metric is none of the conventions',
  no_recorded_value: 'The producer recorded no value for this data point',
} as const;

/** A key of {@link ignoreCatalogue}. */
export type IgnoreReason = keyof typeof ignoreCatalogue;

/** Why something that ought to be ours cannot be understood. Stable. */
export const mappingRejectCatalogue = {
  invalid_span_id: 'The span has no valid trace id and span id, so it has no identity',
  missing_time: 'The time that the fact happened at is missing',
  missing_service: 'Nothing says which service was deployed',
  missing_environment: 'Nothing says which environment was deployed to',
  unknown_outcome: 'Nothing says how the deployment ended, or in a word that is not known',
  unknown_phase: 'The phase of the deployment is not known',
  unknown_event: 'The event has a name under evenkeel. that is not known',
  not_a_sum: 'The metric is no sum',
  not_delta: 'The sum is not a delta',
  missing_attribute: 'An attribute that the conventions require is missing or has an unknown value',
  window_too_long: 'The window of the data point is longer than 24 hours',
} as const;

/** A key of {@link mappingRejectCatalogue}. */
export type MappingRejectCode = keyof typeof mappingRejectCatalogue;

/** Facts, which may still fail at the door. */
export function ok(facts: object[]): Mapped {
  return { outcome: 'ok', facts };
}

/** Not ours. */
export function ignored(reason: IgnoreReason): Mapped {
  return { outcome: 'ignored', reason };
}

/** Ours, but not understood. `reason` never repeats a value, which may hold a secret. */
export function rejected(code: MappingRejectCode, field: string, reason?: string): Mapped {
  return { outcome: 'rejected', code, field, reason: reason ?? mappingRejectCatalogue[code] };
}
