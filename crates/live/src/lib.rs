//! Streams events to browsers as they happen: server-sent events, resumed, bounded, filtered before they are queued.
