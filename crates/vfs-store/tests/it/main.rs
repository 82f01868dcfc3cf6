//! What users of the storage can rely on.
