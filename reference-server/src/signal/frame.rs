//! What a client's text frame says, or why it says nothing.

use conf_proto::{ClientBody, ClientMessage, Problem};
use serde::Deserialize;

/// Largest frame other than `hello`, `offer` and `write_minutes`, in bytes: a chat message of
/// 2000 characters, each escaped as `\uXXXX` twice, is 24 kB on paper and under
/// 10 kB from any real client.
pub(crate) const MAX_SMALL_FRAME: usize = 16 * 1024;

/// Malformed frames after which a session is closed: a confused client learns
/// what it does wrong, a hostile one does not get to try for ever.
pub(crate) const MAX_MALFORMED: u32 = 10;

/// A frame that is not a message.
pub(crate) struct Malformed {
    /// The number it would have been answered under, 0 if unreadable.
    pub(crate) re: u32,
    /// What was found and what was expected.
    pub(crate) problem: Problem,
    /// Whether no client of good will sends such a thing: the session ends.
    pub(crate) hostile: bool,
}

/// Reads a text frame.
///
/// # Errors
/// When it is not JSON, not a message of this protocol, or too long for its kind.
pub(crate) fn read(text: &str) -> Result<ClientMessage, Malformed> {
    let message: ClientMessage = serde_json::from_str(text).map_err(|error| Malformed {
        re: number(text),
        problem: Problem::new("malformed", error_text(&error)),
        hostile: text.len() > MAX_SMALL_FRAME,
    })?;
    let large = matches!(
        message.body,
        ClientBody::Hello { .. } | ClientBody::Offer { .. } | ClientBody::WriteMinutes { .. }
    );
    if !large && text.len() > MAX_SMALL_FRAME {
        let detail = format!(
            "`{}` frame has {} bytes, at most {MAX_SMALL_FRAME} are allowed",
            message.body.kind(),
            text.len()
        );
        let problem = Problem::new("malformed", detail).with("max", MAX_SMALL_FRAME);
        return Err(Malformed { re: message.id, problem, hostile: true });
    }
    Ok(message)
}

/// The number a frame would be answered under, whatever else it says; 0 if unreadable.
pub(crate) fn number(text: &str) -> u32 {
    #[derive(Deserialize)]
    struct Numbered {
        id: u32,
    }
    if text.len() > MAX_SMALL_FRAME {
        // Not worth the reading.
        return 0;
    }
    serde_json::from_str::<Numbered>(text).map_or(0, |numbered| numbered.id)
}

/// The parser's words, which name what was expected, cut to a bounded length
/// because they quote what was found.
fn error_text(error: &serde_json::Error) -> String {
    const MAX_CHARS: usize = 300;
    error.to_string().chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_message_is_answered_under_its_number_and_names_what_was_expected() {
        let malformed = read(r#"{"id":7,"type":"dance"}"#).expect_err("no such message");
        assert_eq!(malformed.re, 7);
        assert_eq!(malformed.problem.code, "malformed");
        assert!(malformed.problem.detail.contains("dance"), "{}", malformed.problem.detail);
        assert!(malformed.problem.detail.contains("raise_hand"), "{}", malformed.problem.detail);
    }

    #[test]
    fn a_frame_that_is_not_json_is_answered_under_zero() {
        assert_eq!(read("hello?").expect_err("not JSON").re, 0);
        assert_eq!(read(r#"{"id":"seven","type":"ping"}"#).expect_err("no number").re, 0);
    }

    #[test]
    fn only_offers_and_minutes_may_be_large() {
        let text = "x".repeat(MAX_SMALL_FRAME);
        let chat = format!(r#"{{"id":3,"type":"chat","text":"{text}"}}"#);
        let malformed = read(&chat).expect_err("too long");
        assert!(malformed.re == 3 && malformed.hostile);
        let offer = format!(
            r#"{{"id":4,"type":"offer","offer":{{"number":1,"fresh":true,"sdp":"{text}","sources":{{}}}}}}"#
        );
        assert!(read(&offer).is_ok());
        let minutes = format!(r#"{{"id":5,"type":"write_minutes","text":"{text}","over":0}}"#);
        assert!(read(&minutes).is_ok());
    }
}
