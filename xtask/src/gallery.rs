//! The pictures in `docs/gallery`: every screen in both languages, narrow and wide.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::run::{run_in, workspace_root};
use crate::{install, web};

/// Takes all pictures anew; the same story checks them without keeping any in every test run.
pub(crate) fn gallery() -> Result<()> {
    web::packages()?;
    install::browsers()?;
    let folder = workspace_root().join("docs/gallery");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("docs/gallery cannot be emptied")?;
    }
    let kept = folder.display().to_string();
    let stories = ["run", "e2e", "--", "gallery.spec"];
    run_in(Path::new(web::FOLDER), "npm", &stories, &[("CONF_GALLERY", &kept)])
}
