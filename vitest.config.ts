import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { flaky } from './test/servers/flaky.ts'

/** Whole processes, killed at every step: they take minutes. Started last, one of them would keep the others waiting. */
const LONG = /\/test\/(flow|runtime\/durability|cli\/first-command)/

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { long = [], others = [] } = Object.groupBy(await super.sort(files), ({ moduleId }) =>
      LONG.test(moduleId) ? 'long' : 'others',
    )
    return [...long, ...others]
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/setup.ts',
    setupFiles: ['test/servers/coverage-written.ts'],
    // The first test that needs a server waits until it is up; the slowest takes half a minute on two busy cores.
    hookTimeout: 180_000,
    testTimeout: 180_000,
    // A high limit slows no test down: it only ends a wait for something that never comes, and a busy machine may take long.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    // On a shared machine one of thousands of tests with real servers fails now and then. It is run once more, and listed.
    retry: process.env['CI'] === undefined ? 0 : 1,
    reporters: ['default', flaky],
    // Most of a test's time is waiting for a server or for another process: two at a time leave a third of two cores idle.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Node runs the tests' TypeScript as it runs the program's, so the coverage of a test's own process and that of its
    // child processes refer to the same text and add up.
    experimental: { viteModuleRunner: false },
    allowOnly: false,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      // A process that a test starts counts too, unless it was killed.
      autoAttachSubprocess: true,
      include: ['**/*.ts'],
      exclude: ['test/**', '**/*.generated.ts', '*.config.ts'],
      reporter: ['text-summary', 'html', 'json'],
      thresholds: { lines: 85, branches: 85 },
    },
  },
})
