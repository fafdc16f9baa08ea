import type { Gateway, Handler } from '../gateway.ts'
import { presentTools } from '../present/tools.ts'
import { listReports } from '../views/agents.ts'

/** The same for every tenant: agents serve all of them. */
export const getToolStatus =
  ({ pool, now }: Gateway): Handler<'getToolStatus'> =>
  async ({ language }) => ({ status: 200, body: presentTools(await listReports(pool), now(), language) })
