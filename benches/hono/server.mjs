// Hono with its documented middlewares and the duties of Palisade's documented chain, as a peer to be measured.
//
// Writes one line: where it listens, a blank, and a token it accepts.

import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { jwt, sign } from 'hono/jwt'
import { requestId } from 'hono/request-id'
import { NONCE, secureHeaders } from 'hono/secure-headers'
import { rateLimiter } from 'hono-rate-limiter'

const secret = 'a test secret of thirty-two bytes or more'
const blocked = new Set(['198.51.100.1', '198.51.100.2'])

// What analytics keep: the last records, in a ring that never grows.
const records = new Array(8192)
let written = 0

const address = (c) => getConnInfo(c).remote.address ?? 'unknown'

const blocklist = async (c, next) => {
  if (blocked.has(address(c))) {
    return c.json({ title: 'Forbidden', status: 403 }, 403)
  }
  await next()
}

const analytics = async (c, next) => {
  const began = performance.now()
  await next()
  records[written % records.length] = {
    method: c.req.method,
    path: c.req.path,
    address: address(c),
    agent: c.req.header('user-agent'),
    status: c.res.status,
    time: performance.now() - began,
  }
  written += 1
}

const app = new Hono()
app.use(requestId())
app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", NONCE],
      objectSrc: ["'none'"],
      frameAncestors: ["'none'"],
    },
  }),
)
app.use(compress())
app.use(cors())
app.use(blocklist)
app.use(analytics)
app.use('/api/*', jwt({ secret, alg: 'HS256' }))
app.use(
  '/api/*',
  rateLimiter({
    windowMs: 60_000,
    limit: 1_000_000_000,
    keyGenerator: (c) => c.get('jwtPayload').sub,
  }),
)
app.get('/api/feed', (c) => c.text('Hello, world!'))

const now = Math.floor(Date.now() / 1000)
const token = await sign({ sub: 'alice', roles: ['user'], iat: now, exp: now + 3600 }, secret, 'HS256')
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}/api/feed ${token}`)
})
