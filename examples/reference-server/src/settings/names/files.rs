//! Where files are, and how large they may be.

use super::{Part, Setting, setting};

pub(super) const FILES: &[Setting] = &[
    setting(
        Part::Files,
        "VFS_STORAGE",
        "",
        "a folder, or `file://`, `s3://bucket/prefix`, `gs://`, `az://`; clouds need the feature `aws`, `gcp` or `azure` of the build",
        "Where the content of files is, sealed by VAULT_KEYS_FILE or VAULT_KEYS; without keys `/api/vfs/` answers 503. Instances on one database must have the same storage. Unset: `files` in DATA_DIR.",
    ),
    setting(
        Part::Files,
        "VFS_STORAGE_OPTIONS",
        "",
        "`name=value`, separated by commas, such as `aws_region=eu-central-1`",
        "How a storage of VFS_STORAGE by URL is asked: names as the crate object_store has them.",
    ),
    setting(
        Part::Files,
        "VFS_MAX_FILE_SIZE",
        "100MB",
        "a number of bytes, or one with KB, MB or GB (powers of 1024)",
        "The largest file that is accepted, in place of MAX_UPLOAD_SIZE. It goes to the storage as it comes, and is never in memory.",
    ),
    setting(
        Part::Files,
        "VFS_SWEEP_AFTER_MS",
        "86400000",
        "1000 to 31536000000",
        "How long content that is no file (an upload that was cut, what was replaced or removed) stays in the storage: longer than any upload or download takes.",
    ),
];
