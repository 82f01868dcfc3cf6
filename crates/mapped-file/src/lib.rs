//! Maps a private copy of a file into memory.
