/** From a leak to its end: foretold, announced, diagnosed by itself and ended by an approved restart, each once, though the anomaly agent dies at each boundary. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { within } from '../../bus/kafka/within.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import { createFakeServices } from '../embedded/setting.ts'
import { folder } from '../recording/recording-dir.ts'
import { until } from '../runtime/counting.ts'
import { leakingCart } from './leaking-cart.ts'
import { type LoopBus, openLoop } from './loop.ts'
import type { WatchingProcess } from './watching-process.ts'

/** Where the agent dies: while it stores what it concluded, and while it publishes that. */
const BOUNDARIES = ['store:before', 'store:done', 'store:journaled', 'publish:done', 'publish:journaled'].map(
  (boundary) => `anomaly/${boundary}`,
)
const PROCESS = join(import.meta.dirname, 'watching-process.ts')
const KILL_AT = join(import.meta.dirname, '../crash/kill-at.ts')
const PATIENCE_MS = 120_000
const POLICY = 'diagnose: { services: [cart] }\n'
/** s that are known from before the leak. */
const USUAL = 2400
/** s since the leak began: foretold by then, and slow because of it */
const [FORETOLD, SLOW] = [640, 1560]
/** s since the restart: calm for twelve steps and more, and a minute later, when the agent stores its state again */
const [CALM, LATER] = [220, 290]
const ANY = () => true

export function leak(name: string, setUpBus: LoopBus) {
  it(
    `a leak is foretold, announced, diagnosed by itself and ended by a restart over ${name}, each once, though the anomaly agent is killed at each boundary`,
    { timeout: 600_000 },
    async () => {
      const dir = await folder({ 'policy.yaml': POLICY, boundaries: '' })
      const now = Math.floor(Date.now() / 10_000) * 10
      const leaks = now - SLOW
      const cart = await leakingCart({ from: leaks - USUAL, leaks, now })
      onTestFinished(() => cart.stop())
      const services = createFakeServices()
      const restarted = Promise.withResolvers<number>()
      const restart = async (service: string): Promise<void> => {
        await services.restart(service)
        const at = Math.ceil(Date.now() / 1000)
        await cart.restart(at, at + LATER)
        restarted.resolve(at)
      }
      const loop = await openLoop(setUpBus, { ...services, restart })
      const watchers = new Set<ChildProcess>()
      onTestFinished(async () => {
        for (const child of watchers) child.kill('SIGKILL')
        await Promise.all([...watchers].map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')))
        await loop.close()
      })
      const agents = loop.startAgents({ prometheusUrl: cart.url, live: true, verifyAfterMs: [10_000] })

      const watch = (second: number, killAt?: string): ChildProcess => {
        const process_: WatchingProcess = {
          databaseUrl: loop.setting.database.url,
          bus: loop.busOptions,
          prometheusUrl: cart.url,
          policy: join(dir, 'policy.yaml'),
          now: second * 1000,
        }
        const child = spawn(process.execPath, ['--import', KILL_AT, PROCESS], {
          env: {
            ...environmentOfKilled(),
            WATCHING_PROCESS: JSON.stringify(process_),
            BOUNDARIES: join(dir, 'boundaries'),
            ...(killAt === undefined ? {} : { KILL_AT: killAt }),
          },
          stdio: 'inherit',
        })
        watchers.add(child)
        return child
      }
      const dies = async (second: number, killAt: string): Promise<void> => {
        const died = once(watch(second, killAt), 'exit')
        expect(await within(PATIENCE_MS, died, `${killAt} was not met`)).toEqual([null, 'SIGKILL'])
      }
      const diesEverywhere = async (second: number): Promise<void> => {
        for (const boundary of BOUNDARIES) await dies(second, boundary)
      }

      // it learns what is usual
      await dies(leaks, 'anomaly/store:journaled')
      await diesEverywhere(leaks + FORETOLD)
      const forecast = await loop.first('ForecastProduced', ANY)
      expect(forecast).toMatchObject({ service: 'cart', resource: 'memory', phase: 'produced', severity: 'critical' })
      expect(await loop.all('AnomalyDetected', ANY)).toEqual([])

      await diesEverywhere(now)
      const { anomaly_id } = await loop.first('AnomalyDetected', ANY)
      const of = (value: { session_id: string | null }) => value.session_id === anomaly_id
      const request = await loop.first('DiagnosisRequested', of)
      expect(request).toMatchObject({
        ...{ service: 'cart', severity: 'P1', requested_by: 'sre-platform|anomaly' },
        context: { trigger: 'anomaly', anomaly_id, reason: expect.stringContaining('cart latency_p99 above its expected range') }, // prettier-ignore
      })

      await agents
      const approval = await loop.first('ApprovalRequested', of)
      expect(approval.action).toMatchObject({ type: 'restart', service: 'cart' })
      await loop.opened(approval)
      await loop.decide(approval)
      const at = await within(PATIENCE_MS, restarted.promise, 'cart was not restarted')
      await diesEverywhere(at + CALM)
      expect(await loop.first('ActionCompleted', of)).toMatchObject({ outcome: 'succeeded', effect: 'helped' })
      const evidence = await loop.all('EvidenceRecorded', of)
      expect(evidence.filter(({ tool }) => tool === 'anomaly')).toMatchObject([
        { operation: 'anomaly', query: anomaly_id, summary: request.context['reason'] },
      ])
      await loop.concluded(anomaly_id)

      // whoever watches on has nothing more to say
      watch(at + LATER)
      await until(PATIENCE_MS, 'the agent watches on', async () => {
        const { rows } = await loop.setting.pool.query<{ second: number }>(`SELECT max(closed_until)::float8 / 1000 AS second FROM anomaly.watches`) // prettier-ignore
        return rows[0]!.second > at + CALM ? true : undefined
      })
      const told = (await loop.all('AnomalyDetected', ANY)).map(({ sequence, phase, severity, ending }) => [sequence, phase, severity, ending]) // prettier-ignore
      expect(told).toEqual([
        [0, 'opened', 'info', null],
        [1, 'updated', 'critical', null],
        [2, 'closed', 'critical', 'recovered'],
      ])
      const foretold = (await loop.all('ForecastProduced', ANY)).map(({ sequence, phase, ending }) => [sequence, phase, ending]) // prettier-ignore
      expect(foretold).toEqual([
        [0, 'produced', null],
        [1, 'closed', 'freed'],
      ])
      expect(await loop.all('DiagnosisRequested', ANY)).toHaveLength(1)
      expect(await loop.all('DiagnosisCompleted', ANY)).toMatchObject([{ status: 'completed', verdict: 'incident' }])
      expect(await loop.all('ApprovalRequested', ANY)).toHaveLength(1)
      expect(await loop.all('ApprovalClosed', ANY)).toMatchObject([{ outcome: 'approved' }])
      expect(await loop.all('ActionCompleted', ANY)).toHaveLength(1)
      expect(services.operated).toEqual(['restart cart'])
      // the list of boundaries is complete
      const met = readFileSync(join(dir, 'boundaries'), 'utf8').trimEnd().split('\n')
      expect(new Set(met)).toEqual(new Set(BOUNDARIES))
    },
  )
}
