/**
 * fast-check with a fixed seed, so that tests are deterministic. To try other inputs: `PROPERTY_SEED=7 npx vitest run test/analysis`.
 */
import fc from 'fast-check'

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) })

export default fc
