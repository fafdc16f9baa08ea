/** What a thread of `analysis-threads.ts` runs. */
export { diagnose as default } from '../../analysis/diagnose.ts'
