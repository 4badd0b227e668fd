import type { LogRecord, Origin } from '../items.ts';
import { addItem } from '../malformed.ts';
import { anyValue, attributesOf } from './common.ts';
import { hexOf, type JsonObject, textOf, unsigned64Of } from './members.ts';
import { eachItem } from './scopes.ts';

const LEVELS = { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' };

/** Reads an ExportLogsServiceRequest. */
export function logsOf(request: JsonObject): LogRecord[] {
  const records: LogRecord[] = [];
  for (const [record, origin, path] of eachItem(request, LEVELS)) {
    addItem(records, logRecordOf(record, origin, path));
  }
  return records;
}

function logRecordOf(record: JsonObject, origin: Origin, path: string): LogRecord {
  return {
    ...origin,
    timeUnixNano: unsigned64Of(record, 'timeUnixNano', path),
    observedTimeUnixNano: unsigned64Of(record, 'observedTimeUnixNano', path),
    severityNumber: severityOf(record['severityNumber']),
    severityText: textOf(record, 'severityText', path),
    eventName: textOf(record, 'eventName', path),
    body: anyValue(record['body'], `${path}.body`),
    attributes: attributesOf(record, 'attributes', path),
    traceId: hexOf(record, 'traceId', path),
    spanId: hexOf(record, 'spanId', path),
  };
}

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** `9` or `SEVERITY_NUMBER_INFO`; what is unknown is 0. */
function severityOf(severity: unknown): number {
  if (typeof severity === 'number') return Number.isInteger(severity) ? severity : 0;
  const match = /^SEVERITY_NUMBER_([A-Z]+)([2-4]?)$/.exec(typeof severity === 'string' ? severity : '');
  const range = SEVERITIES.indexOf(match?.[1] ?? '');
  return range < 0 ? 0 : range * 4 + Number(match?.[2] || 1);
}
