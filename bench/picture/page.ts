/** A picture of the top of an HTML page, by Chromium. */
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'

const [WIDTH, HEIGHT] = [1080, 1000]

/** PNG, in light colours. `CHROMIUM_PATH` names the browser; default: /usr/bin/chromium. */
export async function pageAsPng(file: string): Promise<Buffer> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    // root cannot use the sandbox; only our own page is opened
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: 'light' })
    await page.goto(pathToFileURL(file).href)
    return await page.screenshot()
  } finally {
    await browser.close()
  }
}
