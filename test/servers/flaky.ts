import type { Reporter, TestModule } from 'vitest/node'

/** Lists, after a run, the tests that failed and then passed. Each is a defect, of the test or of the program, to be mended. */
export const flaky: Reporter = {
  onTestRunEnd(modules: ReadonlyArray<TestModule>) {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map((test) => ({ module, test })))
    const listed = tests.filter(({ test }) => test.diagnostic()?.flaky === true)
    if (listed.length === 0) return
    console.error(`${listed.length} flaky, failed and then passed; mend them:`)
    for (const { module, test } of listed) {
      console.error(`  ${module.relativeModuleId}: ${test.fullName}`)
      for (const { message } of test.result().errors ?? []) console.error(`    ${message.split('\n')[0]}`)
    }
  },
}
