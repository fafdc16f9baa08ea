/** Path of the catalogue that comes with the platform. */
import { join } from 'node:path'

export const SHIPPED = join(import.meta.dirname, '../actions.yaml')
