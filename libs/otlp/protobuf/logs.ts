import type { Attributes, LogRecord } from '../items.ts';
import { addItem } from '../malformed.ts';
import { readAttribute, readResource, readScope, readValue } from './common.ts';
import {
  delimited,
  fixed64,
  type Reader,
  readFields,
  readHex,
  readMessage,
  readUnsigned64,
  varint,
} from './message.ts';

/** Reads an ExportLogsServiceRequest. */
export function readLogs(reader: Reader): LogRecord[] {
  const records: LogRecord[] = [];
  readFields(reader, (tag) => {
    if (tag !== delimited(1)) return false;
    readResourceLogs(reader, records);
    return true;
  });
  return records;
}

function readResourceLogs(reader: Reader, records: LogRecord[]): void {
  const resource: Attributes = {};
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) readResource(reader, resource);
    else if (tag === delimited(2)) readScopeLogs(reader, resource, records);
    else return false;
    return true;
  });
}

function readScopeLogs(reader: Reader, resource: Attributes, records: LogRecord[]): void {
  const first = records.length;
  let scope = '';
  readMessage(reader, (tag) => {
    if (tag === delimited(1)) scope = readScope(reader);
    else if (tag === delimited(2)) addItem(records, readLogRecord(reader, resource));
    else return false;
    return true;
  });
  for (let index = first; index < records.length; index++)
    Object.assign(records[index] as LogRecord, { scope });
}

function readLogRecord(reader: Reader, resource: Attributes): LogRecord {
  const record: LogRecord = {
    resource,
    scope: '',
    timeUnixNano: 0n,
    observedTimeUnixNano: 0n,
    severityNumber: 0,
    severityText: '',
    eventName: '',
    body: null,
    attributes: {},
    traceId: '',
    spanId: '',
  };
  readMessage(reader, (tag) => readLogField(reader, tag, record));
  return record;
}

function readLogField(reader: Reader, tag: number, record: LogRecord): boolean {
  switch (tag) {
    case fixed64(1):
      record.timeUnixNano = readUnsigned64(reader);
      return true;
    case varint(2):
      record.severityNumber = reader.int32();
      return true;
    case delimited(3):
      record.severityText = reader.string();
      return true;
    case delimited(5):
      record.body = readValue(reader);
      return true;
    case delimited(6):
      readAttribute(reader, record.attributes);
      return true;
    case delimited(9):
      record.traceId = readHex(reader);
      return true;
    case delimited(10):
      record.spanId = readHex(reader);
      return true;
    case fixed64(11):
      record.observedTimeUnixNano = readUnsigned64(reader);
      return true;
    case delimited(12):
      record.eventName = reader.string();
      return true;
    default:
      return false;
  }
}
