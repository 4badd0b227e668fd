import type { Located } from './located.ts';

/** Before the names of Evenkeel's own annotations. */
const PREFIX = 'evenkeel.';

/**
 * Evenkeel's own annotations of a `metadata`, by name without the prefix; one that is not known is told. All others
 * belong to other tools.
 */
export function ownAnnotations(metadata: Located, known: readonly string[]): Record<string, Located> {
  const annotations = metadata.field('annotations');
  if (annotations.present && !annotations.isMap)
    annotations.problem('invalid_value', 'must be a map of fields');
  const own: Record<string, Located> = {};
  for (const name of annotations.names()) {
    if (!name.startsWith(PREFIX)) continue;
    const field = annotations.field(name);
    const short = name.slice(PREFIX.length);
    if (!known.includes(short)) {
      const there = known.map((each) => PREFIX + each).join(', ');
      field.problem('unknown_field', `is not an annotation of Evenkeel; there are ${there}`);
    } else own[short] = field;
  }
  return own;
}
