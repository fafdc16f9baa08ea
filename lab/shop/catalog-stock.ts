import { release as catalog } from './catalog.ts'
import { products } from './products.ts'
import type { Release } from './service.ts'

/** The same catalog, with stock. */
export const release: Release = (app, context) => {
  catalog(app, context)
  app.get('/stock', async () => {
    await context.stored(5)
    return { items: products.map(({ sku, stock }) => ({ sku, stock })) }
  })
}
