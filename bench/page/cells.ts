/** Figures as Markdown. */

export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

export const shown = (value: number): string => (Number.isFinite(value) ? value.toFixed(2).replace(/^0\./, '.') : '–')
