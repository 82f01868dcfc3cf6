//! Shares rate limits, violations and bans between instances, in Redis or Valkey.
