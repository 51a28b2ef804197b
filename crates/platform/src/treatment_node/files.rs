//! 9101, 9102: files of institutions. Each belongs to the institution that brought it, or for which it was made, and is
//! removed when its time is over.

use super::TreatmentOffice;
use super::desk::{Desk, Outcome, Trouble};
use crate::doors::{Store, StoreError};
use crate::protocol::answer::Answer;
use crate::protocol::files::{Download, FILES_TOGETHER_BYTES, Upload, uploaded};
use crate::protocol::normalise::Input;
use crate::records::KeptFile;
use crate::refusal::{Code, Refusal};
use crate::store::files;
use insurance::calendar::Instant;
use insurance::identity::InstitutionCode;

/// How long the office waits before it looks again for files that have expired (ms).
const SWEEP_MS: i64 = 60_000;
/// One day in milliseconds.
const DAY_MS: i64 = 86_400_000;
/// What is written down as the answer where the answer is a file.
const ANSWERED: &str = "file ";

/// The text that stands for a file among the answers.
pub(super) fn answered(file: &KeptFile) -> String {
    format!("{ANSWERED}{}", file.number)
}

/// The number of the file that was the answer, where it was one.
pub(super) fn number_answered(answer: &str) -> Option<&str> {
    answer.strip_prefix(ANSWERED)
}

/// A file of this institution that has not expired.
pub(super) fn own_file(
    store: &mut dyn Store,
    institution: &InstitutionCode,
    number: &str,
    now: Instant,
) -> Result<KeptFile, Trouble> {
    let found = files::file_find(store, institution, number, now)?;
    Ok(found.ok_or_else(|| Refusal::new(Code::FileUnknown).with("found", number))?)
}

impl TreatmentOffice {
    /// 9101
    pub(super) fn take_file(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Upload = input.one("fsUploadIn")?;
        same_institution(desk, asked.fixmedins_code.as_deref())?;
        let content = desk.file.unwrap_or_default().to_vec();
        let name = asked.filename.unwrap_or_else(|| "upload".to_owned());
        let file = self.keep_file(desk, name, content)?;
        Ok(Outcome::Answer(Answer::success(&desk.key.infno, uploaded(&file))))
    }

    /// 9102
    pub(super) fn give_file(&self, desk: &mut Desk<'_>, input: &Input) -> Result<Outcome, Trouble> {
        let asked: Download = input.one("fsDownloadIn")?;
        same_institution(desk, asked.fixmedins_code.as_deref())?;
        let institution = &desk.institution.code;
        Ok(Outcome::File(own_file(desk.store, institution, &asked.file_qury_no, desk.now)?))
    }

    /// Keeps a file for the institution that stands at the desk.
    pub(super) fn keep_file(
        &self,
        desk: &mut Desk<'_>,
        name: String,
        content: Vec<u8>,
    ) -> Result<KeptFile, Trouble> {
        let institution = desk.institution.code.clone();
        let kept = files::file_bytes_kept(desk.store, &institution, desk.now)?;
        let together = usize::try_from(kept).unwrap_or(usize::MAX).saturating_add(content.len());
        if together > FILES_TOGETHER_BYTES {
            return Err(Refusal::new(Code::FilesTooMany).with("limit", FILES_TOGETHER_BYTES).into());
        }
        let file = KeptFile {
            number: self.file_number(desk.store, desk.now)?,
            institution,
            name,
            made_by: desk.key.infno.clone(),
            kept: desk.now,
            expires: desk.now.plus_ms(self.settings.file_keep_days.saturating_mul(DAY_MS)),
            content,
        };
        files::file_add(desk.store, &file)?;
        Ok(file)
    }

    /// Removes what has expired, now and then.
    pub(super) fn sweep_files(&mut self, store: &mut dyn Store, now: Instant) -> Result<(), StoreError> {
        if now.0 - self.swept.0 < SWEEP_MS && now >= self.swept {
            return Ok(());
        }
        self.swept = now;
        files::files_expire(store, now).map(drop)
    }
}

/// Refuses another code than that of the envelope.
fn same_institution(desk: &Desk<'_>, told: Option<&str>) -> Result<(), Refusal> {
    let own = desk.institution.code.as_str();
    match told.filter(|told| *told != own) {
        Some(found) => Err(Refusal::new(Code::FileOfAnother).with("found", found).with("expected", own)),
        None => Ok(()),
    }
}
