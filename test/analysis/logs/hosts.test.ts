import { describe, expect, it } from 'vitest'
import { hostsIn, isOutside } from '../../../analysis/logs/hosts.ts'

/** A line repeated with different order numbers. */
const often = (line: string): string[] => Array.from({ length: 40 }, (_, n) => line.replaceAll('#', String(1000 + n)))

describe('the called host in log lines', () => {
  it.each([
    ['POST https://pay-gw.example.net/v1/charge order=# failed: context deadline exceeded', 'pay-gw.example.net'],
    ['Post "https://user:secret@pay.example.net:8443/v1?order=#": EOF', 'pay.example.net'],
    ['order # failed: dial tcp: lookup pay.example.net on 10.0.0.10:53: no such host', 'pay.example.net'],
    ['order #: dial tcp 203.0.113.9:443: i/o timeout', '203.0.113.9'],
    ['order #: read tcp 10.1.2.3:4#->203.0.113.9:443: read: connection reset by peer', '203.0.113.9'],
    ['order #: dial tcp [2001:db8::9]:443: connect: connection refused', '2001:db8::9'],
    [`order # HTTPSConnectionPool(host='pay.example.net', port=443): Read timed out.`, 'pay.example.net'],
    ['order # Error: getaddrinfo ENOTFOUND pay.example.net', 'pay.example.net'],
    ['order # connect timed out: pay.example.net/203.0.113.9:443', 'pay.example.net'],
    ['upstream call failed host=pay.example.net order=# err=timeout', 'pay.example.net'],
    ['no answer from pay.example.net for order #', 'pay.example.net'],
    ['2026/03/01 [error] #: *# upstream timed out, client: 198.51.100.7, server: shop.example.com, request: "GET /# HTTP/1.1", upstream: "https://203.0.113.9:443/#", host: "shop.example.com"', '203.0.113.9'], // prettier-ignore
    [
      'order # failed\nrequests.exceptions.ConnectTimeout: https://pay.example.net/v1\n    at file:///app/pay.js:3:7',
      'pay.example.net',
    ],
    ['POST http://payment:8080/charge order=# failed', 'payment'],
  ])('is found in %s', (line, host) => {
    expect(hostsIn(often(line))[0]).toBe(host)
  })

  it.each([
    'no price for item # in com.acme.shop.Cart',
    'calc.go:88: order # lost',
    'order # at 10:15:00 by user.name of request.body',
    'opened file:///app/shop.json for order #',
    'http: panic serving 198.51.100.7:51234: no price of item #',
    'http: TLS handshake error from 198.51.100.7:40#: EOF',
    'order # from 198.51.100.7 lost',
    '198.51.100.7 - - "GET /cart/# HTTP/1.1" 502',
  ])('is not found in %s', (line) => {
    expect(hostsIn(often(line))).toEqual([])
  })

  it('is found only if nearly all lines name the same one', () => {
    const lines = (share: number) => often('fetch of # failed: ').map((line, n) => `${line}https://${n < share * 40 ? 'pay' : `shop-${n}`}.example.net/`) // prettier-ignore
    expect(hostsIn(lines(0.5))).toEqual([])
    expect(hostsIn(lines(0.95))).toEqual(['pay.example.net'])
  })

  it.each([
    ['pay.example.net', true],
    ['203.0.113.9', true],
    ['2001:db8::9', true],
    ['10.0.0.10', false],
    ['fd00::1', false],
    ['payment', false],
    ['payment.shop', false],
    ['db.shop.svc.cluster.local', false],
    ['ip-10-0-0-1.ec2.internal', false],
  ])('%s is external: %s', (host, expected) => {
    expect(isOutside(host, new Set(['payment', 'checkout']))).toBe(expected)
  })
})
