//! Writing the files that are made from code and kept in the repository.

use std::path::Path;

use anyhow::Result;

use crate::run::run_in;

/// Writes TypeScript messages and the permission table anew. The tests that
/// compare them write instead when `CONF_WRITE` is set.
pub(crate) fn generate() -> Result<()> {
    let write = [("CONF_WRITE", "1")];
    let here = Path::new(".");
    run_in(
        here,
        "cargo",
        &["test", "--quiet", "-p", "conf-proto", "--features", "typescript", "typescript"],
        &write,
    )?;
    run_in(here, "cargo", &["test", "--quiet", "-p", "conf-core", "--test", "permissions"], &write)
}
