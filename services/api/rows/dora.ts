import { z } from 'zod';
import { amount, count, flag, instant, oneOf, rate, seconds } from './columns.ts';

/** The numbers of one bucket, or of the whole range: the columns of the view `dora_summary`. */
const numbers = {
  deployments: count('Counted deployments'),
  deployments_per_day: amount('Counted deployments per local day of the range').nullable(),
  deployment_days: count('Local days with a counted deployment'),
  days: count('Local days that the range touches, up to now'),
  attempts: count('Finished deployments and hotfixes of any outcome'),
  rollbacks: count('Rollbacks, reported and detected'),
  changes: count('Changes first carried by a counted deployment of the range'),
  lead_time_changes: count('Changes behind the lead time quantiles'),
  lead_time_p50_seconds: seconds('Median change lead time').nullable(),
  lead_time_p75_seconds: seconds('75th percentile of change lead time').nullable(),
  lead_time_p90_seconds: seconds('90th percentile of change lead time').nullable(),
  lead_time_p95_seconds: seconds('95th percentile of change lead time').nullable(),
  failed_deployments: count('Counted deployments that failed'),
  change_fail_rate: rate('Failed of counted deployments').nullable(),
  failed_deployments_linked: count('Those of them that are more than inferred'),
  change_fail_rate_linked: rate('The same without failures that were only inferred').nullable(),
  recovered_deployments: count('Failed deployments that are restored'),
  unrecovered_deployments: count('Failed deployments that are not restored yet'),
  oldest_unrecovered_seconds: seconds('Age of the oldest failed deployment that is not restored').nullable(),
  recovery_time_p50_seconds: seconds('Median failed deployment recovery time').nullable(),
  recovery_time_p90_seconds: seconds('90th percentile of failed deployment recovery time').nullable(),
  rework_deployments: count('Counted deployments that are rework'),
  rework_rate: rate('Rework of counted deployments').nullable(),
  incidents_opened: count('Incidents opened'),
  incidents_restored: count('Incidents restored'),
  incidents_open: count('Incidents open at the end of the range or now'),
  oldest_open_seconds: seconds('Age of the oldest open incident').nullable(),
  deployments_without_changes: count('Counted deployments for which no change is known'),
  time_to_restore_incidents: count('Incidents behind the quantiles of time to restore'),
  time_to_restore_p50_seconds: seconds('Median time to restore').nullable(),
  time_to_restore_p90_seconds: seconds('90th percentile of time to restore').nullable(),
};

/** Row of `/v1/dora/summary`. */
export const doraSummaryRow = z.object(numbers).meta({ id: 'DoraSummary' });

/** Row of `/v1/dora/timeseries`. */
export const doraTimeseriesRow = z
  .object({
    bucket_start: instant('First instant of the bucket by the calendar'),
    bucket_end: instant('First instant after the bucket by the calendar'),
    partial: flag('The bucket has not ended, or the range cuts it'),
    ...numbers,
  })
  .meta({ id: 'DoraBucket' });

/** Row of `/v1/dora/lead-time/stages`. */
export const leadTimeStageRow = z
  .object({
    stage: oneOf(['coding', 'pickup', 'review', 'queue', 'deploy'], 'Stage of a change’s way'),
    changes: count('Changes of which both ends of the stage are known'),
    p50_seconds: seconds('Median').nullable(),
    p90_seconds: seconds('90th percentile').nullable(),
    share: rate('Median of the stage over the sum of all medians').nullable(),
    bottleneck: flag('The stage with the largest share'),
  })
  .meta({ id: 'LeadTimeStage' });
