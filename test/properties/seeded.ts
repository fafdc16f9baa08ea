/**
 * fast-check with the same inputs each time, so that a test fails because of a change and not by chance. To look further:
 * `PROPERTY_SEED=7 npx vitest run test/analysis`.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) })

export default fc
