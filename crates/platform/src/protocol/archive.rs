//! The text of an uploaded file, zipped or bare, and the zip around a text of ours. Nothing is ever unpacked to a disk,
//! and nothing is unpacked further than its limit.

use super::body;
use super::files::unreadable;
use crate::refusal::Refusal;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// How many entries a zip may have.
const ENTRIES: usize = 16;
/// How large the text may be, in bytes.
pub const TEXT_LARGEST_BYTES: u64 = 32 * 1024 * 1024;
/// How many times larger than its packed form a text may be: amounts and numbers pack to about a fifth.
const RATIO: u64 = 200;
/// Below this size the ratio says nothing.
const RATIO_FROM_BYTES: u64 = 1024 * 1024;

/// The text of a file: of the only `.txt` in a zip, or of the file itself. UTF-8, and GB18030 where it is not.
pub fn text_of(file: &[u8]) -> Result<String, Refusal> {
    let unpacked;
    let bytes = if file.starts_with(b"PK") {
        unpacked = unzipped(file)?;
        unpacked.as_slice()
    } else {
        file
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.len() as u64 > TEXT_LARGEST_BYTES {
        return Err(too_much());
    }
    let text = body::text(bytes)
        .map_err(|_| unreadable("文本既非UTF-8也非GB18030", "the text is neither UTF-8 nor GB18030"))?;
    Ok(text.into_owned())
}

fn too_much() -> Refusal {
    let limit = TEXT_LARGEST_BYTES / (1024 * 1024);
    unreadable(
        &format!("解压后的文本超过{limit}MiB,请按日期分成几个文件"),
        &format!("the text is larger than {limit} MiB: make several files, by day"),
    )
}

fn unzipped(file: &[u8]) -> Result<Vec<u8>, Refusal> {
    let broken = |why: zip::result::ZipError| {
        let why: String = why.to_string().chars().take(60).collect();
        unreadable(&format!("zip已损坏({why})"), &format!("the zip is broken: {why}"))
    };
    let mut archive = ZipArchive::new(Cursor::new(file)).map_err(broken)?;
    if archive.len() > ENTRIES {
        return Err(unreadable(
            &format!("zip中有{}个条目,最多{ENTRIES}个", archive.len()),
            &format!("the zip has {} entries, at most {ENTRIES}", archive.len()),
        ));
    }
    let mut texts = Vec::new();
    for place in 0..archive.len() {
        let entry = archive.by_index_raw(place).map_err(broken)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.enclosed_name().is_none() || name.contains('\\') || entry.is_symlink() {
            let name: String = name.chars().filter(|letter| !letter.is_control()).take(40).collect();
            return Err(unreadable(
                &format!("zip中的文件名“{name}”含路径,请只用文件名"),
                &format!("the entry \"{name}\" leads out of the zip: use plain file names"),
            ));
        }
        // What a Mac packs beside each file is no file of its own.
        if entry.is_file() && name.to_lowercase().ends_with(".txt") && !name.starts_with("__MACOSX/") {
            texts.push((place, entry.size(), entry.compressed_size(), entry.encrypted()));
        }
    }
    let [(place, size, packed, encrypted)] = texts[..] else {
        return Err(unreadable(
            &format!("zip中应恰有一个.txt文件,找到{}个", texts.len()),
            &format!("the zip must hold exactly one .txt; found {}", texts.len()),
        ));
    };
    if encrypted {
        return Err(unreadable("zip带密码,请去掉密码", "the zip has a password: pack it without one"));
    }
    let bomb = |size: u64| size > RATIO_FROM_BYTES && size / RATIO > packed.max(1);
    if size > TEXT_LARGEST_BYTES || bomb(size) {
        return Err(too_much());
    }
    let entry = archive.by_index(place).map_err(broken)?;
    let mut bytes = Vec::new();
    // The size that the zip tells is only told: what comes out is counted.
    entry.take(TEXT_LARGEST_BYTES + 1).read_to_end(&mut bytes).map_err(|why| broken(why.into()))?;
    if bytes.len() as u64 > TEXT_LARGEST_BYTES || bomb(bytes.len() as u64) {
        return Err(too_much());
    }
    Ok(bytes)
}

/// A zip with one file in it.
///
/// # Panics
/// Where memory cannot hold it: writing to memory fails in no other way.
pub fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, SimpleFileOptions::default()).expect("a plain name");
    writer.write_all(text.as_bytes()).expect("written to memory");
    writer.finish().expect("written to memory").into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            writer.start_file(*name, SimpleFileOptions::default()).expect("a name");
            writer.write_all(bytes).expect("written");
        }
        writer.finish().expect("written").into_inner()
    }

    #[test]
    fn a_text_is_read_zipped_or_bare_in_every_encoding() {
        let gb18030 = [0xD6, 0xD0, 0xCE, 0xC4];
        for (file, expected) in [
            (zipped("a.txt", "a\tb\n"), "a\tb\n"),
            (packed(&[("folder/A.TXT", b"a"), ("readme.md", b"x"), ("__MACOSX/a.txt", b"m")]), "a"),
            (b"\xef\xbb\xbfa\tb".to_vec(), "a\tb"),
            (packed(&[("a.txt", b"\xef\xbb\xbfa")]), "a"),
            (gb18030.to_vec(), "中文"),
            (packed(&[("a.txt", &gb18030)]), "中文"),
        ] {
            assert_eq!(text_of(&file).map_err(|refusal| refusal.text()), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn what_is_no_plain_zip_with_one_text_is_refused_with_the_reason() {
        let mut broken = zipped("a.txt", "some text that is long enough");
        broken.truncate(40);
        let mut spoiled = packed(&[("a.txt", &[7; 500])]);
        spoiled[40] ^= 0xff;
        let bomb = packed(&[("a.txt", &vec![b'0'; 8 * 1024 * 1024])]);
        let large = vec![b'0'; TEXT_LARGEST_BYTES as usize + 1];
        let names: Vec<String> = (0..17).map(|number| format!("{number}.md")).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        for (file, expected) in [
            (broken, "the zip is broken"),
            (spoiled, "the zip is broken"),
            (packed(&[("a.txt", b"a"), ("b.txt", b"b")]), "exactly one .txt; found 2"),
            (packed(&[("a.csv", b"a")]), "exactly one .txt; found 0"),
            (packed(&[("../a.txt", b"a")]), "leads out of the zip"),
            (packed(&[("..\\a.txt", b"a")]), "leads out of the zip"),
            (packed(&many), "17 entries"),
            (bomb, "larger than 32 MiB"),
            (large, "larger than 32 MiB"),
            (vec![0xff, 0xff, 0x00], "neither UTF-8 nor GB18030"),
        ] {
            let text = text_of(&file).expect_err("refused").text();
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }
}
