/** Where a bar is drawn. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A bar of one phase, with its rate and the time that remains; without a terminal a line every ten seconds. */
export interface Progress {
  /** @param share done, 0 to 1; @param count of what the phase counts */
  update(share: number, count: number): void;
  /** Leaves the last state on a line of its own. */
  done(count: number): void;
}

const width = 24;
const linesEveryMs = 10_000;

/** Starts the bar of a phase. */
export function startProgress(
  output: ProgressOutput,
  phase: string,
  counted: string,
  clock: () => number = Date.now,
): Progress {
  const began = clock();
  let told = began;
  const line = (share: number, count: number) => {
    const seconds = (clock() - began) / 1000;
    const filled = Math.round(share * width);
    const rate = seconds > 0 ? Math.round(count / seconds) : 0;
    const remaining = share > 0 && share < 1 ? `, ${duration((seconds / share) * (1 - share))} left` : '';
    const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
    return `${phase.padEnd(12)} ${bar} ${Math.floor(share * 100)} %  ${grouped(count)} ${counted}, ${grouped(rate)}/s, ${duration(seconds)}${remaining}`;
  };
  return {
    update(share, count) {
      if (output.isTTY === true) output.write(`\r\x1b[2K${line(share, count)}`);
      else if (clock() - told >= linesEveryMs) {
        told = clock();
        output.write(`${line(share, count)}\n`);
      }
    },
    done(count) {
      output.write(`${output.isTTY === true ? '\r\x1b[2K' : ''}${line(1, count)}\n`);
    },
  };
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function grouped(count: number): string {
  return count.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ');
}
