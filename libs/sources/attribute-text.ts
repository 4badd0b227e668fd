import type { Attributes, AttributeValue } from '@evenkeel/otlp';

/** An attribute's value as text; lists and maps are none. */
export function textOf(value: AttributeValue | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

/** The attribute `name` as text that is not empty. */
export function attributeText(attributes: Attributes, name: string): string | undefined {
  // Own properties only: an attribute may be called `constructor`.
  return Object.hasOwn(attributes, name) ? textOf(attributes[name]) || undefined : undefined;
}
