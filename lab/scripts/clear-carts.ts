/** `clear-carts.ts <limit> <cart addresses, comma separated>`: empties the carts of customers 0 to limit - 1, on every replica. */
const [limit = '', addresses = ''] = process.argv.slice(2)

let cleared = 0
for (const address of addresses.split(','))
  for (let customer = 0; customer < Number(limit); customer++) {
    const response = await fetch(`${address}/carts/${customer}`, {
      method: 'DELETE',
      signal: AbortSignal.timeout(5_000),
    })
    if (!response.ok) throw new Error(`cart of customer ${customer}: ${address} answered ${response.status}`)
    await response.arrayBuffer()
    cleared += 1
  }
process.stdout.write(`cleared ${cleared} carts\n`)
