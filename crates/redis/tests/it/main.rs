//! What instances share, by a real server.
