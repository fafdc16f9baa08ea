/** The worker started by `analysis-threads.ts`. */
export { diagnose as default } from '../../analysis/diagnose.ts'
