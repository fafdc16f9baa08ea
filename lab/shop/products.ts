/** The shop's products, as in the catalog's data store. Prices of imported goods are in their supplier's format. */
export interface Product {
  sku: string
  name: string
  price: string
  stock: number
}

const kinds = ['kettle', 'lamp', 'chair', 'blanket', 'bottle', 'notebook', 'clock', 'basket']
const imported = (index: number): boolean => index % 8 === 5

const priceText = (index: number): string =>
  imported(index)
    ? `1.${String(100 + index * 7).slice(-3)},00 EUR`
    : `${(4 + ((index * 37) % 90) + 0.5).toFixed(2)} EUR`

export const products: readonly Product[] = Array.from({ length: 48 }, (_, index) => ({
  sku: `sku-${String(index).padStart(3, '0')}`,
  name: `${kinds[index % kinds.length]} no. ${index}`,
  price: priceText(index),
  stock: 20 + ((index * 13) % 60),
}))

export const productBySku: ReadonlyMap<string, Product> = new Map(products.map((product) => [product.sku, product]))
