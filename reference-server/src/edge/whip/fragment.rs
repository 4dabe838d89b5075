//! Fragments of a description that say where a peer is (RFC 8840, section 9).

/// The credentials a fragment names; `None` when it names none, or only half.
///
/// Candidates in it are passed over: this side checks none, it answers what comes.
pub(super) fn credentials(fragment: &str) -> Option<(String, String)> {
    let find = |key: &str| {
        let mut values = fragment.lines().filter_map(|line| line.trim_end().strip_prefix(key));
        values.next().map(|value| value.trim().to_owned())
    };
    Some((find("a=ice-ufrag:")?, find("a=ice-pwd:")?))
}

/// Whether a text could be a fragment at all: attributes and m-lines, one a line.
pub(super) fn is_one(fragment: &str) -> bool {
    let mut lines = fragment.lines().map(str::trim_end).filter(|line| !line.is_empty()).peekable();
    lines.peek().is_some() && lines.all(|line| line.starts_with("a=") || line.starts_with("m="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_names_credentials_or_not() {
        let full = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 X 0\r\n\
                    a=mid:0\r\na=end-of-candidates\r\n";
        assert!(is_one(full));
        let (ufrag, pwd) = credentials(full).expect("both");
        assert_eq!((ufrag.as_str(), pwd.len()), ("EsAw", 24));
        assert_eq!(credentials("a=ice-ufrag:EsAw\r\n"), None);
        for other in ["", "\r\n", "hello", "{}", "a=x\nv=0\n"] {
            assert!(!is_one(other), "{other:?}");
        }
    }
}
