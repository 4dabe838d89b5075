//! Who is measured, and the server process each is.

use std::io::{BufRead as _, BufReader};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use super::cores::{Core, on};
use crate::run::run;

/// One of those measured in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// `conf-server`.
    Ours,
    /// Sealed and sent, nothing else.
    Floor,
    /// The small SFU on `str0m`, with the library's estimator and pacer.
    Str0m,
    /// The same without these two.
    Str0mPlain,
    /// The small SFU on `webrtc`.
    Webrtc,
    /// A server that is not built here.
    Outside(&'static Outside),
}

/// A server somebody installed, behind a command that speaks WHIP and WHEP for it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Outside {
    name: String,
    command: Vec<String>,
}

impl Outside {
    /// Reads `NAME=COMMAND`; words of the command are parted by blanks.
    pub(crate) fn named(text: &str) -> Result<&'static Self> {
        let (name, command) = text.split_once('=').unwrap_or_default();
        let command: Vec<_> = command.split_whitespace().map(str::to_owned).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        ensure!(
            !name.is_empty() && name.chars().all(plain) && !command.is_empty(),
            "`{text}` is no NAME=COMMAND such as mediasoup='node server.mjs'"
        );
        // The few there are live as long as the run, so that a contender stays a plain value.
        Ok(Box::leak(Box::new(Self { name: name.to_owned(), command })))
    }
}

impl Contender {
    /// Those built here, in the order of the table's columns.
    pub(crate) const BUILT: [Self; 5] =
        [Self::Floor, Self::Ours, Self::Str0m, Self::Str0mPlain, Self::Webrtc];

    /// As it is called in the table and in file names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outside(outside) => &outside.name,
            Self::Ours => "conf-server",
            Self::Floor => "floor",
            Self::Str0m => "peer-str0m",
            Self::Str0mPlain => "peer-str0m-plain",
            Self::Webrtc => "peer-webrtc",
        }
    }
}

/// A server process, made and ended here.
pub(crate) struct Running {
    child: Child,
    /// Whose processor time is counted.
    counted: u32,
    url: String,
    /// Where media is to be sent from, if not from loopback: some servers do not listen there.
    local: Option<IpAddr>,
    data: Option<PathBuf>,
}

impl Running {
    /// Starts one on loopback with free ports and waits for its ready line.
    pub(crate) fn start(folder: &Path, contender: Contender, core: Option<Core>) -> Result<Self> {
        let mut data = None;
        let built = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let words = match contender {
            Contender::Outside(outside) => outside.command.clone(),
            Contender::Str0mPlain => {
                vec![built(Contender::Str0m.name()), "--no-estimation".to_owned()]
            }
            _ => vec![built(contender.name())],
        };
        let mut command = on(core, &words);
        if contender == Contender::Ours {
            let folder =
                std::env::temp_dir().join(format!("conf-compare-data-{}", std::process::id()));
            command.args(["serve", "--open-rooms", "--data-dir"]).arg(&folder);
            data = Some(folder);
            // One media thread, so that its cost is that of one core's work.
            command.args(["--media-threads", "1"]);
        }
        command.args(["--listen", "127.0.0.1:0", "--media-listen", "127.0.0.1:0"]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", words.join(" ")))?;
        // Ends with this value from here on, whatever happens.
        let mut running =
            Self { counted: child.id(), child, url: String::new(), local: None, data };
        let stdout = running.child.stdout.take().context("a server without stdout")?;
        let mut ready = String::new();
        let mut lines = BufReader::new(stdout);
        lines.read_line(&mut ready)?;
        let said = |key: &str| ready.split_whitespace().find_map(|word| word.strip_prefix(key));
        let Some(url) = said("http=") else {
            bail!("expected a line with http=URL, found `{}`", ready.trim());
        };
        running.url = url.to_owned();
        // What a command started may be the front of the process that does the media.
        if let Some(pid) = said("pid=") {
            running.counted = pid.parse().with_context(|| format!("`{pid}` is no process"))?;
        }
        let media = said("media=").and_then(|at| at.parse::<IpAddr>().ok());
        running.local = media.filter(|ip| !ip.is_loopback());
        // A server that says more must not wait for a reader; nobody needs what it says.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Ok(running)
    }

    /// The process whose processor time is counted.
    pub(crate) fn id(&self) -> u32 {
        self.counted
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The machine's own address media is sent from, if not loopback.
    pub(crate) fn local(&self) -> Option<IpAddr> {
        self.local
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, by its own id, so that it may close its files.
        let asked = run("kill", &[self.child.id().to_string()]);
        if asked.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        if let Some(data) = &self.data {
            let _ = std::fs::remove_dir_all(data);
            let _ = std::fs::remove_dir_all(data.with_extension("keys"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outside_server_has_a_name_and_a_command() {
        let outside = Outside::named("janus-1.1=node front.mjs --quiet").unwrap();
        assert_eq!(Contender::Outside(outside).name(), "janus-1.1");
        assert_eq!(outside.command, ["node", "front.mjs", "--quiet"]);
        for wrong in ["", "node", "=node", "a/b=node", "name= "] {
            assert!(Outside::named(wrong).is_err(), "{wrong}");
        }
    }
}
