/** A line that shows how far a long piece of work is: a bar that is redrawn on a terminal, else a line every ten seconds. */
export class Progress {
  readonly #total: number;
  readonly #unit: string;
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  #done = 0;
  #shownAt = 0;

  /** @param total how many `unit`s there are */
  constructor(total: number, unit: string, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#unit = unit;
    this.#stream = stream;
  }

  add(done: number): void {
    this.#done += done;
    const now = performance.now();
    if (now - this.#shownAt < (this.#stream.isTTY ? 100 : 10_000)) return;
    this.#shownAt = now;
    this.#show();
  }

  end(): void {
    this.#show();
    if (this.#stream.isTTY) this.#stream.write('\n');
  }

  #show(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const rate = this.#done / Math.max(seconds, 0.001);
    const share = this.#total === 0 ? 1 : this.#done / this.#total;
    const left = rate === 0 ? '?' : `${Math.ceil((this.#total - this.#done) / rate)} s left`;
    const count = `${this.#done.toLocaleString('en')} of ${this.#total.toLocaleString('en')} ${this.#unit}`;
    const line = `${`${Math.floor(share * 100)}`.padStart(3)} %  ${count}, ${Math.round(rate).toLocaleString('en')}/s, ${left}`;
    if (!this.#stream.isTTY) return void this.#stream.write(`${line}\n`);
    const filled = Math.round(share * 24);
    this.#stream.write(`\r\u001B[K${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${line}`);
  }
}
