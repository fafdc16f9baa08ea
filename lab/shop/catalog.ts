import { z } from 'zod'
import { productBySku, products } from './products.ts'
import type { Release } from './service.ts'

const page = z.object({ page: z.coerce.number().int().min(0).default(0) })
const wanted = z.object({ skus: z.string() })
const one = z.object({ sku: z.string() })

export const release: Release = (app, { log, stored, surroundings }) => {
  app.get('/products', async (request) => {
    await stored(8)
    const { page: number } = page.parse(request.query)
    const start = (number * 12) % products.length
    return { items: products.slice(start, start + 12) }
  })
  app.get('/products/:sku', async (request, reply) => {
    await stored(4)
    const product = productBySku.get(one.parse(request.params).sku)
    return product ?? reply.code(404).send({ message: 'no such product' })
  })
  app.get('/prices', async (request) => {
    await stored(5)
    const skus = wanted.parse(request.query).skus.split(',')
    return { items: skus.map((sku) => ({ sku, price: productBySku.get(sku)?.price ?? null })) }
  })
  const told = () => log.info({ attributes: { products: products.length } }, 'range refreshed')
  app.addHook('onClose', surroundings.every(15_000, told))
}
