import type { SloFact } from '@evenkeel/events';
import { type Checked, checkDefinitions, refuseDuplicates } from './definition.ts';
import { readOpenSlo } from './openslo.ts';
import { isOwnSlo, readOwnSlo } from './own-slo.ts';
import type { Findings } from './problems.ts';
import { readFiles } from './read-files.ts';

/** An SLO of the files, and where it stands. */
export interface CheckedSlo extends Checked {
  fact: SloFact;
}

/** Reads the SLOs of files, in OpenSLO v1 or in Evenkeel's own YAML; what is wrong is among the findings. */
export function readSloFiles(
  files: readonly string[],
  options: { directory: string; now: Date; findings: Findings },
): CheckedSlo[] {
  const documents = readFiles(files, options.directory, options.findings);
  const own = documents.filter(isOwnSlo).flatMap(readOwnSlo);
  const others = readOpenSlo(documents.filter((document) => !isOwnSlo(document)));
  const checked = checkDefinitions('slo', [...own, ...others], options).filter(isSlo);
  refuseDuplicates(checked, (fact) => (fact.kind === 'slo' ? fact.slo_id : ''));
  return checked;
}

function isSlo(checked: Checked): checked is CheckedSlo {
  return checked.fact.kind === 'slo';
}
