/** Half-width punctuation that touches Chinese text, with or without a space between; code in backquotes is left out. */
export const halfWidthIn = (text: string): string[] =>
  text.replaceAll(/`[^`]*`/g, 'x').match(/[\p{Script=Han}」』）］] ?[:;,?!()](?=\s|$|\p{Script=Han}|[「『（［(])|(?:[:;,?!()] ?|\()[\p{Script=Han}「『（［]/gu) ?? [] // prettier-ignore
