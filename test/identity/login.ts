import { startSre } from '../cli/run-sre.ts'
import { fillIn } from './forms.ts'

/** Runs `sre login`, and signs in on the page whose address it prints, with `answer` in each form. */
export async function loginOnPage(
  args: readonly string[],
  environment: Record<string, string>,
  answer: Record<string, string>,
) {
  const child = startSre(['login', ...args], environment)
  const pages: Promise<string>[] = []
  let out = ''
  let said = ''
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => (out += String(chunk)))
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk)
    const shown = said.slice(seen.length)
    const [url] = shown.endsWith('\n\n') ? (/http:\S+/.exec(shown) ?? []) : []
    if (url === undefined) return
    seen = said
    const page = fillIn(url, answer)
    page.catch(() => child.kill())
    pages.push(page)
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, out, said, pages: await Promise.all(pages) }
}
