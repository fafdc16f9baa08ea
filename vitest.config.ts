import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/servers/setup.ts',
    // The first to ask for a server waits until it is up: the slowest takes half a minute on two busy cores.
    hookTimeout: 180_000,
    testTimeout: 180_000,
    // A limit only tells that something never came: no test is slower for it, and a busy machine may take long.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    // Most of a test's time is waiting for a server or for another process: two at a time fill two cores.
    maxWorkers: 2,
    // Node runs the tests as it runs the program, TypeScript and all; so what a test covers in its own process and
    // what its child processes cover are places in the same text, and add up.
    experimental: { viteModuleRunner: false },
    allowOnly: false,
    passWithNoTests: false,
    coverage: {
      provider: 'v8',
      // What a test starts as a process of its own counts too, unless that process was killed.
      autoAttachSubprocess: true,
      include: ['**/*.ts'],
      exclude: ['test/**', '**/*.generated.ts', '*.config.ts'],
      reporter: ['text-summary', 'html', 'json'],
      thresholds: { lines: 85, branches: 85 },
    },
  },
})
