import { canonicalJson, sha256Hex } from '@evenkeel/events';
import type { LogRecord } from '@evenkeel/otlp';
import { attributeText } from './attribute-text.ts';
import { factFields } from './fact-fields.ts';
import { hashable } from './hashable.ts';
import { customAttributes } from './kept-attributes.ts';
import { ignored, type Mapped, ok, rejected } from './mapped.ts';
import type { MappingOptions } from './mapping-rules.ts';
import { instantOf } from './unix-time.ts';

const INCIDENT = 'evenkeel.incident.';

/** Turns an event of the conventions into its fact: `evenkeel.incident.<transition>`, `evenkeel.review`, `evenkeel.drill`. */
export function mapLogRecord(record: LogRecord, _options: MappingOptions): Mapped {
  const name = record.eventName || attributeText(record.attributes, 'event.name') || '';
  if (!name.startsWith('evenkeel.')) return ignored('log_not_evenkeel');
  if (name.startsWith(INCIDENT) && !name.slice(INCIDENT.length).includes('.')) {
    const transition = name.slice(INCIDENT.length);
    return eventFact(record, name, 'incident', { transition });
  }
  if (name === 'evenkeel.review') return eventFact(record, name, 'review');
  if (name === 'evenkeel.drill') return eventFact(record, name, 'drill');
  return rejected('unknown_event', 'eventName');
}

function eventFact(
  record: LogRecord,
  name: string,
  kind: 'incident' | 'review' | 'drill',
  more: object = {},
): Mapped {
  const occurred_at = instantOf(record.timeUnixNano) ?? instantOf(record.observedTimeUnixNano);
  if (occurred_at === undefined) return rejected('missing_time', 'timeUnixNano');
  return ok([
    {
      ...factFields(record.attributes, `evenkeel.${kind}.`),
      ...more,
      kind,
      source: 'otlp',
      occurred_at,
      event_id: identityOf(record, name),
      attributes: customAttributes(record.attributes),
    },
  ]);
}

function identityOf(record: LogRecord, name: string): string {
  const given =
    attributeText(record.attributes, 'event.id') ?? attributeText(record.attributes, 'log.record.uid');
  if (given !== undefined) return given;
  const { resource, attributes, body, timeUnixNano } = record;
  return sha256Hex(canonicalJson(hashable({ resource, name, time: timeUnixNano, body, attributes })));
}
