//! What may be handed on: the types there are, told by a file's ending and by how it begins.

use std::collections::BTreeSet;

/// Types that are allowed or not together. A closed set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum FileGroup {
    /// Written, calculated and shown: PDF and what office programs write, without macros.
    Documents,
    /// Still pictures.
    Images,
    /// Sound.
    Audio,
    /// Moving pictures.
    Video,
    /// Plain text.
    Text,
    /// Files of files: what is in them nobody has looked at.
    Archives,
}

impl FileGroup {
    /// Every group, in the order they are listed everywhere.
    pub const ALL: [Self; 6] =
        [Self::Documents, Self::Images, Self::Audio, Self::Video, Self::Text, Self::Archives];

    /// The group as it is written in settings and on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Images => "images",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Text => "text",
            Self::Archives => "archives",
        }
    }
}

/// A type of file. A closed set: what is not in it is not handed on, so there are no
/// programs, no scripts and nothing a browser would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[allow(missing_docs, reason = "each is called what its files end in")]
pub enum FileKind {
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Odt,
    Ods,
    Odp,
    Rtf,
    Png,
    Jpeg,
    Gif,
    Webp,
    Heic,
    Mp3,
    M4a,
    Ogg,
    Wav,
    Flac,
    Mp4,
    Mov,
    Webm,
    Txt,
    Md,
    Csv,
    Zip,
    SevenZip,
    Gzip,
    Tar,
}

/// How many bytes of a file tell how it begins, if it has as many.
pub const START_BYTES: usize = 512;

/// How files of a type begin.
#[derive(Debug, Clone, Copy)]
enum Begins {
    /// One of these: each is bytes and where they stand.
    With(&'static [&'static [(usize, &'static [u8])]]),
    /// As text does.
    AsText,
}

struct Row {
    kind: FileKind,
    group: FileGroup,
    media_type: &'static str,
    endings: &'static [&'static str],
    begins: Begins,
}

impl FileKind {
    /// The type of a file by the ending of its name, which is what opens it later. `None` for
    /// what is not handed on, and for a name that is a path.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        if name.contains(['/', '\\', ':']) {
            return None;
        }
        let (stem, ending) = name.rsplit_once('.')?;
        let ending = ending.to_ascii_lowercase();
        let row = TABLE.iter().find(|row| row.endings.contains(&ending.as_str()))?;
        (!stem.is_empty()).then_some(row.kind)
    }

    /// What it is allowed with.
    #[must_use]
    pub fn group(self) -> FileGroup {
        self.row().group
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        self.row().media_type
    }

    /// Whether a file that begins with `start` may be of this type. `start` is its first
    /// [`START_BYTES`], or all of a shorter one.
    #[must_use]
    pub fn begins_with(self, start: &[u8]) -> bool {
        match self.row().begins {
            Begins::With(ways) => ways.iter().any(|marks| {
                marks.iter().all(|(at, mark)| start.get(*at..at + mark.len()) == Some(*mark))
            }),
            Begins::AsText => {
                let wide = start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]);
                wide || !start.contains(&0)
            }
        }
    }

    /// The endings of names in these groups, without the dot.
    pub fn endings(groups: &BTreeSet<FileGroup>) -> impl Iterator<Item = &'static str> {
        let rows = TABLE.iter().filter(|row| groups.contains(&row.group));
        rows.flat_map(|row| row.endings.iter().copied())
    }

    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }
}

const fn row(
    kind: FileKind,
    group: FileGroup,
    media_type: &'static str,
    endings: &'static [&'static str],
    begins: Begins,
) -> Row {
    Row { kind, group, media_type, endings, begins }
}

/// Office files of today are archives; which ones, only their insides tell.
const ZIPPED: Begins = Begins::With(&[&[(0, b"PK\x03\x04")]]);
/// ISO base media (ISO 14496-12, section 4.3).
const BOXED: Begins = Begins::With(&[&[(4, b"ftyp")]]);

