import { z } from 'zod';
import { instant, oneOf, text } from './columns.ts';

/** Row of `/v1/incidents`. */
export const incidentRow = z
  .object({
    incident_id: text('Id, with the prefix of its tool'),
    service: text('Service').nullable(),
    environment: text('Environment').nullable(),
    severity: text('Severity in the words of its tool').nullable(),
    title: text('Title').nullable(),
    url: text('Its page').nullable(),
    opened_at: instant('Opened'),
    acknowledged_at: instant('First acknowledged').nullable(),
    mitigated_at: instant('Mitigated').nullable(),
    resolved_at: instant('Resolved').nullable(),
    restored_at: instant('Mitigated when known, else resolved').nullable(),
    state: oneOf(['open', 'acknowledged', 'mitigated', 'resolved', 'cancelled'], 'State'),
    deployment_id: text('Deployment that it was linked to last').nullable(),
    linked_by: oneOf(
      ['incident', 'attribution'],
      'Whether it names the deployment or was attributed',
    ).nullable(),
  })
  .meta({ id: 'Incident' });
