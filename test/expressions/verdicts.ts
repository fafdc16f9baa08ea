/** Problems with the product's expressions: one line each, with what is needed to fix it. */
import type { Built, Expression } from './found.ts'
import type { Judgement } from './judge.ts'

export interface Reviews {
  built: Readonly<Record<string, string>>
  read: Readonly<Record<string, string>>
}

export function problemsOf(
  { expressions, built }: { expressions: readonly Expression[]; built: readonly Built[] },
  judgementOf: (expression: Expression) => Judgement,
  reviews: Reviews,
): string[] {
  const [texts, written] = [new Set(built.map(({ text }) => text)), new Set(expressions.map(shown))]
  const stale = [
    ...Object.keys(reviews.built).filter((text) => !texts.has(text)),
    ...Object.keys(reviews.read).filter((text) => !written.has(text)),
  ]
  return [
    ...expressions
      .filter((one) => reviews.read[shown(one)] === undefined)
      .flatMap((one) => problemOf(one, judgementOf(one))),
    ...built
      .filter(({ text }) => reviews.built[text] === undefined)
      .map(
        ({ path, line, text }) =>
          `${path}:${line} ${text}\n  is made only when the program runs: make it where the file is loaded`,
      ),
    ...stale.map((text) => `test/expressions/reviewed.ts names what is there no more: ${text}`),
  ]
}

const shown = ({ source, flags }: Expression): string => `/${source}/${flags}`

function problemOf(expression: Expression, judgement: Judgement): string[] {
  if (judgement.linear === true) return []
  const place = `${expression.path}:${expression.line} ${shown(expression)}`
  return judgement.linear === null
    ? [`${place}\n  cannot be decided (${judgement.reason}): write it more simply`]
    : [`${place}\n  ${judgement.how}, attacked by ${judgement.attack}`]
}
