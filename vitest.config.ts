import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/setup.ts',
    // The first test that needs a server waits until it is up; the slowest takes half a minute on two busy cores.
    hookTimeout: 180_000,
    testTimeout: 180_000,
    // A high limit slows no test down: it only ends a wait for something that never comes, and a busy machine may take long.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    // Most of a test's time is waiting for a server or for another process: two at a time fill two cores.
    maxWorkers: 2,
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
