//! A file system of a few megabytes, to be filled up.
//!
//! Mounting needs root, as CI has; without it a test that wants one fails and says so.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Unmounted when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `size` as `mount` takes it.
    pub fn mount(at: &Path, size: &str) -> Self {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("{size},mode=0700"), "conf-small-disk"])
            .arg(at)
            .status()
            .expect("`mount` runs");
        assert!(mounted.success(), "a tmpfs cannot be mounted at {}: run as root", at.display());
        Self(at.to_owned())
    }

    /// Leaves not a byte.
    pub fn fill(&self) {
        let mut filler = self.filler();
        for block in [1 << 16, 1 << 12, 1 << 6, 1] {
            while filler.write_all(&vec![b'x'; block]).is_ok() {}
        }
    }

    /// Takes so many bytes.
    pub fn take(&self, bytes: usize) {
        self.filler().write_all(&vec![b'x'; bytes]).unwrap();
    }

    /// Leaves room for bytes, but not for another file.
    pub fn take_names(&self) {
        let folder = self.0.join("names");
        fs::create_dir(&folder).unwrap();
        let mut number = 0;
        while File::create(folder.join(number.to_string())).is_ok() {
            number += 1;
        }
    }

    pub fn free(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }

    fn filler(&self) -> File {
        File::create(self.0.join("filler")).unwrap()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the server may be a moment behind its kill.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
