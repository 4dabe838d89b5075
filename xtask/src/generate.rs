//! Writing the files that are made from code and kept in the repository.

use std::path::Path;

use anyhow::Result;

use crate::run::{run, run_in};

/// Writes TypeScript messages and the permission table anew; their tests compare.
pub(crate) fn generate() -> Result<()> {
    let messages = ["run", "-p", "conf-proto", "--features", "typescript", "--example"];
    run("cargo", &[&messages[..], &["write_typescript"]].concat())?;
    let bless = [("CONF_BLESS", "1")];
    run_in(Path::new("."), "cargo", &["test", "-p", "conf-core", "--test", "permissions"], &bless)
}
