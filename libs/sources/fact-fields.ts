import type { Attributes, AttributeValue } from '@evenkeel/otlp';
import { safeUrl } from './safe-url.ts';

/** Fields that are numbers, whichever type a producer's tool could write. */
const NUMBERS = new Set(['lines_changed', 'files_changed']);
/** Fields that are true or false. */
const BOOLEANS = new Set(['merge_commit', 'automatic']);

/** The fields of a fact that stand in attributes as `<prefix><field>`; what is no field is named at the door. */
export function factFields(attributes: Attributes, prefix: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (!name.startsWith(prefix)) continue;
    const field = name.slice(prefix.length);
    if (field === '__proto__') continue;
    const typed = fieldValue(field, value);
    if (typed !== undefined && typed !== '') fields[field] = typed;
  }
  return fields;
}

/** A field's value in its type; text and numbers pass for each other, because shells know only text. */
export function fieldValue(field: string, value: AttributeValue): unknown {
  if (typeof value === 'string') {
    if (NUMBERS.has(field) && /^\d{1,15}$/.test(value)) return Number(value);
    if (BOOLEANS.has(field) && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    return field === 'url' ? (safeUrl(value) ?? value) : value;
  }
  if (typeof value === 'number' && !NUMBERS.has(field)) return String(value);
  return value;
}