/// Every type once, in the order declared.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    row(FileKind::Pdf, FileGroup::Documents, "application/pdf", &["pdf"], Begins::With(&[&[(0, b"%PDF-")]])),
    row(FileKind::Docx, FileGroup::Documents, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], ZIPPED),
    row(FileKind::Xlsx, FileGroup::Documents, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], ZIPPED),
    row(FileKind::Pptx, FileGroup::Documents, "application/vnd.openxmlformats-officedocument.presentationml.presentation", &["pptx"], ZIPPED),
    row(FileKind::Odt, FileGroup::Documents, "application/vnd.oasis.opendocument.text", &["odt"], ZIPPED),
    row(FileKind::Ods, FileGroup::Documents, "application/vnd.oasis.opendocument.spreadsheet", &["ods"], ZIPPED),
    row(FileKind::Odp, FileGroup::Documents, "application/vnd.oasis.opendocument.presentation", &["odp"], ZIPPED),
    row(FileKind::Rtf, FileGroup::Documents, "application/rtf", &["rtf"], Begins::With(&[&[(0, b"{\\rtf")]])),
    row(FileKind::Png, FileGroup::Images, "image/png", &["png"], Begins::With(&[&[(0, b"\x89PNG\r\n\x1a\n")]])),
    row(FileKind::Jpeg, FileGroup::Images, "image/jpeg", &["jpg", "jpeg"], Begins::With(&[&[(0, b"\xff\xd8\xff")]])),
    row(FileKind::Gif, FileGroup::Images, "image/gif", &["gif"], Begins::With(&[&[(0, b"GIF87a")], &[(0, b"GIF89a")]])),
    row(FileKind::Webp, FileGroup::Images, "image/webp", &["webp"], Begins::With(&[&[(0, b"RIFF"), (8, b"WEBP")]])),
    row(FileKind::Heic, FileGroup::Images, "image/heic", &["heic"], BOXED),
    row(FileKind::Mp3, FileGroup::Audio, "audio/mpeg", &["mp3"], Begins::With(&[&[(0, b"ID3")], &[(0, b"\xff\xfb")], &[(0, b"\xff\xfa")], &[(0, b"\xff\xf3")], &[(0, b"\xff\xf2")]])),
    row(FileKind::M4a, FileGroup::Audio, "audio/mp4", &["m4a"], BOXED),
    row(FileKind::Ogg, FileGroup::Audio, "audio/ogg", &["ogg", "oga", "opus"], Begins::With(&[&[(0, b"OggS")]])),
    row(FileKind::Wav, FileGroup::Audio, "audio/wav", &["wav"], Begins::With(&[&[(0, b"RIFF"), (8, b"WAVE")]])),
    row(FileKind::Flac, FileGroup::Audio, "audio/flac", &["flac"], Begins::With(&[&[(0, b"fLaC")]])),
    row(FileKind::Mp4, FileGroup::Video, "video/mp4", &["mp4", "m4v"], BOXED),
    row(FileKind::Mov, FileGroup::Video, "video/quicktime", &["mov"], Begins::With(&[&[(4, b"ftyp")], &[(4, b"moov")], &[(4, b"mdat")], &[(4, b"wide")]])),
    row(FileKind::Webm, FileGroup::Video, "video/webm", &["webm"], Begins::With(&[&[(0, b"\x1a\x45\xdf\xa3")]])),
    row(FileKind::Txt, FileGroup::Text, "text/plain", &["txt"], Begins::AsText),
    row(FileKind::Md, FileGroup::Text, "text/markdown", &["md"], Begins::AsText),
    row(FileKind::Csv, FileGroup::Text, "text/csv", &["csv"], Begins::AsText),
    row(FileKind::Zip, FileGroup::Archives, "application/zip", &["zip"], Begins::With(&[&[(0, b"PK\x03\x04")], &[(0, b"PK\x05\x06")]])),
    row(FileKind::SevenZip, FileGroup::Archives, "application/x-7z-compressed", &["7z"], Begins::With(&[&[(0, b"7z\xbc\xaf\x27\x1c")]])),
    row(FileKind::Gzip, FileGroup::Archives, "application/gzip", &["gz", "tgz"], Begins::With(&[&[(0, b"\x1f\x8b")]])),
    row(FileKind::Tar, FileGroup::Archives, "application/x-tar", &["tar"], Begins::With(&[&[(257, b"ustar")]])),
];

// Each line stands where it is looked up.
const _: () = {
    let mut line = 0;
    while line < TABLE.len() {
        assert!(TABLE[line].kind as usize == line);
        line += 1;
    }
    assert!(TABLE.len() == FileKind::Tar as usize + 1);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_counts_and_paths_are_none() {
        assert_eq!(FileKind::of_name("Plan.PDF"), Some(FileKind::Pdf));
        assert_eq!(FileKind::of_name("a.exe.png"), Some(FileKind::Png));
        for name in [
            "run.exe",
            "a.png.exe",
            "page.html",
            "a.svg",
            "a.js",
            "a.sh",
            "a.bat",
            "pdf",
            ".pdf",
            "a.",
            "a.pdf.",
            "../a.pdf",
            "c:\\a.pdf",
            "a.docm",
            "a.pdf ",
        ] {
            assert_eq!(FileKind::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_file_begins_as_its_ending_says() {
        assert!(FileKind::Png.begins_with(b"\x89PNG\r\n\x1a\n and more"));
        assert!(!FileKind::Png.begins_with(b"MZ\x90\0"));
        assert!(!FileKind::Png.begins_with(b"\x89P"));
        assert!(FileKind::Webp.begins_with(b"RIFF\0\0\0\0WEBPVP8 "));
        assert!(!FileKind::Webp.begins_with(b"RIFF\0\0\0\0WAVEfmt "));
        assert!(FileKind::Txt.begins_with("Grüße".as_bytes()));
        assert!(!FileKind::Txt.begins_with(b"\x7fELF\x02\x01\x01\0"));
    }

    #[test]
    fn what_is_not_allowed_has_no_ending_in_the_list() {
        let groups = BTreeSet::from([FileGroup::Text]);
        assert_eq!(FileKind::endings(&groups).collect::<Vec<_>>(), ["txt", "md", "csv"]);
    }
}
