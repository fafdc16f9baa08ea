import { release as catalog } from './catalog.ts'
import { products } from './products.ts'
import { storeTime, type Release } from './service.ts'

/** The same catalog, which also says what is in stock. */
export const release: Release = (app, context) => {
  catalog(app, context)
  app.get('/stock', async () => {
    await storeTime(5)
    return { items: products.map(({ sku, stock }) => ({ sku, stock })) }
  })
}
