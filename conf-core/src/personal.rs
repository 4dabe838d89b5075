//! What belongs to a person and can be taken out again: present or erased.
//!
//! Names, outside ids and free text sit in events as [`Personal`]. A store
//! takes them out with [`Event::visit_personal`](crate::Event::visit_personal),
//! seals them under a random key per participant and meeting, and puts back
//! what it can still open. Erasing a person is destroying that key: the event
//! still replays, its personal fields are [`Personal::Erased`].

use std::fmt;

/// A value that names or quotes a person. Its `Debug` never shows the value.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Personal<T> {
    /// The value is here.
    Present(T),
    /// The value was removed, or is sealed elsewhere.
    Erased,
}

impl<T> Personal<T> {
    /// The value, unless erased.
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Erased => None,
        }
    }

    /// Whether the value is gone.
    pub const fn is_erased(&self) -> bool {
        matches!(self, Self::Erased)
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::Present(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present(_) => "Personal(…)",
            Self::Erased => "Personal(erased)",
        })
    }
}

/// One personal field of an event or a state, as a store sees it: text that
/// can be taken out and put back.
pub trait PersonalField {
    /// Takes the text out, leaving the field erased; `None` if it was already.
    fn take(&mut self) -> Option<String>;

    /// Puts a text back that [`take`](Self::take) gave.
    ///
    /// A text that could not have come from this field leaves it erased.
    fn restore(&mut self, text: String);
}

impl<T> PersonalField for Personal<T>
where
    T: TryFrom<String> + Into<String>,
{
    fn take(&mut self) -> Option<String> {
        match std::mem::replace(self, Self::Erased) {
            Self::Present(value) => Some(value.into()),
            Self::Erased => None,
        }
    }

    fn restore(&mut self, text: String) {
        *self = T::try_from(text).map_or(Self::Erased, Self::Present);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::DisplayName;

    #[test]
    fn a_name_is_taken_out_and_put_back_and_never_printed() {
        let mut name = Personal::from(DisplayName::new("Ann").expect("a valid name"));
        assert_eq!(format!("{name:?}"), "Personal(…)");
        let text = name.take().expect("it is there");
        assert!(name.is_erased());
        assert_eq!(name.take(), None);
        name.restore(text);
        assert_eq!(name.as_ref().map(DisplayName::as_str), Some("Ann"));
        name.restore("not a name: ".to_owned() + &"x".repeat(64));
        assert!(name.is_erased(), "a text that cannot be its own leaves it erased");
    }
}
