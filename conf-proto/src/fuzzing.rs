//! Bodies of the fuzz targets: ordinary functions, run over the stored corpus by the normal suite.

use crate::client::ClientMessage;
use crate::convert::meaning;
use crate::server::ServerMessage;

/// Any bytes as a client's frame: read or refused, never a panic; what is read can be written and read again.
pub fn client_frame(data: &[u8]) {
    let Ok(message) = serde_json::from_slice::<ClientMessage>(data) else { return };
    let written = serde_json::to_vec(&message).expect("what was read can be written");
    let again: ClientMessage = serde_json::from_slice(&written).expect("what was written is read");
    assert_eq!(message, again);
    let _ = meaning(message.body);
}

/// Any bytes as a server's frame, as a client would read it.
pub fn server_frame(data: &[u8]) {
    let Ok(message) = serde_json::from_slice::<ServerMessage>(data) else { return };
    let written = serde_json::to_vec(&message).expect("what was read can be written");
    let again: ServerMessage = serde_json::from_slice(&written).expect("what was written is read");
    assert!(message == again);
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Feeds every file of a folder, and every prefix and some flips of each, to `target`.
    fn run_over(folder: &Path, target: fn(&[u8])) {
        let mut fed = 0;
        for entry in fs::read_dir(folder).expect("the corpus is committed") {
            let path = entry.expect("a readable entry").path();
            let bytes = fs::read(&path).expect("a readable file");
            target(&bytes);
            (0..bytes.len()).for_each(|end| target(&bytes[..end]));
            for at in 0..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= 0x15;
                target(&flipped);
            }
            fed += 1;
        }
        assert!(fed > 0, "{} is empty", folder.display());
    }

    #[test]
    fn every_fixture_cut_and_flipped_is_read_or_refused() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        run_over(&fixtures, super::client_frame);
        run_over(&fixtures, super::server_frame);
    }
}
