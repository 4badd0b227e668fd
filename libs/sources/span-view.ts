import type { Span } from '@evenkeel/otlp';
import { attributeText } from './attribute-text.ts';

/** What a producer's spans mean where they differ from the semantic conventions. */
export interface Producer {
  /** What a rule's `source` matches. */
  readonly source: string;
  /** True for this producer's spans. */
  readonly emitted: (span: Span) => boolean;
  readonly read: (span: Span) => Reading;
}

/** A producer's reading of one span. */
export interface Reading {
  /** Conventional attributes that this producer fills otherwise: their true value, or undefined for none. */
  readonly overrides?: Readonly<Record<string, string | undefined>>;
  /** Values of conventional attributes that it does not fill. */
  readonly fallbacks?: Readonly<Record<string, string | undefined>>;
  /** True: a deployment by this producer's own convention. */
  readonly deploys?: boolean;
  /** Why this span is none, whatever it carries. */
  readonly ignore?: 'step_of_a_job' | 'environment_not_deployed_to' | 'source_of_a_reconciliation';
  /** The id every path of this producer gives the deployment. */
  readonly deploymentId?: string | undefined;
  /** True: the span is one report about the deployment made at its start, and its ids come again. */
  readonly momentary?: boolean;
}

/** A span's conventional attributes: corrected by the producer, the span before its resource. */
export interface SpanView {
  readonly span: Span;
  readonly reading: Reading;
  readonly source: string;
  /** The first of these attributes that has a value on the span; else the first that has one on its resource. */
  get(...names: string[]): string | undefined;
  /** True when the attribute stands on the span or its resource, even if it is empty. */
  has(name: string): boolean;
}

/** Looks at a span through what is known of its producer. */
export function viewOf(span: Span, source: string, reading: Reading): SpanView {
  const { overrides = {}, fallbacks = {} } = reading;
  return {
    span,
    source,
    reading,
    get(...names) {
      for (const attributes of [span.attributes, span.resource]) {
        for (const name of names) {
          const value = name in overrides ? overrides[name] : attributeText(attributes, name);
          if (value) return value;
        }
      }
      return names.map((name) => fallbacks[name]).find((value) => value);
    },
    has: (name) =>
      name in overrides
        ? overrides[name] !== undefined
        : Object.hasOwn(span.attributes, name) ||
          Object.hasOwn(span.resource, name) ||
          fallbacks[name] !== undefined,
  };
}
