/** Risks that one person may approve. Any other, an unknown one included, needs two different people. */
const onePerson: ReadonlySet<string> = new Set(['low', 'medium', 'high'])

/** How many different people have to approve an action of this risk. One rejection is always enough. */
export const approvalsNeeded = (risk: string): number => (onePerson.has(risk) ? 1 : 2)
