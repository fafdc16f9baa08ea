import { release as catalog } from './catalog.ts'
import { products } from './products.ts'
import type { Release } from './service.ts'
import { storeTime } from './surroundings.ts'

/** The same catalog, with stock. */
export const release: Release = (app, context) => {
  catalog(app, context)
  const stored = storeTime(context.surroundings)
  app.get('/stock', async () => {
    await stored(5)
    return { items: products.map(({ sku, stock }) => ({ sku, stock })) }
  })
}
